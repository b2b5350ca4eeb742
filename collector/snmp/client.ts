import { SnmpError, type SnmpReason } from './error.ts'
import { type Patience, type SnmpTarget, openSession } from './session.ts'
import type { Transport } from './transport.ts'
import { type SnmpValue, type Varbind, decodeValue } from './values.ts'
import { type Rows, startWalk } from './walk.ts'

/** Values and tables of one agent. Methods reject with SnmpError, or with the signal's reason once it aborts. */
export type SnmpClient = Disposable & {
  readonly target: SnmpTarget
  /** OIDs that the agent doesn't have are missing in the map. */
  get(oids: readonly string[]): Promise<Map<string, SnmpValue>>
  /**
   * Adds the cells of table columns to `rows`, by index: for each an array in the order of the columns. What was read
   * before a failure stays.
   */
  bulkColumns(columns: readonly string[], rows: Rows): Promise<void>
  /** Live totals: requests sent, and those among them that brought no usable answer. */
  readonly counts: { readonly pdus: number; readonly errors: number }
}

/** What an agent bears, as far as it is known: the client lowers and raises it, so it is kept from poll to poll. */
export type PduLimits = { getOids: number; columns: number; maxRepetitions: number }

/** About as many bindings fill a packet of 1,472 bytes: asking for more rows brings none. */
const BINDINGS = 64
/** Some agents leave rows out when they are asked for many. */
const MOST_REPETITIONS = 10
/** A table past these doesn't end. */
const MOST_REQUESTS = 2_000
const MOST_ROWS = 20_000

export const createPduLimits = (): PduLimits => ({
  getOids: 20,
  columns: 12,
  maxRepetitions: MOST_REPETITIONS,
})

export function openClient(
  transport: Transport,
  target: SnmpTarget,
  { limits, patience, signal }: { limits: PduLimits; patience: Patience; signal: AbortSignal },
): SnmpClient {
  const session = openSession(transport, target, patience, signal)
  const isV1 = target.credential.version === '1'

  async function get(oids: readonly string[]): Promise<Map<string, SnmpValue>> {
    const values = new Map<string, SnmpValue>()
    let rest = oids
    while (rest.length > 0) {
      const some = rest.slice(0, limits.getOids)
      try {
        takeValues(values, some, await session.get(some))
        rest = rest.slice(some.length)
      } catch (error) {
        if (isReason(error, 'no-such-name')) rest = withoutMissing(rest, some, error)
        else if (isReason(error, 'too-big') && some.length > 1) {
          limits.getOids = Math.ceil(some.length / 2)
        } else throw error
      }
    }
    return values
  }

  /** Columns side by side in one request: a table takes as many round trips as it has rows ÷ repetitions. */
  async function walkColumns(columns: readonly string[], positions: readonly number[], rows: Rows) {
    const walk = startWalk(columns, positions, rows)
    for (let requests = 0; ; requests++) {
      const oids = walk.next()
      if (oids.length === 0) break
      if (requests >= MOST_REQUESTS || rows.size > MOST_ROWS) {
        throw new SnmpError('protocol', `a table doesn't end: ${rows.size} rows so far`)
      }
      const repetitions = isV1
        ? 1
        : Math.min(limits.maxRepetitions, Math.max(1, Math.floor(BINDINGS / oids.length)))
      try {
        walk.take(
          isV1
            ? (await session.getNext(oids)).map((cell) => [cell])
            : await session.getBulk(oids, repetitions),
        )
      } catch (error) {
        // v1 says so where the MIB ends.
        if (isReason(error, 'no-such-name') && walk.end(error.oid)) continue
        if (isReason(error, 'timeout')) limits.maxRepetitions = Math.ceil(repetitions / 2)
        if (!isReason(error, 'too-big') && !isReason(error, 'no-such-name')) throw error
        if (repetitions > 1) {
          limits.maxRepetitions = Math.ceil(repetitions / 2)
          continue
        }
        if (positions.length === 1) throw error
        return walkHalves(columns, positions, rows)
      }
    }
    limits.maxRepetitions = Math.min(MOST_REPETITIONS, limits.maxRepetitions + 1)
  }

  /** Not even one row fits in an answer, or the agent doesn't say which column it means. */
  async function walkHalves(columns: readonly string[], positions: readonly number[], rows: Rows) {
    limits.columns = Math.ceil(positions.length / 2)
    await walkColumns(columns, positions.slice(0, limits.columns), rows)
    await walkColumns(columns, positions.slice(limits.columns), rows)
  }

  return {
    target,
    counts: session.counts,
    get,
    async bulkColumns(columns, rows) {
      const positions = [...columns.keys()]
      while (positions.length > 0) {
        await walkColumns(columns, positions.splice(0, limits.columns), rows)
      }
    },
    [Symbol.dispose]: () => session[Symbol.dispose](),
  }
}

/** An answer at another OID than the one asked for there is none. */
function takeValues(
  values: Map<string, SnmpValue>,
  asked: readonly string[],
  answers: readonly Varbind[],
): void {
  for (const [i, varbind] of answers.entries()) {
    const value = varbind.oid === asked[i] ? decodeValue(varbind) : undefined
    if (value !== undefined) values.set(varbind.oid, value)
  }
}

/** v1 refuses a whole GET for one OID that it doesn't have: the others are asked again. */
function withoutMissing(
  rest: readonly string[],
  asked: readonly string[],
  error: SnmpError,
): readonly string[] {
  const missing = asked.length === 1 ? asked[0] : error.oid
  if (missing === undefined || missing === null || !asked.includes(missing)) throw error
  return rest.filter((oid) => oid !== missing)
}

function isReason(error: unknown, reason: SnmpReason): error is SnmpError {
  return error instanceof SnmpError && error.reason === reason
}
