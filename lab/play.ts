import type { Clock } from '../lib/clock.ts'
import type { Agents } from './agent.ts'
import type { FleetDevice } from './fleet.ts'
import type { Change, Network } from './network.ts'
import type { ScriptEvent } from './script.ts'
import type { Truth, TruthEntry } from './truth.ts'

export type Stage = {
  readonly devices: readonly FleetDevice[]
  /** Left out where there is no network of one's own: then a script of `only: 'snmp'` is what can be played. */
  readonly network?: Network
  readonly agents?: Agents
  readonly truth: Truth
}

export type Playing = {
  /** Unix milliseconds of the script's zero. */
  readonly startAt: number
  readonly clock: Clock
  /** Called when an event took effect. */
  readonly onEvent?: (event: ScriptEvent, change: Change) => void
}

/** Does what the script says when it says so, and writes down what was done. Rejects when the signal aborts. */
export async function playScript(
  events: Iterable<ScriptEvent>,
  stage: Stage,
  { startAt, clock, onEvent }: Playing,
  signal: AbortSignal,
): Promise<void> {
  const perform = createPerformer(stage)
  for (const event of events) {
    await clock.sleepUntil(startAt + event.atMs, signal)
    const change = await perform(event)
    if (change !== null) onEvent?.(event, change)
  }
}

/** Does one event; null when nothing changed, since another outage holds the devices down still. */
export function createPerformer({
  devices,
  network,
  agents,
  truth,
}: Stage): (event: ScriptEvent) => Promise<Change | null> {
  const addressOf = new Map(devices.map(({ id, address }) => [id, address]))
  const residents = Map.groupBy(devices, ({ address }) => address)
  const downs = createHolds()
  const silences = createHolds()

  return async ({ action, devices: ids, percent = 0, cause }) => {
    const all = [...new Set(ids.flatMap((id) => addressOf.get(id) ?? []))]
    let addresses: readonly string[] = all
    let change: Change | undefined
    switch (action) {
      case 'down':
        addresses = downs.take(all)
        change = await network?.down(addresses)
        break
      case 'up':
        addresses = downs.release(all)
        change = await network?.up(addresses)
        break
      case 'lossy':
        change = await network?.lossy(all, percent)
        break
      case 'silent':
        addresses = silences.take(all)
        change = await asked(agents?.change(addresses, { silent: true }))
        break
      case 'speaking':
        addresses = silences.release(all)
        change = await asked(agents?.change(addresses, { silent: false }))
        break
      case 'rebooted':
        change = await asked(agents?.change(all, { reboot: true }))
        break
    }
    if (change === undefined || addresses.length === 0) return null
    const { at, askedAt } = change
    const entry = {
      at,
      asked_at: askedAt,
      action,
      ...(action === 'lossy' ? { percent } : {}),
      cause,
    }
    truth.record(
      addresses.flatMap((address) =>
        (residents.get(address) ?? []).map(({ id }): TruthEntry => ({
          ...entry,
          device: id,
          address,
        })),
      ),
    )
    return change
  }
}

/** Overlapping outages of an address: only the first takes it down, only the end of the last brings it back. */
function createHolds(): {
  take(addresses: readonly string[]): string[]
  release(addresses: readonly string[]): string[]
} {
  const holds = new Map<string, number>()
  const add = (address: string, change: 1 | -1) => {
    const count = Math.max(0, (holds.get(address) ?? 0) + change)
    if (count === 0) holds.delete(address)
    else holds.set(address, count)
    return count
  }
  return {
    take: (addresses) => addresses.filter((address) => add(address, 1) === 1),
    release: (addresses) => addresses.filter((address) => add(address, -1) === 0),
  }
}

async function asked(done: Promise<number> | undefined): Promise<Change | undefined> {
  const askedAt = Date.now()
  const at = await done
  return at === undefined ? undefined : { askedAt: Math.min(askedAt, at), at }
}
