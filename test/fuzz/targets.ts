import type { Target } from './target.ts'

type Load = () => Promise<Target>

const ping = () => import('./targets/ping.ts')
const snmp = () => import('./targets/snmp.ts')
const traps = () => import('./targets/traps.ts')
const inventory = () => import('./targets/inventory.ts')
const rules = () => import('./targets/rules.ts')
const decisions = () => import('./targets/decisions.ts')
const store = () => import('./targets/store.ts')
const spool = () => import('./targets/spool.ts')
const http = () => import('./targets/http.ts')

/** Every reader of what comes from outside, by name; loaded one at a time, each in its own thread. */
export const TARGETS: Readonly<Record<string, Load>> = {
  fping: async () => (await ping()).fping,
  traceroute: async () => (await ping()).hops,
  'snmp-response': async () => (await snmp()).response,
  'snmp-v3': async () => (await snmp()).v3,
  'snmp-value': async () => (await snmp()).value,
  traps: async () => (await traps()).traps,
  'inventory-yaml': async () => (await inventory()).inventoryYaml,
  'inventory-json': async () => (await inventory()).inventoryJson,
  'inventory-csv': async () => (await inventory()).inventoryCsv,
  config: async () => (await inventory()).config,
  'snmp-yml': async () => (await inventory()).snmpYml,
  'rule-yaml': async () => (await rules()).ruleYaml,
  'rule-test-yaml': async () => (await rules()).ruleTestYaml,
  'input-values': async () => (await rules()).inputValues,
  'series-text': async () => (await rules()).series,
  template: async () => (await rules()).template,
  duration: async () => (await rules()).durations,
  matchers: async () => (await decisions()).matchers,
  cron: async () => (await decisions()).cron,
  instant: async () => (await decisions()).instants,
  'time-interval': async () => (await decisions()).timeIntervals,
  'promql-vector': async () => (await store()).vector,
  'export-csv': async () => (await store()).pingSamples,
  'export-lines': async () => (await store()).exported,
  'victoriametrics-answer': async () => (await store()).answers,
  'spool-segment': async () => (await spool()).spool,
  'spool-body': async () => (await spool()).body,
  'notification-log': async () => (await store()).logEntry,
  'api-body': async () => (await http()).apiBody,
  'api-query': async () => (await http()).apiQuery,
  'alertmanager-body': async () => (await http()).alertmanagerBody,
  'oidc-claims': async () => (await http()).claims,
}

/** Rejects for a name that there is not. */
export async function targetNamed(name: string): Promise<Target> {
  const load = TARGETS[name]
  if (load === undefined) throw new Error(`no target ${name}`)
  return load()
}
