/**
 * Which devices get extra probes now. The first failed probe after a success starts a burst: a few more probes,
 * a second apart, so that an outage is confirmed in seconds whatever the interval. A success ends it.
 */
export type Burst = {
  /** Takes a probe's outcome, known at `at`, and says what it means beside the ones before it. */
  observe(id: string, up: boolean, at: number, confirm: number): Meaning
  /** Extra probes from the next slot on, unless a burst is on already: whoever may be the cause is asked at once. */
  request(id: string, at: number, probes?: number): void
  /** True for a device whose last probe failed. */
  isFailing(id: string): boolean
  /** Takes out the devices whose extra probe is due in this slot. */
  take(slotAt: number): string[]
  /** The devices that just fell silent may well answer: what they didn't is forgotten, and they are asked in their turn. */
  pause(): void
  /** Forgets devices that are not probed any more. */
  retain(ids: { has(id: string): boolean }): void
}

/** `changed`: it differs from the one before. `confirming`: one more failure that may confirm an outage. */
export type Meaning = 'changed' | 'confirming' | 'same'

/** Extra probes after the first failed one, or as many as it takes to confirm. */
const BURST_PROBES = 3

/** Results come within seconds of their slot. */
const CLOCK_STEP_MS = 60_000

type Pending = { nextAt: number; left: number }

export function createBurst(): Burst {
  // Failed probes in a row, 0 for a device that answers.
  const failures = new Map<string, number>()
  const pending = new Map<string, Pending>()

  return {
    observe(id, up, at, confirm) {
      const before = failures.get(id)
      failures.set(id, up ? 0 : (before ?? 0) + 1)
      if (up) {
        pending.delete(id)
        return before === 0 ? 'same' : 'changed'
      }
      const extra = Math.max(BURST_PROBES, confirm - 1)
      if (before !== undefined && before > 0) return before <= extra ? 'confirming' : 'same'
      pending.set(id, { nextAt: nextSlot(at), left: extra })
      return 'changed'
    },
    request(id, at, probes = 1) {
      if (!pending.has(id)) pending.set(id, { nextAt: nextSlot(at), left: probes })
    },
    isFailing: (id) => (failures.get(id) ?? 0) > 0,
    take(slotAt) {
      const due: string[] = []
      for (const [id, burst] of pending) {
        // Further ahead than any burst waits: the clock was set back, and the probe is due.
        if (burst.nextAt > slotAt && burst.nextAt <= slotAt + CLOCK_STEP_MS) continue
        due.push(id)
        burst.left--
        burst.nextAt = slotAt + 1000
        if (burst.left === 0) pending.delete(id)
      }
      return due
    },
    pause() {
      for (const id of pending.keys()) failures.set(id, 0)
      pending.clear()
    },
    retain(ids) {
      for (const id of failures.keys()) if (!ids.has(id)) failures.delete(id)
      for (const id of pending.keys()) if (!ids.has(id)) pending.delete(id)
    },
  }
}

const nextSlot = (at: number): number => Math.floor(at / 1000) * 1000 + 1000
