import { readFileSync } from 'node:fs'
import { parseSnmpYml } from '../../../collector/snmp/snmp-yml/load.ts'
import { substitute } from '../../../lib/config/environment.ts'
import { contradictions } from '../../../lib/config/contradictions.ts'
import { validate } from '../../../lib/config/explain.ts'
import { ConfigError, type Problem, formatProblem } from '../../../lib/config/problem.ts'
import { configSchema, defaultsSchema } from '../../../lib/config/schema.ts'
import { isHidden } from '../../../lib/config/secrets.ts'
import { parseYaml } from '../../../lib/config/yaml.ts'
import { readDevices } from '../../../lib/inventory/formats.ts'
import { parseInventory } from '../../../lib/inventory/parse.ts'
import { mutatedText } from '../mutate.ts'
import { must, target } from '../target.ts'

const text = (path: string): string =>
  readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')

const SETTINGS = {
  defaults: defaultsSchema.parse({ ping: { interval: '10s' } }),
  profiles: {},
  credentials: ['red'],
  snmpModules: ['system', 'if_mib'],
  configFile: 'wardline.yaml',
}

const YAML = [
  text('examples/devices.yaml'),
  '- {id: a, address: 198.18.0.1, parents: [b], tags: [x, y], ping: {interval: 30s}}\n- {id: b, address: 198.18.0.2, snmp: false}\n',
  'defaults: &d\n  branch: Vake\ndevices:\n  - <<: *d\n    id: 007\n    address: router.example.com\n',
]
const JSON_TEXTS = [
  '[{"id": 7, "address": "198.18.0.1", "enabled": false, "snmp": {"modules": ["system"], "credentials": ["red"]}}]',
  '{"devices": [{"id": "a", "address": "2001:db8::1", "parents": ["a"]}]}',
]
const CSV = [
  text('examples/devices.csv'),
  '\ufeffid;address;name;parents\r\na;198.18.0.1;"Router ""A""";b|c\r\nb;198.18.0.2;;\r\nc;198.18.0.3;x;\r\n',
]

function devicesOf(file: string, given: string): boolean {
  const parsed = parseInventory([readDevices(file, given)], SETTINGS)
  tell(parsed.problems)
  tell(parsed.notices)
  return parsed.problems.length === 0 && parsed.inventory.size > 0
}

/** Whatever is wrong can be told, each in some words. */
function tell(problems: readonly Problem[]): void {
  for (const problem of problems)
    must(problem.message !== '' && formatProblem(problem) !== '', 'a message')
}

export const inventoryYaml = target({
  name: 'inventory-yaml',
  inputs: mutatedText(YAML),
  read: (given) => devicesOf('d.yaml', given),
})

export const inventoryJson = target({
  name: 'inventory-json',
  inputs: mutatedText(JSON_TEXTS),
  read: (given) => devicesOf('d.json', given),
})

export const inventoryCsv = target({
  name: 'inventory-csv',
  inputs: mutatedText(CSV),
  read: (given) => devicesOf('d.csv', given),
})

const CONFIGS = [
  'inventory: {files: [devices.yaml]}\ncollector: {listen: "[::1]:5002", canaries: []}\n',
  'receivers:\n  - {name: hook, webhook: {url: "http://127.0.0.1:9/x", secret: ${HOOK}}}\nroute: {receiver: hook, routes: [{matchers: [severity="critical"], receiver: hook}]}\n',
  'maintenance:\n  - {name: backup, matchers: [branch="Vake"], cron: "0 2 * * 0", duration: 2h, time_zone: Asia/Tbilisi}\n',
  'egress: {allow: [10.0.0.0/8, "*.example.com"], deny: [0.0.0.0/0]}\ncredentials: {red: {version: 2c, community: file:red.txt}}\nsnmp: {uplinks: [{name: isp, alias: "(?i)isp"}]}\n',
]

export const config = target({
  name: 'config',
  inputs: mutatedText([text('examples/wardline.yaml'), ...CONFIGS]),
  read(given) {
    const source = parseYaml('wardline.yaml', given)
    tell(source.problems)
    if (source.problems.length > 0) return false
    const raw = source.value ?? {}
    const { value, findings } = substitute(raw, { HOOK: 'a secret', HOME: '/nowhere' })
    const checked = validate(configSchema, value, { shown: raw, isHidden })
    const found = checked.ok ? contradictions(checked.data) : checked.findings
    for (const { path, message } of [...findings, ...found]) {
      must(message !== '', 'a message')
      source.line(path)
    }
    return checked.ok && found.length === 0
  },
})

const SNMP_YML = [
  text('test/fixtures/snmp/differences.yml'),
  text('test/fixtures/snmp/split.yml'),
  text('test/fixtures/snmp/snmp.yml').slice(0, 4_000),
]

export const snmpYml = target({
  name: 'snmp-yml',
  inputs: mutatedText(SNMP_YML),
  refusals: [ConfigError],
  read: (given) => parseSnmpYml(given, 'snmp.yml').modules.length > 0,
})
