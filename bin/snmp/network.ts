import { type Modules, loadModules } from '../../collector/snmp/load-modules.ts'
import { ConfigError, readConfig } from '../../lib/config/load.ts'
import { type Config, configSchema } from '../../lib/config/schema.ts'
import { readKnownInventory } from '../known-inventory.ts'
import type { Inventory } from '../../lib/inventory.ts'

/** What the commands of `wardline snmp` know: what the collector would run with, read once. */
export type Network = {
  /** With the credentials of the modules' files. */
  readonly config: Config
  readonly modules: Modules
  readonly inventory: Inventory
}

/** Rejects with ConfigError, which holds every problem that was found. */
export async function loadNetwork(configPath: string): Promise<Network> {
  const source = await readConfig(configPath)
  const modules = await loadModules(source)
  const { inventory, problems } = await readKnownInventory(source, {
    snmpModules: modules.names,
    moduleCredentials: Object.keys(modules.credentials),
  })
  if (problems.length > 0) throw new ConfigError(problems)
  const credentials = { ...modules.credentials, ...source.config.credentials }
  return { config: { ...source.config, credentials }, modules, inventory }
}

/** The modules alone; the built-in ones where there is no configuration. */
export async function modulesOf(configPath: string | null): Promise<Modules> {
  if (configPath !== null) return loadModules(await readConfig(configPath))
  return loadModules({ file: '', line: () => undefined, config: configSchema.parse({}) })
}
