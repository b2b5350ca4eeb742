import type { VictoriaMetrics } from '../../../lib/victoriametrics.ts'
import { type Delivery, fieldsOf, withSharedMessages } from '../../explain/csv.ts'
import type { Episode } from './episodes.ts'
import { selectorOf } from './selection.ts'

type Store = Pick<VictoriaMetrics, 'exportCsv'>

const ATTEMPT = 'wardline_notification_seconds'
const FIRST = 'wardline_outage_to_delivery_seconds'

// What may hold a comma or a quote comes last.
const COLUMNS = [
  '__timestamp__:unix_ms',
  '__value__',
  '__name__',
  'result',
  'reason',
  'alertname',
  'device',
  'receiver',
] as const

/** Who was told of an alert and device, oldest first. */
export type Deliveries = (alert: string, device: string) => readonly Delivery[]

/** How long after its end an episode's end is told, where a receiver is in trouble. */
const TOLD_AFTER_MS = 3_600_000
/** Further back nobody asks who was told of an alert that still fires. */
const MOST_BACK_MS = 31 * 86_400_000

/** Attempts to tell of these episodes, in one export. Rejects with VictoriaMetricsError. */
export async function askDeliveries(
  store: Store,
  episodes: readonly Episode[],
  to: number,
  options: { readonly signal: AbortSignal; readonly timeoutMs: number },
): Promise<Deliveries> {
  if (episodes.length === 0) return () => []
  const selection = {
    alert: episodes.map(({ labels: { alertname = '' } }) => alertname),
    device: episodes.map(({ labels: { device = '' } }) => device),
  }
  const first = episodes.reduce((least, { start }) => Math.min(least, start), to)
  const last = episodes.reduce((most, { end }) => Math.max(most, end ?? to), 0)
  const range = { start: Math.max(first, to - MOST_BACK_MS), end: last + TOLD_AFTER_MS }
  const match = `{__name__=~"${ATTEMPT}|${FIRST}",receiver!=""${selectorOf(selection)}}`
  return readDeliveries(await store.exportCsv(match, COLUMNS, range, options))
}

/** Rows of `COLUMNS`. */
export function readDeliveries(csv: string): Deliveries {
  const attempts = new Map<string, Delivery[]>()
  const firsts = new Map<string, Delivery[]>()
  for (const line of csv.split('\n')) {
    const fields = fieldsOf(line.trimEnd())
    if (fields.length !== COLUMNS.length) continue
    const [stamp, value, name, result = '', reason = '', alert = '', device, receiver = ''] = fields
    const delivery = { at: Number(stamp), seconds: Number(value), result, reason, alert, receiver }
    if (!Number.isFinite(delivery.at) || !Number.isFinite(delivery.seconds)) continue
    const lists = name === ATTEMPT ? attempts : firsts
    const key = keyOf(alert, device ?? '')
    const list = lists.get(key)
    if (list === undefined) lists.set(key, [delivery])
    else list.push(delivery)
  }
  return (alert, device) => {
    const key = keyOf(alert, device)
    return withSharedMessages(attempts.get(key) ?? [], firsts.get(key) ?? [])
  }
}

const keyOf = (alert: string, device: string): string => `${alert}\u0000${device}`
