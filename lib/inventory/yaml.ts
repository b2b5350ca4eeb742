import { parseYaml } from '../config/yaml.ts'
import { type DeviceFile, findDevices } from './records.ts'

/** Devices of YAML: a list, or a list under `devices`. */
export function readYaml(file: string, text: string): DeviceFile {
  const source = parseYaml(file, text)
  if (source.problems.length > 0) return { file, records: [], problems: source.problems }
  const found = findDevices(source.value)
  if (!found.ok) {
    const problem = { file, line: source.line(found.path), message: found.message }
    return { file, records: [], problems: [problem] }
  }
  const records = found.devices.map((value, index) => ({
    value,
    line: (path: readonly PropertyKey[] = []) => source.line([...found.path, index, ...path]),
  }))
  return { file, records, problems: [] }
}
