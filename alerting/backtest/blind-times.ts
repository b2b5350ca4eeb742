import { type Stretches, isBlindAt } from '../../lib/blindness.ts'
import type { PingSample } from '../availability/samples.ts'
import { CLEAR_SIGHT, type BlindVantage, type Sights } from '../availability/vantages.ts'
import { type DeviceTrack, vantagesOf } from './device-track.ts'

/** From the first slot without an answer until the mark that says so is stored, and from the end likewise. */
const KNOWN_MS = { from: 2_500, to: 1_000 }

/** Whether a sample says nothing: no answer, of a collector that was blind. */
export const voidIn =
  (blind: Stretches) =>
  ({ up, vantage, at }: PingSample): boolean =>
    !up && isBlindAt(blind, vantage, at)

/** The instants at which it was known that a collector is blind, and that it isn't any more. */
export const turningPoints = (blind: Stretches): number[] =>
  [...blind.values()]
    .flat()
    .flatMap(({ from, to }) => [from + KNOWN_MS.from, ...(to === null ? [] : [to + KNOWN_MS.to])])

/** What the collectors saw at an instant, as alerting knew it. */
export function sightsAt(
  blind: Stretches,
  tracks: ReadonlyMap<string, DeviceTrack>,
  at: number,
): Sights {
  if (blind.size === 0) return CLEAR_SIGHT
  const since = new Map<string, number>()
  const until = new Map<string, number>()
  for (const [vantage, list] of blind) {
    for (const { from, to } of list) {
      if (from + KNOWN_MS.from > at) continue
      if (to === null || to + KNOWN_MS.to > at) since.set(vantage, from)
      else until.set(vantage, Math.max(to, until.get(vantage) ?? -Infinity))
    }
  }
  const devices = Map.groupBy(tracks.values(), ({ vantage }) => vantage ?? '')
  const vantagesBy = (id: string): readonly string[] => {
    const track = tracks.get(id)
    return track === undefined ? [''] : vantagesOf(track)
  }
  const vantages = [...since].map(([vantage, from]): BlindVantage => ({
    vantage,
    since: from,
    devices: devices.get(vantage)?.length ?? 0,
  }))
  return {
    blind: vantages,
    isBlind: (id) => vantagesBy(id).every((vantage) => since.has(vantage)),
    seesSince(id) {
      const seen = vantagesBy(id).map((vantage) =>
        since.has(vantage) ? Infinity : (until.get(vantage) ?? -Infinity),
      )
      return Math.max(...seen)
    },
  }
}
