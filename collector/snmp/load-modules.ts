import { basename } from 'node:path'
import { formatPath, show } from '../../lib/config/explain.ts'
import { ConfigError, type ConfigReading } from '../../lib/config/load.ts'
import { didYouMean } from '../../lib/config/nearest.ts'
import type { Problem } from '../../lib/config/problem.ts'
import type { Config } from '../../lib/config/schema.ts'
import { readText } from '../../lib/config/text-file.ts'
import { findFiles } from '../../lib/inventory/find.ts'
import type { SnmpModule } from './module.ts'
import { BUILT_IN_MODULES } from './modules/index.ts'
import { AUTO } from './readings.ts'
import type { SnmpYml } from './snmp-yml/load.ts'

/** Every module that a device may be polled for. */
export type Modules = {
  /** By name; one of a file takes the place of the built-in one of the same name. */
  readonly modules: ReadonlyMap<string, SnmpModule>
  /** The files that modules came from, by the module's name; built-in ones have none. */
  readonly sources: ReadonlyMap<string, string>
  /** What `snmp.modules` may name. */
  readonly names: readonly string[]
  /** Those of the files; one of the configuration takes the place of another of the same name. */
  readonly credentials: Config['credentials']
  readonly problems: readonly Problem[]
}

type Source = Pick<ConfigReading, 'file' | 'line'> & {
  readonly config: {
    readonly snmp: Pick<Config['snmp'], 'module_files' | 'traps'>
    readonly credentials: Readonly<Record<string, unknown>>
  }
}

/** Reads the files of `snmp.module_files`; what is wrong in them is in the answer. */
export async function readModules({ file, line, config }: Source): Promise<Modules> {
  const key = ['snmp', 'module_files']
  const { files, findings } = await findFiles(config.snmp.module_files, file, key)
  const problems: Problem[] = findings.map(({ path, message }) => ({
    file,
    line: line(path),
    path: formatPath(path),
    message,
  }))
  const modules = new Map(BUILT_IN_MODULES)
  const sources = new Map<string, string>()
  const credentials: Config['credentials'] = {}
  for (const from of files) {
    const found = await readModuleFile(from, problems)
    for (const module of found?.modules ?? []) {
      const other = sources.get(module.name)
      if (other !== undefined || module.name === AUTO) {
        const message =
          other === undefined
            ? `${AUTO} stands for the modules that suit an agent: give this one another name`
            : `there is a module of this name in ${basename(other)} already: give one of them another name`
        problems.push({ file: from, path: `modules.${module.name}`, message })
        continue
      }
      modules.set(module.name, module)
      sources.set(module.name, from)
    }
    Object.assign(credentials, found?.credentials)
  }
  for (const [i, name] of config.snmp.traps.credentials.entries()) {
    if (name in config.credentials || name in credentials) continue
    const path = ['snmp', 'traps', 'credentials', i]
    const names = [...Object.keys(config.credentials), ...Object.keys(credentials)]
    const message = `no credentials have the name ${show(name)}${didYouMean(name, names)}`
    problems.push({ file, line: line(path), path: formatPath(path), message })
  }
  return {
    modules,
    sources,
    names: [...modules.keys(), AUTO],
    credentials,
    problems,
  }
}

/** As readModules; rejects with ConfigError when something is wrong. */
export async function loadModules(source: Source): Promise<Modules> {
  const modules = await readModules(source)
  if (modules.problems.length > 0) throw new ConfigError(modules.problems)
  return modules
}

async function readModuleFile(file: string, problems: Problem[]): Promise<SnmpYml | null> {
  // Costly to load (a library of regular expressions), and most installations have no such file.
  const { parseSnmpYml } = await import('./snmp-yml/load.ts')
  try {
    return parseSnmpYml(await readText(file), file)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    // Not by spreading: a file that is no snmp.yml may have more problems than a call has room for.
    for (const problem of error.problems) problems.push(problem)
    return null
  }
}
