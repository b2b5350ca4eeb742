import type { Kind } from '../../lib/decisions/change.ts'
import { StartError } from '../../lib/start-error.ts'
import type { Output } from '../output.ts'
import { alignedLines } from '../snmp/table.ts'
import type { Desk } from './desk.ts'
import { formatInstant, readDuration } from './when.ts'

export type ChangesOptions = {
  readonly limit?: string
  readonly since?: string
  readonly who?: string
  readonly json?: boolean
}

/** Prints the change log of one kind, the newest first. */
export async function listChanges(
  desk: Desk,
  kind: Kind,
  { limit, since, who, json }: ChangesOptions,
  output: Output,
): Promise<number> {
  const changes = await desk.edits.log({
    kind,
    who,
    limit: limit === undefined ? undefined : readLimit(limit),
    since: since === undefined ? undefined : desk.now - readDuration('--since', since),
  })
  if (json === true) {
    output.print(JSON.stringify(changes, null, 2))
    return 0
  }
  const rows = changes.map(({ at, who: by, what, id, before, after }) => [
    formatInstant(at),
    by,
    what,
    id,
    commentOf(after ?? before),
  ])
  for (const line of alignedLines([['when', 'who', 'what', 'id', 'comment'], ...rows]))
    output.print(line)
  return 0
}

function readLimit(text: string): number {
  const number = /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (number > 0) return number
  throw new StartError(`--limit: expected a whole number from 1, got ${JSON.stringify(text)}`)
}

function commentOf(value: unknown): string {
  const { comment } = (value ?? {}) as { comment?: unknown }
  return typeof comment === 'string' ? comment : ''
}
