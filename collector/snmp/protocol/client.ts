import type { Asking } from './asking.ts'
import { SnmpError, type SnmpReason } from './error.ts'
import {
  type PduLimits,
  bulkRefused,
  bulkUnanswered,
  getTooBig,
  getUnanswered,
  noteBulk,
  noteCalm,
  noteGet,
  startsWithBulk,
  walkTooBig,
} from './limits.ts'
import type { SnmpSession } from './session.ts'
import type { Varbind } from './varbind.ts'
import { type Rows, startWalk } from './walk.ts'

export { type PduLimits, createPduLimits } from './limits.ts'
export type { Rows } from './walk.ts'

/** Values and tables of one agent. Methods reject as the session's do. */
export type SnmpClient = {
  /** OIDs that the agent doesn't have, or whose value can't be read, are missing in the map. */
  get(oids: readonly string[]): Promise<Map<string, Varbind>>
  /** Adds the cells of columns to `rows`, side by side. What was read before a failure stays. */
  walkColumns(columns: readonly string[], rows: Rows, options?: WalkOptions): Promise<void>
}

export type WalkOptions = {
  /** Never asks for more rows at once. */
  readonly maxRepetitions?: number | null
  /** For agents that don't keep their rows in order. */
  readonly allowNonIncreasing?: boolean
}

/** Side by side in one request; more would leave too few rows of each. */
const MOST_COLUMNS = 12
/** Some agents leave rows out when they are asked for many. */
const MOST_REPETITIONS = 25
/** A walk past these doesn't end. A subtree of a big device has tens of thousands of "rows". */
const MOST_REQUESTS = 50_000
const MOST_ROWS = 100_000

/** `limits` are the device's: what is learned here serves its next poll. */
export function createClient(
  session: SnmpSession,
  { limits, asking }: { readonly limits: PduLimits; readonly asking: Asking },
): SnmpClient {
  const isV1 = session.target.credential.version === '1'

  async function get(oids: readonly string[]): Promise<Map<string, Varbind>> {
    const values = new Map<string, Varbind>()
    const { missing } = limits
    let rest = missing.size === 0 ? oids : oids.filter((oid) => !missing.has(oid))
    /** Fewer while it is looked for which one the agent lacks. */
    let most = Infinity
    while (rest.length > 0) {
      const { head, tail } = split(rest, Math.min(most, limits.getOids))
      const askedAt = performance.now()
      try {
        takeValues(values, head, await session.get(head, asking))
        noteGet(limits, head.length)
        rest = tail
      } catch (error) {
        if (isReason(error, 'no-such-name')) {
          // v1 refuses a whole GET for one OID that it doesn't have, and some agents don't say for which.
          const absent = head.length === 1 ? head[0] : error.oid
          if (absent === undefined || absent === null) {
            most = Math.ceil(head.length / 2)
            continue
          }
          most = Infinity
          if (isV1) missing.add(absent)
          rest = rest.filter((oid) => oid !== absent)
        } else if (isReason(error, 'too-big') && head.length > 1) getTooBig(limits, head.length)
        else if (!isReason(error, 'timeout') || isCutShort(askedAt)) throw error
        else if (!getUnanswered(limits, head.length)) throw error
      }
    }
    noteCalm(limits)
    return values
  }

  /**
   * The deadline came before the first wait was over: that says nothing about the question. A slow device would be
   * asked for less and less at once, and take longer and longer.
   */
  function isCutShort(askedAt: number): boolean {
    const now = performance.now()
    return now >= asking.deadlineAt - 1 && now - askedAt < asking.waitMs
  }

  /** A table takes as many round trips as it has rows ÷ repetitions. */
  async function walkColumns(
    columns: readonly string[],
    rows: Rows,
    { maxRepetitions, allowNonIncreasing = false }: WalkOptions = {},
  ): Promise<void> {
    const walk = startWalk(columns, rows, { allowNonIncreasing })
    const mostRepetitions = Math.min(MOST_REPETITIONS, maxRepetitions ?? MOST_REPETITIONS)
    const rowsBefore = rows.size
    let withBulk = !isV1 && startsWithBulk(limits)
    /** A GETBULK failed, and nothing was answered since. */
    let isBulkLost = false

    for (let requests = 0; ; requests++) {
      const oids = walk.next(Math.min(MOST_COLUMNS, limits.bindings))
      if (oids.length === 0) break
      if (requests >= MOST_REQUESTS || rows.size - rowsBefore > MOST_ROWS) {
        const read = rows.size - rowsBefore
        throw new SnmpError('protocol', `a table doesn't end: ${read} rows so far`)
      }
      const room = Math.floor(limits.bindings / oids.length)
      const repetitions = withBulk ? Math.max(1, Math.min(room, mostRepetitions)) : 1
      const askedAt = performance.now()
      try {
        if (withBulk) {
          walk.take(await session.getBulk(oids, repetitions, bulkAsking()))
          noteBulk(limits)
        } else {
          walk.take((await session.getNext(oids, asking)).map((cell) => [cell]))
          if (isBulkLost) bulkRefused(limits)
        }
        isBulkLost = false
      } catch (error) {
        if (isReason(error, 'timeout') && isCutShort(askedAt)) throw error
        if (!canGoOn(error, oids.length * repetitions)) throw error
      }
    }
    noteCalm(limits)

    /** An agent that refused GETBULK before most likely does so still. */
    function bulkAsking(): Asking {
      return limits.bulkRefusals > 0 ? { ...asking, tries: 1 } : asking
    }

    /** Whether there is another way to ask, and sets out on it. */
    function canGoOn(error: unknown, bindings: number): boolean {
      // v1 says so where the MIB ends.
      if (isReason(error, 'no-such-name') && walk.end(error.oid)) return true
      // Not even this fits, or it isn't said which column is meant: fewer may fit, and one column is the one meant.
      if (isReason(error, 'too-big') || isReason(error, 'no-such-name')) {
        if (bindings === 1) return false
        walkTooBig(limits, bindings)
        return true
      }
      if (!withBulk || isBulkLost) return false
      // A long answer is lost with any of its fragments, and takes a slow agent longer.
      if (isReason(error, 'timeout')) bulkUnanswered(limits, bindings)
      else if (!isReason(error, 'agent')) return false
      withBulk = limits.bulkWorks && isReason(error, 'timeout')
      isBulkLost = true
      return true
    }
  }

  return { get, walkColumns }
}

/** An answer at an OID that wasn't asked for is none. */
function takeValues(
  values: Map<string, Varbind>,
  asked: readonly string[],
  answers: readonly Varbind[],
): void {
  for (let i = 0; i < answers.length; i++) {
    const varbind = answers[i]
    if (varbind === undefined || varbind.value === null) continue
    if (varbind.oid === asked[i] || asked.includes(varbind.oid)) values.set(varbind.oid, varbind)
  }
}

type Split = {
  readonly most: number
  readonly head: readonly string[]
  readonly tail: readonly string[]
}

const NONE: readonly string[] = []
const splits = new WeakMap<readonly string[], Split>()

/** The same OIDs are split into the same arrays each time: what the session has encoded for them is kept. */
function split(oids: readonly string[], most: number): Pick<Split, 'head' | 'tail'> {
  if (oids.length <= most) return { head: oids, tail: NONE }
  let known = splits.get(oids)
  if (known?.most !== most) {
    known = { most, head: oids.slice(0, most), tail: oids.slice(most) }
    splits.set(oids, known)
  }
  return known
}

function isReason(error: unknown, reason: SnmpReason): error is SnmpError {
  return error instanceof SnmpError && error.reason === reason
}
