import type { Labels } from '../../lib/labels.ts'
import { type PduLimits, createPduLimits } from './protocol/client.ts'
import type { SnmpSession } from './protocol/session.ts'
import type { UpTime } from './up-time.ts'

/** What polls of one device learn for the next one. Losing it costs a few packets, never a wrong value. */
export type DeviceMemory = {
  /** To the agent that answered last, with the credential that it answered to. */
  session: { readonly credential: string; readonly open: SnmpSession } | null
  /** How the last poll went; null before the first one. */
  outcome: 'up' | 'failed' | null
  /** Polls in a row that failed. */
  failures: number
  /** Polls in a row to which no credential was answered. */
  silences: number
  /** How long the last poll took; null when nothing was answered, and before the first one. */
  seconds: number | null
  /** Until then its turns are left out: a device that stays silent is tried less often. Unix milliseconds. */
  restUntil: number
  /** Of the last poll that was answered. */
  upTime: UpTime | null
  /** For modules that are chosen by it; '' while it isn't known. */
  sysObjectId: string
  readonly limits: PduLimits
  /** By the module's name. */
  readonly sections: Map<string, SectionMemory>
}

export type SectionMemory = {
  /** Since the columns that name the rows were read; null: never. */
  pollsSinceLabels: number | null
  /** The first of a chain: tables are few, and a map for each module of each device takes more than what is in it. */
  tables: TableMemory | null
}

export type TableMemory = {
  readonly key: string
  readonly other: TableMemory | null
  /** The labels of each row of the last whole poll, by index. The same texts keep their object: the encoder caches by it. */
  labels: Map<string, Labels>
}

export const createMemory = (): DeviceMemory => ({
  session: null,
  outcome: null,
  failures: 0,
  silences: 0,
  seconds: null,
  restUntil: 0,
  upTime: null,
  sysObjectId: '',
  limits: createPduLimits(),
  sections: new Map(),
})

export function sectionMemory(memory: DeviceMemory, name: string): SectionMemory {
  let found = memory.sections.get(name)
  if (found === undefined) {
    memory.sections.set(name, (found = { pollsSinceLabels: null, tables: null }))
  }
  return found
}

export function tableMemory(memory: SectionMemory, key: string): TableMemory {
  for (let known = memory.tables; known !== null; known = known.other) {
    if (known.key === key) return known
  }
  return (memory.tables = { key, other: memory.tables, labels: new Map() })
}
