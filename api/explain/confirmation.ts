import type { Device } from '../../lib/inventory.ts'
import { type Sites, siteOf } from '../../lib/sites.ts'
import { type DeviceState, STALE_INTERVALS } from '../../lib/status.ts'

/** One probe of the device. `rttSeconds` is null where nothing answered, or it wasn't said. */
export type Probe = {
  readonly at: number
  readonly up: boolean
  readonly rttSeconds: number | null
  readonly lossRatio: number | null
  readonly vantage: string
}

/** What the failed probes amount to. Instants are Unix milliseconds. */
export type Confirmation = {
  /** Failed probes in a row that make an outage. */
  readonly needed: number
  readonly failures: number
  readonly firstFailedAt: number
  /** The probe that made it an outage; null while that didn't come. */
  readonly confirmedAt: number | null
  /** The sites that have no part in it by the newest probe, though they look and see: it is no outage until each has. */
  readonly awaitedSites: readonly string[]
}

/** Who probes, and from where. */
export type Lookout = {
  readonly sites: Sites
  /** The collectors that have lost their network, and since when: what they aren't answered says nothing. */
  readonly blindSince: ReadonlyMap<string, number>
}

/** Failed probes must span this much, too. */
const LEAST_SPAN_MS = 2_000

/**
 * Pure: the failed probes in a row up to the newest one; null when that was answered, or there is none. As alerting counts
 * them: probes of one second are one, and each site that looks lately and sees must have one of them.
 */
export function confirmationOf(
  probes: readonly Probe[],
  state: DeviceState | null,
  { confirm: needed, intervalMs }: Device['ping'],
  { sites, blindSince }: Lookout,
): Confirmation | null {
  const isBlind = (vantage: string, at: number): boolean =>
    at >= (blindSince.get(vantage) ?? Infinity)
  const turns = turnsOf(probes.filter(({ up, vantage, at }) => up || !isBlind(vantage, at)))
  // An outage that began long ago: what lies between its first probes and the newest isn't here.
  const begin = state?.up === false ? state.since : lastAnsweredAt(turns) + 1
  const failed = turns.filter(({ at, up }) => !up && at >= begin)
  const first = failed[0]
  const last = turns.at(-1)
  if (first === undefined || last?.up !== false) return null
  const firstFailedAt = state?.up === false ? state.since : first.at
  const awaitedAt = (at: number): string[] => {
    const heard = new Map<string, Probe>()
    for (const turn of turns)
      if (turn.at <= at)
        for (const probe of turn.probes) heard.set(siteOf(sites, probe.vantage), probe)
    const isAwaited = (probe: Probe): boolean =>
      probe.at < firstFailedAt &&
      at - probe.at <= STALE_INTERVALS * intervalMs &&
      !isBlind(probe.vantage, at)
    return [...heard].filter(([, probe]) => isAwaited(probe)).map(([site]) => site)
  }
  const confirming = failed.find(
    ({ at }, index) =>
      index + 1 >= needed && at - firstFailedAt >= LEAST_SPAN_MS && awaitedAt(at).length === 0,
  )
  return {
    needed,
    failures: failed.length,
    firstFailedAt,
    // Without its first samples (they left the retention) nobody can say which probe it was.
    confirmedAt: first.at === firstFailedAt ? (confirming?.at ?? null) : null,
    awaitedSites: awaitedAt(last.at).sort(),
  }
}

/** The probes of one second: sites ask in the same one, and an answer to any of them is one. */
type Turn = { readonly at: number; readonly up: boolean; readonly probes: readonly Probe[] }

const turnsOf = (probes: readonly Probe[]): Turn[] =>
  [...Map.groupBy(probes, ({ at }) => at)]
    .map(([at, all]) => ({ at, up: all.some(({ up }) => up), probes: all }))
    .sort((one, other) => one.at - other.at)

const lastAnsweredAt = (turns: readonly Turn[]): number =>
  turns.findLast(({ up }) => up)?.at ?? -Infinity
