import { type WrittenFields, writeDevice, writeFields } from './fields.ts'
import { writeEdit } from './edit.ts'
import type { Operation } from './operation.ts'
import type { State } from './state.ts'
import type { AuditWhat, Write } from './store.ts'

/** Each key that differs, as it was and as it will be; a key that wasn't or won't be said is null. */
export type Changes = Readonly<Record<string, { before: unknown; after: unknown }>>

/** What becomes of one device. */
export type Planned = {
  /** Its place among the operations, from 0. */
  readonly index: number
  readonly op: Operation['op']
  readonly id: string
  readonly changes: Changes
}

/** Of a device that is there before and after. */
export function changesOf(before: State, after: State, id: string): Changes {
  const was = before.merged.inventory.get(id)
  const will = after.merged.inventory.get(id)
  if (was === undefined || will === undefined) return {}
  return differences(writeDevice(was), writeDevice(will))
}

function differences(was: WrittenFields, will: WrittenFields): Changes {
  const found: Record<string, { before: unknown; after: unknown }> = {}
  for (const key of new Set([...Object.keys(was), ...Object.keys(will)])) {
    const [one, other] = [was[key] ?? null, will[key] ?? null]
    if (JSON.stringify(one) === JSON.stringify(other)) continue
    if (!isSection(one) || !isSection(other)) found[key] = { before: one, after: other }
    else
      for (const [inner, change] of Object.entries(differences(one, other)))
        found[`${key}.${inner}`] = change
  }
  return found
}

const isSection = (value: unknown): value is WrittenFields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const AUDITED = {
  create: 'device created',
  change: 'device changed',
  delete: 'device deleted',
  restore: 'device restored',
} as const satisfies Record<Operation['op'], AuditWhat>

/** None where the API says the same of the device as before. */
export function writeOf(before: State, after: State, { op, id, changes }: Planned): Write[] {
  const edit = after.edits.get(id)
  if (edit === before.edits.get(id)) return []
  const pick = (side: 'before' | 'after') =>
    Object.fromEntries(Object.entries(changes).map(([key, change]) => [key, change[side]]))
  const whole = (state: State): WrittenFields | null => {
    const device = state.merged.inventory.get(id)
    return device === undefined ? null : writeDevice(device)
  }
  const created = edit === undefined ? null : { id, ...writeFields(edit.fields) }
  return [
    {
      id,
      after: edit === undefined ? null : writeEdit(edit),
      audit: {
        what: AUDITED[op],
        before: op === 'change' ? pick('before') : op === 'delete' ? whole(before) : null,
        after: op === 'change' ? pick('after') : op === 'create' ? created : null,
        ...(op === 'restore' && { after: whole(after) }),
      },
    },
  ]
}
