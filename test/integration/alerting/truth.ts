import { createRandom } from '../../../lab/random.ts'
import type { Device } from '../../../lib/inventory.ts'
import { device } from '../../fakes/inventory.ts'
import { type TrueState, trueState } from '../../unit/alerting/availability/oracle.ts'
import type { PingFact } from './simulation.ts'

const SECOND = 1_000
const INTERVAL = 10 * SECOND

/** A fleet whose probes are scripted: what it does, what a collector would sample of it, and what is true. */
export type ScriptedFleet = {
  readonly devices: readonly Device[]
  /** The samples stamped in [from, to), as a collector makes them: every 10 s, and a burst after a first failure. */
  samples(from: number, to: number): PingFact[]
  /** What is true of a device by the samples stamped before `at`. */
  stateAt(id: string, at: number): TrueState
  /** The outages of a device that were confirmed before `until`. */
  outages(id: string, until: number): { since: number; until: number | null }[]
}

/** `count` devices that go down and up `transitions` times in all, some from the start, some for a moment only. */
export function scriptFleet(given: {
  readonly seed: string
  readonly count: number
  readonly transitions: number
  readonly start: number
  readonly end: number
}): ScriptedFleet {
  const random = createRandom(given.seed)
  const devices = Array.from({ length: given.count }, (_, index) =>
    device(`device-${String(index).padStart(2, '0')}`, {
      branch: `branch ${index % 7}`,
      region: `region ${index % 3}`,
    }),
  )
  const changes = new Map(devices.map(({ id }) => [id, [] as number[]]))
  for (const { id } of devices.slice(0, Math.floor(given.count / 5))) changes.get(id)?.push(0)
  for (let count = 0; count < given.transitions; count++) {
    changes.get(random.pick(devices).id)?.push(random.integer(given.start, given.end))
  }
  const story = new Map<string, PingFact[]>()
  for (const each of devices) {
    story.set(each.id, probe(each, changes.get(each.id) ?? [], random.integer(0, 9), given))
  }
  const until = (id: string, at: number): PingFact[] =>
    (story.get(id) ?? []).filter((fact) => fact.at < at)
  return {
    devices,
    samples: (from, to) => [...story.values()].flat().filter(({ at }) => at >= from && at < to),
    stateAt: (id, at) => trueState(until(id, at), 3),
    outages(id, at) {
      const outages: { since: number; until: number | null }[] = []
      const seen: PingFact[] = []
      for (const fact of until(id, at)) {
        seen.push(fact)
        const state = trueState(seen, 3)
        const open = outages.at(-1)
        if (state?.up === false && open?.since !== state.since)
          outages.push({ since: state.since, until: null })
        else if (state?.up === true && open !== undefined)
          outages[outages.length - 1] = { since: open.since, until: open.until ?? state.since }
      }
      return outages
    },
  }
}

function probe(
  each: Device,
  changes: readonly number[],
  offset: number,
  { start, end }: { start: number; end: number },
): PingFact[] {
  const isUp = (at: number): boolean => changes.filter((change) => change <= at).length % 2 === 0
  const facts: PingFact[] = []
  let burst = 0
  let failing = false
  for (let at = start; at < end; at += SECOND) {
    const isDue = (at - start) % INTERVAL === offset * SECOND
    if (!isDue && burst === 0) continue
    const up = isUp(at)
    burst = up ? 0 : failing ? Math.max(0, burst - (isDue ? 0 : 1)) : 3
    failing = !up
    facts.push({ device: each, at, up })
  }
  return facts
}
