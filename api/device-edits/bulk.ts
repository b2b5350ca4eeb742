import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Finding, formatPath, show, type Validated } from '../../lib/config/explain.ts'
import { ConfigError } from '../../lib/config/problem.ts'
import { decodeText } from '../../lib/config/text-file.ts'
import { readCsv } from '../../lib/inventory/csv.ts'
import {
  type Operation,
  readChange,
  readCreate,
  readItem,
} from '../../lib/inventory/edits/operation.ts'
import { Problem } from '../problem.ts'
import type { ProblemItemJson } from './schemas.ts'

/** What a body asks for: the operations that can be meant, where each stands in it, and what is wrong with the others. */
export type Bulk = {
  readonly operations: readonly Operation[]
  /** Of each operation. */
  readonly places: readonly Place[]
  readonly problems: readonly ProblemItemJson[]
}

export type Place = { readonly index: number; readonly line: number | null }

const MOST_ITEMS = 10_000
/** So many are checked in one turn of the event loop. */
const AT_ONCE = 200

export const placeText = ({ index, line }: Place): string =>
  line === null ? `item ${index + 1}` : `line ${line}`

/** A JSON list of operations. */
export function readJsonBulk(body: unknown): Promise<Bulk> {
  if (!Array.isArray(body)) {
    const expected = 'expected a list such as [{"op": "delete", "id": "core-1"}]'
    throw new Problem(400, 'Bad body', `${expected}, got ${show(body)}`)
  }
  const items = body.map((value, index) => ({
    place: { index, line: null },
    device: idOf(value),
    read: () => readItem(value),
  }))
  return readItems(items, [])
}

/** Devices of a CSV: each is created, or changed where `isThere` says that there is one. */
export function readCsvBulk(bytes: Uint8Array, isThere: (id: string) => boolean): Promise<Bulk> {
  const { records, problems } = readCsv('.csv', textOf(bytes))
  const items = records.map(({ value, line }, index) => {
    const device = idOf(value)
    const read = (): Validated<Operation> =>
      device !== null && isThere(device) ? readChange(device, value) : readCreate(value)
    return { place: { index, line: line() ?? null }, device, read }
  })
  return readItems(
    items,
    problems.map(({ line, message }) => ({
      ...NOTHING_SAID,
      line: line ?? null,
      message,
    })),
  )
}

function textOf(bytes: Uint8Array): string {
  try {
    return decodeText('.csv', bytes)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const [problem] = error.problems
    const item = { ...NOTHING_SAID, line: problem?.line ?? null, message: problem?.message ?? '' }
    throw new Problem(400, 'Bad body', item.message, { problems: [item] }, { cause: error })
  }
}

type Item = {
  readonly place: Place
  readonly device: string | null
  readonly read: () => Validated<Operation>
}

async function readItems(
  items: readonly Item[],
  problems: readonly ProblemItemJson[],
): Promise<Bulk> {
  if (items.length > MOST_ITEMS) {
    const message = `expected at most ${MOST_ITEMS} devices at a time, got ${items.length}: send them in several parts`
    throw new Problem(400, 'Bad body', message)
  }
  const operations: Operation[] = []
  const places: Place[] = []
  const found = [...problems]
  for (const [count, { place, device, read }] of items.entries()) {
    if (count % AT_ONCE === AT_ONCE - 1) await nextTurn()
    const checked = read()
    if (checked.ok) {
      operations.push(checked.data)
      places.push(place)
    } else found.push(...itemsOf(checked.findings, place, device))
  }
  return { operations, places, problems: found }
}

const NOTHING_SAID = {
  index: null,
  line: null,
  device: null,
  field: null,
  reason: 'invalid',
  other: null,
} as const

export const itemsOf = (
  findings: readonly Finding[],
  { index, line }: Place,
  device: string | null,
): ProblemItemJson[] =>
  findings.map(({ path, message }) => {
    const field = path.length === 0 ? null : formatPath(path)
    return { ...NOTHING_SAID, index, line, device, field, message }
  })

function idOf(value: unknown): string | null {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : null
  return typeof id === 'string' || typeof id === 'number' ? String(id) : null
}
