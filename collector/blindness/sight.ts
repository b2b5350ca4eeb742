/** The outcome of one device's probe. */
export type Seen = { readonly id: string; readonly up: boolean }

/**
 * `doubt`: most of a slot's devices fell silent, so the canaries are to be asked at once. `blind`: it has been so since
 * `at`. `sees`: it isn't any more, as of `at`. All instants are stamps of slots or of questions, Unix milliseconds.
 */
export type Verdict = { readonly is: 'doubt' | 'blind' | 'sees'; readonly at: number }

/**
 * Tells whether the network is lost to this collector or devices are down. Blind is it that most devices which had
 * answered before fell silent since a slot, and that of the canaries, which had answered lately, none does any more. It
 * asks nothing and knows no clock: outcomes come in, verdicts go out.
 */
export type Sight = {
  /** Since when it is blind; null while it sees. */
  readonly blindSince: number | null
  /** Takes outcomes of a slot, in as many parts as they come in. */
  probed(slotAt: number, outcomes: Iterable<Seen>): Verdict | null
  /** Takes which canaries answered a question. */
  heard(askedAt: number, answered: readonly string[]): Verdict | null
  /** Goes on with a blindness that began before this process. */
  resume(since: number): void
  /** The canaries whose silence would say something: they answered in the minutes before. */
  canaries(at: number): string[]
  /** Forgets devices that are not probed any more. */
  retain(ids: { has(id: string): boolean }): void
}

/** A canary that answered this lately counts: one that drops pings, or is long gone, proves nothing. */
const COUNTS_MS = 300_000
/** The outcomes of a slot come in within this. */
const SLOT_LASTS_MS = 30_000

/** Of the devices that had answered before, in one slot. */
type Tally = { silent: number; answered: number }

export function createSight(): Sight {
  /** Devices whose last probe was answered. */
  const answering = new Set<string>()
  /** Devices that fell silent lately, and in which slot. */
  const fallen = new Map<string, number>()
  const tallies = new Map<number, Tally>()
  const answeredAt = new Map<string, number>()
  let blindSince: number | null = null
  /** The first slot of those in doubt. */
  let doubtSince: number | null = null
  /** What had answered before isn't known: every device counts. */
  let isResumed = false

  function count(slotAt: number, { id, up }: Seen): void {
    const isKnown = isResumed || answering.has(id) || fallen.has(id)
    let tally = tallies.get(slotAt)
    if (tally === undefined) tallies.set(slotAt, (tally = { silent: 0, answered: 0 }))
    if (up) {
      if (isKnown) tally.answered++
      answering.add(id)
      fallen.delete(id)
      return
    }
    // While it sees, a device falls silent once; what is silent already says nothing new.
    if (answering.delete(id)) fallen.set(id, slotAt)
    else if (blindSince === null || !isKnown) return
    tally.silent++
  }

  function forgetBefore(at: number): void {
    for (const slotAt of tallies.keys()) if (slotAt < at) tallies.delete(slotAt)
    if (blindSince !== null) return
    for (const [id, slotAt] of fallen) if (slotAt < at) fallen.delete(id)
  }

  const countingAt = (at: number): string[] =>
    [...answeredAt].filter(([, last]) => at - last <= COUNTS_MS).map(([address]) => address)

  /** Whether most of what had answered before fell silent from this slot on. */
  function isMostlySilentSince(from: number): boolean {
    let [silent, answered] = [0, 0]
    for (const [slotAt, tally] of tallies) {
      if (slotAt < from) continue
      silent += tally.silent
      answered += tally.answered
    }
    return silent > answered
  }

  function see(at: number): Verdict {
    // They had answered before, and nobody knows better yet: their silence would count again.
    for (const id of fallen.keys()) answering.add(id)
    fallen.clear()
    blindSince = null
    doubtSince = null
    isResumed = false
    return { is: 'sees', at }
  }

  return {
    get blindSince() {
      return blindSince
    },
    probed(slotAt, outcomes) {
      for (const outcome of outcomes) count(slotAt, outcome)
      forgetBefore(Math.min(doubtSince ?? slotAt, slotAt - SLOT_LASTS_MS))
      const { silent, answered } = tallies.get(slotAt) ?? { silent: 0, answered: 0 }
      if (blindSince !== null) {
        if (!isAfter(slotAt, blindSince)) return null
        blindSince = Math.min(blindSince, slotAt)
        if (answered <= silent) return null
        // The network is there, so it wasn't its loss that silenced the canaries: they count once they answer.
        answeredAt.clear()
        return see(slotAt)
      }
      if (silent <= answered || countingAt(slotAt).length === 0) return null
      doubtSince ??= slotAt
      return { is: 'doubt', at: doubtSince }
    },
    heard(askedAt, answered) {
      const counting = doubtSince === null ? [] : countingAt(doubtSince)
      for (const address of answered) answeredAt.set(address, askedAt)
      if (blindSince !== null) {
        if (!isAfter(askedAt, blindSince)) return null
        blindSince = Math.min(blindSince, slotOf(askedAt))
        return answered.length > 0 ? see(slotOf(askedAt)) : null
      }
      // A question of before the doubt doesn't settle it.
      if (doubtSince === null || askedAt < doubtSince) return null
      const since = doubtSince
      doubtSince = null
      if (answered.length > 0 || counting.length === 0 || !isMostlySilentSince(since)) return null
      blindSince = since
      return { is: 'blind', at: since }
    },
    resume(since) {
      blindSince = since
      isResumed = true
    },
    canaries: countingAt,
    retain(ids) {
      for (const id of answering) if (!ids.has(id)) answering.delete(id)
      for (const id of fallen.keys()) if (!ids.has(id)) fallen.delete(id)
    },
  }
}

/** Further back than outcomes come late: the clock was set back since. */
const isAfter = (at: number, since: number): boolean => at > since || since - at > SLOT_LASTS_MS
const slotOf = (at: number): number => Math.floor(at / 1000) * 1000
