import type { VictoriaMetrics } from '../../lib/victoriametrics.ts'
import { ROW_COLUMNS, eachRow } from './device-rows.ts'
import { type Change, withChange } from './flapping.ts'

/** What flaps now began to within this; states are written again every 5 minutes, so that each device has one before. */
const LOOK_BACK_MS = 3_600_000

/** The last changes of each device, from the states that were written before `at`. */
export async function readChanges(
  victoriaMetrics: VictoriaMetrics,
  at: number,
  signal: AbortSignal,
): Promise<Map<string, readonly Change[]>> {
  const range = { start: at - LOOK_BACK_MS, end: at }
  const csv = await victoriaMetrics.exportCsv('device_state_up', ROW_COLUMNS, range, { signal })
  const states = new Map<string, { at: number; value: number }[]>()
  eachRow(csv, (device, stamp, value) => {
    const row = { at: stamp, value }
    const known = states.get(device)
    if (known === undefined) states.set(device, [row])
    else known.push(row)
  })
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
