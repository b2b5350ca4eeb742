/**
 * What an agent bears in one request, as far as it is known: kept from poll to poll. It falls by half when a request proves
 * too much, and rises again slowly, because each probe of the limit costs a request.
 */
export type PduLimits = {
  /** OIDs of a GET. */
  getOids: number
  /** The most OIDs of a GET that were ever answered, and the most that may be tried. */
  getAnswered: number
  getMost: number
  /** OIDs that a v1 agent doesn't have: it refuses a whole GET for one of them. */
  readonly missing: Set<string>
  /** Bindings of an answer to GETBULK: columns × repetitions. */
  bindings: number
  /** It has answered a GETBULK. */
  bulkWorks: boolean
  /** How often it answered GETNEXT and not GETBULK, and for how many walks that is taken as given. */
  bulkRefusals: number
  getNextWalks: number
  /** Questions since something was too much. */
  calm: number
}

/** About as many bindings fill a packet of 1,472 bytes: asking for more brings none. */
const MOST_BINDINGS = 64
const MOST_GET_OIDS = 20
/** No agent is known to be silent to so few: when it is, that has another reason. */
const FEW_OIDS = 5
/** Questions until the limits rise by a quarter, and until missing OIDs are asked for again. */
const CALM = 20
const LONGEST_REFUSAL = 80

export const createPduLimits = (): PduLimits => ({
  getOids: MOST_GET_OIDS,
  getAnswered: 0,
  getMost: MOST_GET_OIDS,
  missing: new Set(),
  bindings: MOST_BINDINGS,
  bulkWorks: false,
  bulkRefusals: 0,
  getNextWalks: 0,
  calm: 0,
})

/** A GET of so many OIDs was answered. */
export function noteGet(limits: PduLimits, oids: number): void {
  if (oids > limits.getAnswered) limits.getAnswered = oids
}

export function getTooBig(limits: PduLimits, oids: number): void {
  limits.getOids = Math.ceil(oids / 2)
  limits.calm = 0
}

/** Some agents are silent to a GET of many OIDs. Whether fewer are worth a try at once: it does answer others. */
export function getUnanswered(limits: PduLimits, oids: number): boolean {
  if (oids <= Math.max(FEW_OIDS, limits.getAnswered)) return false
  limits.getOids = Math.max(FEW_OIDS, Math.ceil(oids / 2))
  limits.calm = 0
  if (limits.getAnswered === 0) return false
  limits.getMost = limits.getOids
  return true
}

/** An answer of so many bindings doesn't fit. */
export function walkTooBig(limits: PduLimits, bindings: number): void {
  limits.bindings = Math.max(1, Math.floor(bindings / 2))
  limits.calm = 0
}

/** An answer of so many bindings doesn't arrive. Where that has another reason, the next ones aren't to suffer for it. */
export function bulkUnanswered(limits: PduLimits, bindings: number): void {
  if (bindings > FEW_OIDS) walkTooBig(limits, Math.max(bindings, 2 * FEW_OIDS))
}

/** Whether a walk starts with GETBULK. An agent that refused it is asked again now and then: it may have a new firmware. */
export function startsWithBulk(limits: PduLimits): boolean {
  if (limits.getNextWalks === 0) return true
  limits.getNextWalks--
  return false
}

export function noteBulk(limits: PduLimits): void {
  limits.bulkWorks = true
  limits.bulkRefusals = 0
}

export function bulkRefused(limits: PduLimits): void {
  limits.bulkWorks = false
  limits.getNextWalks = Math.min(LONGEST_REFUSAL, 5 * 2 ** limits.bulkRefusals)
  limits.bulkRefusals++
}

/** A get or a walk came to its end. */
export function noteCalm(limits: PduLimits): void {
  if (++limits.calm < CALM) return
  limits.calm = 0
  limits.missing.clear()
  limits.getOids = Math.min(limits.getMost, raised(limits.getOids))
  limits.bindings = Math.min(MOST_BINDINGS, raised(limits.bindings))
}

const raised = (limit: number): number => Math.ceil(limit * 1.25)
