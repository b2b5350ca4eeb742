import type { Clock } from '../../lib/clock.ts'
import type { Device } from '../../lib/inventory.ts'
import { offsetOf } from '../plan.ts'
import type { Taken } from './share.ts'

/** What nobody probed meanwhile is asked again over so many seconds, unless its turn comes in them. */
const SPREAD_SECONDS = 4

/** Has devices of a process that is gone probed soon, those whose turn came while nobody had them. */
export async function catchUp(
  taken: readonly Taken[],
  { ping, snmp }: { ping: (id: string) => void; snmp: (id: string) => void },
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const now = clock.now()
  const kinds = [
    { poke: ping, ids: missedTurns(taken, ({ ping: { intervalMs } }) => intervalMs, now) },
    { poke: snmp, ids: missedTurns(taken, (device) => device.snmp?.intervalMs ?? null, now) },
  ]
  for (let second = 0; second < SPREAD_SECONDS && !signal.aborted; second++) {
    for (const { poke, ids } of kinds) {
      const [from, to] = [second, second + 1].map((part) =>
        Math.ceil((ids.length * part) / SPREAD_SECONDS),
      )
      for (const id of ids.slice(from, to)) poke(id)
    }
    await clock.sleepUntil(now + (second + 1) * 1_000, signal).catch(() => {})
  }
}

/** The devices whose last turn nobody may have taken and whose next isn't near, who waits longest first. */
export function missedTurns(
  taken: readonly Taken[],
  intervalOf: (device: Device) => number | null,
  now: number,
): string[] {
  const second = Math.floor(now / 1000)
  const missed: { id: string; at: number }[] = []
  for (const { device, since } of taken) {
    const intervalMs = device.enabled ? intervalOf(device) : null
    if (intervalMs === null) continue
    const interval = Math.max(1, Math.round(intervalMs / 1000))
    const age = (second - offsetOf(device.id, interval)) % interval
    const at = (second - age) * 1_000
    const isNextNear = interval - age <= SPREAD_SECONDS
    if (at >= since && !isNextNear) missed.push({ id: device.id, at })
  }
  return missed.sort((one, other) => one.at - other.at).map(({ id }) => id)
}
