import type { Labels } from '../../lib/labels.ts'
import { type PduLimits, createPduLimits } from './client.ts'

/** What polls of one device learn for the next one. Losing it costs a few packets, never a wrong value. */
export type DeviceMemory = {
  /** The name of the credential that the agent answered to last. */
  credential: string | null
  /** How the last poll went; null before the first one. */
  outcome: 'up' | 'failed' | null
  readonly limits: PduLimits
  /** By the table's name. */
  readonly tables: Map<string, TableMemory>
}

export type TableMemory = {
  /** The labels of each row, by index. The same texts keep their object: the encoder caches by it. */
  labels: ReadonlyMap<string, Labels> | null
  pollsSinceLabels: number
  /** The rows of the last whole poll. */
  indexes: string
  /** Some row has no 64-bit counters. */
  narrow: boolean
}

export const createMemory = (): DeviceMemory => ({
  credential: null,
  outcome: null,
  limits: createPduLimits(),
  tables: new Map(),
})

export function tableMemory(memory: DeviceMemory, table: string): TableMemory {
  let found = memory.tables.get(table)
  if (found === undefined) {
    found = { labels: null, pollsSinceLabels: 0, indexes: '', narrow: false }
    memory.tables.set(table, found)
  }
  return found
}
