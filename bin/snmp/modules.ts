import type { Modules } from '../../collector/snmp/load-modules.ts'
import type { Metric, SnmpModule } from '../../collector/snmp/module.ts'
import { AUTO } from '../../collector/snmp/readings.ts'
import { exportSnmpYml } from '../../collector/snmp/snmp-yml/export.ts'
import { didYouMean } from '../../lib/config/nearest.ts'
import { formatDuration } from '../../lib/duration.ts'
import { StartError } from '../../lib/start-error.ts'
import type { Output } from '../output.ts'
import { alignedLines } from './table.ts'

export type ModulesOptions = {
  readonly filter?: string
  readonly json?: boolean
  /** As a snmp.yml, to be changed and brought back, or given to snmp_exporter. */
  readonly yml?: boolean
}

/** `wardline snmp modules [name]`: what devices may be polled for, or what one module reads. Gives the exit code. */
export function listModules(
  all: Modules,
  name: string | undefined,
  { filter = '', json = false, yml = false }: ModulesOptions,
  output: Output,
): number {
  const module = name === undefined ? undefined : all.modules.get(name)
  if (name !== undefined && module === undefined) throw unknown(name, all)
  const wanted = filter.toLowerCase()
  if (yml) output.print(exportSnmpYml(module === undefined ? [...all.modules.values()] : [module]))
  else if (module !== undefined) tellModule(module, all, wanted, json, output)
  else tellModules(all, wanted, json, output)
  return 0
}

function tellModules(all: Modules, wanted: string, json: boolean, output: Output): void {
  const found = [...all.modules.values()]
    .filter(({ name, metrics }) => [name, ...metrics.map((each) => each.name)].some(isWanted))
    .map((module) => ({
      name: module.name,
      metrics: module.metrics.length,
      texts: module.texts.length,
      source: sourceOf(module, all),
    }))
    .sort((a, b) => a.name.localeCompare(b.name))
  if (json) return output.print(JSON.stringify(found))
  const rows = found.map(({ name, metrics, source }) => [name, String(metrics), source])
  for (const line of alignedLines([['module', 'metrics', 'source'], ...rows], { right: [1] })) {
    output.print(line)
  }
  if (wanted === '') output.print(`${AUTO} stands for the built-in ones that suit the agent`)

  function isWanted(text: string): boolean {
    return text.toLowerCase().includes(wanted)
  }
}

function tellModule(
  module: SnmpModule,
  all: Modules,
  wanted: string,
  json: boolean,
  output: Output,
): void {
  const metrics = module.metrics.filter(({ name, oid, help = '' }) =>
    `${name} ${oid} ${help}`.toLowerCase().includes(wanted),
  )
  if (json) {
    return output.print(
      JSON.stringify({ ...module, metrics, source: sourceOf(module, all) }, (_key, value) =>
        value instanceof RegExp ? value.source : value,
      ),
    )
  }
  output.print(`${module.name}: ${sourceOf(module, all)}`)
  for (const line of settingLines(module)) output.print(line)
  output.print('')
  const rows = metrics.map((metric) => [
    metric.name,
    metric.type,
    metric.oid,
    labelNames(metric).join(', '),
    metric.help ?? '',
  ])
  const head = ['metric', 'type', 'OID', 'labels', 'help']
  for (const line of alignedLines([head, ...rows])) output.print(line)
}

function settingLines({ walk, get, texts, filters, settings }: SnmpModule): string[] {
  const { maxRepetitions, retries, timeoutMs, allowNonIncreasingOids, anySource } = settings
  return [
    ...list('walks', walk),
    ...list('gets', get),
    ...list(
      'labels of device_info',
      texts.map(({ name }) => name),
    ),
    ...list(
      'filters rows by',
      filters.map(({ oid }) => oid),
    ),
    ...(maxRepetitions === null ? [] : [`  max repetitions: ${maxRepetitions}`]),
    ...(retries === null ? [] : [`  retries: ${retries}`]),
    ...(timeoutMs === null ? [] : [`  timeout: ${formatDuration(timeoutMs)}`]),
    ...(allowNonIncreasingOids ? ['  allows OIDs that do not increase'] : []),
    ...(anySource ? ['  takes answers from any address'] : []),
  ]
}

const list = (what: string, values: readonly string[]): string[] =>
  values.length === 0 ? [] : [`  ${what}: ${values.join(' ')}`]

function labelNames({ indexes = [], lookups = [] }: Metric): string[] {
  const names = indexes.map(({ labelName }) => labelName)
  for (const { labels, labelName } of lookups) {
    if (labels.length > 0) names.push(labelName)
  }
  const removed = lookups.filter(({ labels }) => labels.length === 0)
  return [...new Set(names)].filter((name) => !removed.some(({ labelName }) => labelName === name))
}

const sourceOf = ({ name }: SnmpModule, { sources }: Modules): string =>
  sources.get(name) ?? 'built-in'

function unknown(name: string, { modules }: Modules): StartError {
  if (name === AUTO) {
    return new StartError(
      `${AUTO} is no module: it stands for those that suit an agent's sysObjectID`,
    )
  }
  const names = [...modules.keys()]
  return new StartError(
    `there is no module ${JSON.stringify(name)}${didYouMean(name, names)}; there are: ${names.join(', ')}`,
  )
}
