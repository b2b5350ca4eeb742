import { type ConfigReading, ConfigError, type InventoryParts } from '../config/load.ts'
import { formatPath } from '../config/explain.ts'
import { readText } from '../config/text-file.ts'
import { findFiles } from './find.ts'
import { readDevices } from './formats.ts'
import { noDevices } from './notices.ts'
import { type ParsedInventory, parseInventory } from './parse.ts'
import type { InventorySettings } from './entry.ts'
import type { DeviceFile } from './records.ts'

export type ReadOptions = {
  /** The names that `snmp.modules` may use. */
  readonly snmpModules: readonly string[]
  /** Names of credentials that come with the modules' files, beside those of the configuration. */
  readonly moduleCredentials?: readonly string[]
  /** The credentials of the running process, where they may differ from the file's. */
  readonly runningCredentials?: readonly string[]
}

export type InventoryReading = ParsedInventory & {
  readonly files: readonly string[]
  /** By what the devices were filled in and checked; plain data. */
  readonly settings: InventorySettings
}

type Source = Pick<ConfigReading, 'file' | 'line'> & { readonly config: InventoryParts }

/** Reads and checks every device that a configuration names; its problems are in the answer. */
export async function readInventory(
  { config, file, line }: Source,
  { snmpModules, moduleCredentials = [], runningCredentials }: ReadOptions,
): Promise<InventoryReading> {
  const { files, findings } = await findFiles(config.inventory.files, file)
  const missing = findings.map(({ path, message }) => ({
    file,
    line: line(path),
    path: formatPath(path),
    message,
  }))
  const read = await Promise.all(files.map(readDeviceFile))
  const settings: InventorySettings = {
    defaults: config.defaults,
    profiles: config.profiles,
    credentials: [...new Set([...Object.keys(config.credentials), ...moduleCredentials])],
    ...(runningCredentials && { runningCredentials }),
    snmpModules,
    configFile: file,
  }
  const parsed = parseInventory([...read, inlineDevices({ config, file, line })], {
    ...settings,
    line,
  })
  const problems = [...missing, ...parsed.problems]
  const isEmpty = problems.length === 0 && parsed.inventory.size === 0
  const notices = isEmpty
    ? [noDevices({ configFile: file, line }), ...parsed.notices]
    : parsed.notices
  return { ...parsed, problems, notices, files, settings }
}

async function readDeviceFile(file: string): Promise<DeviceFile> {
  try {
    return readDevices(file, await readText(file))
  } catch (error) {
    if (error instanceof ConfigError) return { file, records: [], problems: error.problems }
    throw error
  }
}

/** The devices that stand in the configuration file itself. */
function inlineDevices({ config, file, line }: Source): DeviceFile {
  const records = config.inventory.devices.map((value, index) => ({
    value,
    line: (path: readonly PropertyKey[] = []) => line(['inventory', 'devices', index, ...path]),
  }))
  return { file, records, problems: [] }
}
