import { blindSince } from '../../lib/blindness.ts'
import type { Vector } from '../../lib/victoriametrics.ts'
import type { Newest } from './newest.ts'

/** A collector that has lost its network: what it didn't get an answer to says nothing of its devices. */
export type BlindCollector = {
  /** The vantage on its samples. */
  readonly name: string
  readonly since: number
  /** Those that it is the one to know of, probed or not. */
  readonly devices: number
}

/** The devices whose newest sample is of a collector that is blind, and since when it is. */
export function blindDevices(
  lastMarks: Vector,
  newest: ReadonlyMap<string, Newest>,
): ReadonlyMap<string, number> {
  const blind = blindSince(lastMarks)
  const devices = new Map<string, number>()
  if (blind.size === 0) return devices
  for (const [id, { labels }] of newest) {
    const since = blind.get(labels['vantage'] ?? '')
    if (since !== undefined) devices.set(id, since)
  }
  return devices
}

/** The collectors that are blind, and how many of these devices each of them leaves unknown. */
export function blindCollectors(
  lastMarks: Vector,
  newest: ReadonlyMap<string, Newest>,
  isCounted: (id: string) => boolean,
): BlindCollector[] {
  const blind = blindSince(lastMarks)
  if (blind.size === 0) return []
  const counts = new Map<string, number>()
  for (const [id, { labels }] of newest) {
    const name = labels['vantage'] ?? ''
    if (blind.has(name) && isCounted(id)) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return [...blind].map(([name, since]) => ({ name, since, devices: counts.get(name) ?? 0 }))
}
