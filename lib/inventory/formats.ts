import { extname } from 'node:path'
import { readCsv } from './csv.ts'
import { readJson } from './json.ts'
import type { DeviceFile } from './records.ts'
import { readYaml } from './yaml.ts'

const READERS: Readonly<Record<string, (file: string, text: string) => DeviceFile>> = {
  '.yaml': readYaml,
  '.yml': readYaml,
  '.json': readJson,
  '.csv': readCsv,
}

/** Reads the devices of a YAML, JSON or CSV text; the file's extension says which. */
export function readDevices(file: string, text: string): DeviceFile {
  const read = READERS[extname(file).toLowerCase()]
  if (read !== undefined) return read(file, text.replace(/^\ufeff/, ''))
  const message = `expected a name that ends in ${Object.keys(READERS).join(', ')}`
  return { file, records: [], problems: [{ file, message }] }
}
