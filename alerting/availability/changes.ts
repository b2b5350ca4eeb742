import type { VictoriaMetrics } from '../../lib/victoriametrics.ts'
import { type Change, withChange } from './flapping.ts'

/** What flaps now began to within this; states are written again every 5 minutes, so that each device has one before. */
const LOOK_BACK_MS = 3_600_000

// The device comes last: it is the one column that may hold a comma or a quote.
const COLUMNS = ['__timestamp__:unix_ms', '__value__', 'device'] as const

/** The last changes of each device, from the states that were written before `at`. */
export async function readChanges(
  victoriaMetrics: VictoriaMetrics,
  at: number,
  signal: AbortSignal,
): Promise<Map<string, readonly Change[]>> {
  const range = { start: at - LOOK_BACK_MS, end: at }
  const csv = await victoriaMetrics.exportCsv('device_state_up', COLUMNS, range, { signal })
  const states = new Map<string, { at: number; value: number }[]>()
  for (const line of csv.split('\n')) {
    const [stamp = '', value = '', ...rest] = line.split(',')
    const text = rest.join(',').trimEnd()
    if (text === '') continue
    const device = text.startsWith('"') ? (JSON.parse(text) as string) : text
    const row = { at: Number(stamp), value: Number(value) }
    const known = states.get(device)
    if (known === undefined) states.set(device, [row])
    else known.push(row)
  }
  return new Map([...states].map(([device, rows]) => [device, changesOf(rows)]))
}

/** A state that differs from the one before it. One after none, as that of a device that was switched off, is no change. */
function changesOf(rows: { at: number; value: number }[]): readonly Change[] {
  rows.sort((a, b) => a.at - b.at)
  let changes: readonly Change[] = []
  let before: number | undefined
  for (const { at, value } of rows) {
    if (value < 0) changes = []
    else if (before !== undefined && before >= 0 && value !== before)
      changes = withChange(changes, { at, up: value === 1 })
    before = value
  }
  return changes
}
