import type { Probe } from './confirmation.ts'

/** How one attempt to tell a receiver ended. `at` is Unix milliseconds. */
export type Delivery = {
  readonly at: number
  readonly receiver: string
  readonly alert: string
  readonly result: string
  readonly reason: string
  /** Of the attempt; null for a message about several devices. */
  readonly seconds: number | null
}

// What may hold a comma or a quote comes last.
export const PROBE_COLUMNS = ['__timestamp__:unix_ms', '__value__', '__name__', 'vantage'] as const
export const DELIVERY_COLUMNS = [
  '__timestamp__:unix_ms',
  '__value__',
  'result',
  'reason',
  'alertname',
  'receiver',
] as const

/** The probes in rows of `ping_up`, `ping_rtt_seconds` and `ping_loss_ratio`, oldest first, each once. */
export function readProbes(csv: string): Probe[] {
  type Draft = { -readonly [K in keyof Probe]: Probe[K] } & { isWhole: boolean }
  const drafts = new Map<string, Draft>()
  for (const [stamp = '', value = '', name, vantage = ''] of rows(csv, PROBE_COLUMNS.length)) {
    const key = `${stamp} ${vantage}`
    let draft = drafts.get(key)
    if (draft === undefined) {
      const at = Number(stamp)
      draft = { at, up: false, rttSeconds: null, lossRatio: null, vantage, isWhole: false }
      drafts.set(key, draft)
    }
    if (name === 'ping_up') Object.assign(draft, { up: Number(value) > 0, isWhole: true })
    if (name === 'ping_rtt_seconds') draft.rttSeconds = finite(value)
    if (name === 'ping_loss_ratio') draft.lossRatio = finite(value)
  }
  return (
    [...drafts.values()]
      .filter(({ isWhole, at }) => isWhole && Number.isFinite(at))
      // The last answer's time is no fact about a probe that got none.
      .map(({ at, up, rttSeconds, lossRatio, vantage }) => {
        return { at, up, rttSeconds: up ? rttSeconds : null, lossRatio, vantage }
      })
      .sort((one, other) => one.at - other.at)
  )
}

/** Oldest first. */
export function readDeliveries(csv: string): Delivery[] {
  return rows(csv, DELIVERY_COLUMNS.length)
    .map(([stamp, value, result = '', reason = '', alert = '', receiver = '']) => ({
      at: Number(stamp),
      receiver,
      alert,
      result,
      reason,
      seconds: Number(value),
    }))
    .filter(({ at, seconds }) => Number.isFinite(at) && Number.isFinite(seconds))
    .sort((one, other) => one.at - other.at)
}

/** Messages about several alerts name no device; that each of them was told for the first time is told by device. */
export function withSharedMessages(
  attempts: readonly Delivery[],
  firsts: readonly Delivery[],
): Delivery[] {
  const isKnown = (first: Delivery): boolean =>
    attempts.some(
      ({ receiver, alert, result, at }) =>
        result === 'accepted' &&
        receiver === first.receiver &&
        alert === first.alert &&
        Math.abs(at - first.at) < SAME_MESSAGE_MS,
    )
  const shared = firsts
    .filter((first) => !isKnown(first))
    .map((first) => ({ ...first, ...SHARED, seconds: null }))
  return [...attempts, ...shared].sort((one, other) => one.at - other.at)
}

const SAME_MESSAGE_MS = 2_000
const SHARED = { result: 'accepted', reason: 'first notification' } as const

const finite = (text: string): number | null =>
  text !== '' && Number.isFinite(Number(text)) ? Number(text) : null

/** The fields of each row. VictoriaMetrics quotes what holds a comma or a quote, and as JSON does. */
function rows(csv: string, columns: number): string[][] {
  return csv
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => fieldsOf(line.trimEnd()))
    .filter(({ length }) => length === columns)
}

/** Those of one line. */
export function fieldsOf(line: string): string[] {
  if (!line.includes('"')) return line.split(',')
  const fields = line.match(/(?<=^|,)("(?:[^"\\]|\\.)*"|[^,]*)/g) ?? []
  return fields.map((field) => (field.startsWith('"') ? (JSON.parse(field) as string) : field))
}
