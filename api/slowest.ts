import type { Device, Inventory } from '../lib/inventory.ts'
import { quoteLabelValue } from '../lib/labels.ts'
import type { Vector, VictoriaMetrics } from '../lib/victoriametrics.ts'
import type { Scope } from './auth/principal.ts'
import { orNull } from './device-json.ts'
import type { SlowPollJson } from './schemas.ts'
import { windowsOf } from './view/vectors.ts'

export type SlowestQuestion = {
  readonly limit: number
  /** Only of these; null: of all. */
  readonly branch: ReadonlySet<string> | null
  readonly region: ReadonlySet<string> | null
  /** Only of what this covers: the slowest of others would take the places of its own. */
  readonly scope?: Scope | null
}

export const MAX_SLOWEST = 1_000
const MEAN_WINDOW = '10m'
const TIMEOUT_MS = 10_000
/** What identifies a device on its series: see `identityLabels`. */
const ON_DEVICE = 'on (device, branch, region)'

/**
 * The devices whose last SNMP poll took longest, the slowest first. One that answered nothing at all is silent, not slow,
 * and is left out. One query, whatever the fleet's size; rejects with VictoriaMetricsError.
 */
export async function askSlowest(
  victoriaMetrics: Pick<VictoriaMetrics, 'query'>,
  inventory: Inventory,
  question: SlowestQuestion,
  at: number,
  signal: AbortSignal,
): Promise<SlowPollJson[]> {
  if (inventory.size === 0) return []
  const { snmpMs } = windowsOf(inventory, 0)
  const expr = slowestQuery(question, snmpMs)
  const vector = await victoriaMetrics.query(expr, { at, signal, timeoutMs: TIMEOUT_MS })
  return readSlowest(vector, inventory).slice(0, question.limit)
}

/**
 * The MetricsQL of it: the figures of the last poll under their names, the mean under none. Which of two equals `topk` takes is
 * another one each time that it is written: all that are as slow as the last place are asked for.
 */
export function slowestQuery(question: SlowestQuestion, windowMs: number): string {
  const { limit } = question
  const selections = selectionsOf(question)
  const of = (rollup: (matchers: string) => string) => selections.map(rollup).join(' or ')
  const last = (metric: string) =>
    of((matchers) => `last_over_time(${metric}{${matchers}}[${windowMs}ms])`)
  const answering = `(${last('snmp_errors')}) < ${ON_DEVICE} (${last('snmp_pdus')})`
  return `WITH (
    polls = (${last('snmp_poll_seconds')}) and ${ON_DEVICE} (${answering}),
    slowest = polls >= scalar(min(topk(${limit}, polls))),
  ) union(
    slowest,
    (${of((matchers) => `last_over_time({__name__=~"snmp_(pdus|errors)"${matchers && `,${matchers}`}}[${windowMs}ms])`)}) and ${ON_DEVICE} slowest,
    label_del((${of((matchers) => `avg_over_time(snmp_poll_seconds{${matchers}}[${MEAN_WINDOW}])`)}), "__name__") and ${ON_DEVICE} slowest
  )`
}

/** The matchers of what is asked for; a scope is regions or branches, so there may be two of them. */
function selectionsOf({ branch, region, scope = null }: SlowestQuestion): string[] {
  const asked = [...anyOf('branch', branch), ...anyOf('region', region)]
  if (scope === null) return [asked.join()]
  const { regions, branches } = scope
  const parts = [
    ...(regions.length > 0 ? anyOf('region', new Set(regions)) : []),
    ...(branches.length > 0 ? anyOf('branch', new Set(branches)) : []),
  ]
  return parts.map((part) => [...asked, part].join())
}

function anyOf(label: string, values: ReadonlySet<string> | null): string[] {
  if (values === null) return []
  return [`${label}=~${quoteLabelValue([...values].map(escapePattern).join('|'))}`]
}

/** `RegExp.escape` writes some characters in a way that RE2 doesn't read. */
const escapePattern = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')

/** The answer to `slowestQuery`: series of devices as the inventory has them now, in the order of their last poll, equals by id. */
export function readSlowest(vector: Vector, inventory: Inventory): SlowPollJson[] {
  const figures = new Map<Device, Map<string, number>>()
  for (const { labels, value } of vector) {
    const device = inventory.get(labels['device'] ?? '')
    if (device === undefined || !Number.isFinite(value)) continue
    // One that moved has series of its former branch for a while.
    if (device.branch !== (labels['branch'] ?? '') || device.region !== (labels['region'] ?? ''))
      continue
    const own = figures.get(device) ?? new Map<string, number>()
    figures.set(device, own.set(labels['__name__'] ?? 'mean', value))
  }
  return [...figures]
    .flatMap(([device, own]) => {
      const seconds = own.get('snmp_poll_seconds')
      return seconds === undefined ? [] : [rowOf(device, seconds, own)]
    })
    .sort((a, b) => b.poll_seconds - a.poll_seconds || collator.compare(a.device, b.device))
}

const collator = new Intl.Collator('en', { numeric: true })

const toMicroseconds = (seconds: number | undefined): number | null =>
  seconds === undefined ? null : Math.round(seconds * 1e6) / 1e6

function rowOf(
  device: Device,
  seconds: number,
  figures: ReadonlyMap<string, number>,
): SlowPollJson {
  return {
    device: device.id,
    name: device.name || device.id,
    address: device.address,
    branch: orNull(device.branch),
    region: orNull(device.region),
    poll_seconds: seconds,
    mean_seconds: toMicroseconds(figures.get('mean')),
    pdus: figures.get('snmp_pdus') ?? null,
    errors: figures.get('snmp_errors') ?? null,
    interval_seconds: device.snmp === null ? null : device.snmp.intervalMs / 1000,
  }
}
