/** Samples of a collector that are on their way, and what that means for the devices that it probes. */
type Hold = {
  readonly begunAt: number
  /** Stamp of the oldest sample that was awaited. It may be known: what VictoriaMetrics may have lost is sent again. */
  from: number
  readonly held: Held
  /** `given up`: it took too long, and what there is counts. `over`: nothing is awaited any more. */
  is: 'on' | 'given up' | 'over'
}

/** Devices of which nothing is known after `until`. */
export type Held = { readonly devices: ReadonlySet<string>; readonly until: number }

/**
 * Which verdicts wait for samples that are late. While a collector says that samples wait in its spool, what is stored of it
 * after the oldest of them has gaps: nothing is concluded from it, for a minute at most. Once all are there, everything
 * from that sample on is to be read again, whoever took it.
 */
export type Holds = {
  /** Takes what the collectors say at `at`; `heldBy` is asked when one begins to be late. */
  hear(
    waiting: ReadonlyMap<string, number>,
    at: number,
    heldBy: (vantage: string, from: number) => Promise<Held>,
  ): Promise<void>
  /** Samples of a device after this don't count yet; Infinity: all do. */
  horizon(id: string): number
  /** Lets go what is over or took too long by `at`. Gives the stamp from which on samples have to be read again, or Infinity. */
  release(at: number): number
  /** Up to when the states of what a vantage probes are known, of those that verdicts wait for; null: of now. */
  words(): ReadonlyMap<string, number | null>
  /** Samples from here on will have to be read again; Infinity: none. */
  readonly from: number
  forget(): void
}

/** An outage must be told, complete or not. */
const MOST_MS = 60_000

export function createHolds(): Holds {
  const holds = new Map<string, Hold>()

  return {
    async hear(waiting, at, heldBy) {
      for (const [vantage, hold] of holds) if (!waiting.has(vantage)) hold.is = 'over'
      for (const [vantage, from] of waiting) {
        const known = holds.get(vantage)
        if (known === undefined)
          holds.set(vantage, { begunAt: at, from, held: await heldBy(vantage, from), is: 'on' })
        else {
          known.from = Math.min(known.from, from)
          // What was to be looked at by now has gaps again.
          if (known.is === 'over') known.is = 'on'
        }
      }
    },
    horizon(id) {
      let horizon = Infinity
      for (const { held, is } of holds.values())
        if (is !== 'given up' && held.until < horizon && held.devices.has(id)) horizon = held.until
      return horizon
    },
    release(at) {
      let first = Infinity
      for (const [vantage, hold] of holds) {
        const isTooLong = hold.is === 'on' && Math.abs(at - hold.begunAt) >= MOST_MS
        if (hold.is !== 'over' && !isTooLong) continue
        first = Math.min(first, hold.from)
        if (hold.is === 'over') holds.delete(vantage)
        else hold.is = 'given up'
      }
      return first
    },
    words() {
      const words = new Map<string, number | null>()
      for (const [vantage, { held, is }] of holds)
        words.set(vantage, is === 'given up' || held.devices.size === 0 ? null : held.until)
      return words
    },
    get from() {
      let first = Infinity
      for (const { from } of holds.values()) first = Math.min(first, from)
      return first
    },
    forget: () => holds.clear(),
  }
}
