import { type Device, identityLabels } from '../../lib/inventory.ts'
import { countedParents } from '../../lib/inventory/relatives.ts'
import type { Labels } from '../../lib/labels.ts'
import type { EvaluationContext, Result } from '../rule.ts'
import { causesAmong, devicesDown, isKnownDown } from './behind.ts'
import { type Thresholds, flappingScore, flappingSince, hasSettled } from './flapping.ts'
import { type BlastRadius, blastRadius, cutOff, rootCause } from './topology.ts'
import { awaitedParent, isFlapAwaited } from './verdict.ts'
import type { Fleet } from './fleet.ts'

/**
 * What the rules of availability say of one evaluation. They share it, in their order: what flaps isn't told as
 * down, and what either holds back is recorded.
 */
export type Outages = {
  flapping(context: EvaluationContext): Result[]
  down(context: EvaluationContext): Result[]
  /** Alerts that would be told but for another one. */
  held(context: EvaluationContext): Result[]
  scores(context: EvaluationContext): Result[]
  /** What lies behind a device that `down` gave last. */
  radius(id: string): BlastRadius
}

type Held = {
  readonly alertname: string
  readonly device: Device
  readonly by: 'parent' | 'flapping'
  readonly cause: string
}

const NOTHING: BlastRadius = { unreachable: [], confirmed: 0 }

export function createOutages(thresholdsOf: (device: Device) => Thresholds): Outages {
  let current: Fleet | undefined
  let flaps: ReadonlyMap<string, number> = new Map()
  let held: Held[] = []
  let radii: ReadonlyMap<string, BlastRadius> = new Map()
  /** Since when the outages are that were told: a device that came back between two evaluations is down anew. */
  const told = new Map<string, number>()

  function begin({ fleet }: EvaluationContext): void {
    if (fleet === current) return
    current = fleet
    flaps = new Map()
    held = []
  }

  return {
    flapping(context) {
      begin(context)
      const { fleet, firing, at } = context
      flaps = findFlaps(context, thresholdsOf)
      const results: Result[] = []
      for (const [id, since] of flaps) {
        const device = fleet.inventory.get(id)
        if (device === undefined) continue
        const parents = countedParents(fleet.inventory, device)
        const cause = parents.every((parent) => flaps.has(parent.id)) ? parents[0] : undefined
        if (!firing.has(id) && cause !== undefined)
          held.push({ alertname: 'DeviceFlapping', device, by: 'parent', cause: cause.id })
        else if (firing.has(id) || !isFlapAwaited(parents, since, at))
          results.push(resultOf(device, flappingScore(fleet.changes(id), at), at))
      }
      return results
    },

    down(context) {
      begin(context)
      const { fleet, firing, at } = context
      const down = devicesDown(fleet)
      const cut = cutOff(fleet, causesAmong(down.keys(), fleet, firing))
      const results: Result[] = []
      for (const [id, { device, since }] of down) {
        // Samples that came late may show that it began before: the outage is the one that was told.
        const toldSince = Math.max(since, told.get(id) ?? since)
        const isTold = firing.has(id) && (told.get(id) ?? since) === toldSince
        const reason = isTold ? null : reasonToHold(device, since, cut, context)
        const from = isTold ? toldSince : since
        if (reason === null) results.push({ ...resultOf(device, since / 1000, from), since: from })
        else if (reason !== 'stale') held.push({ alertname: 'DeviceDown', device, ...reason })
      }
      told.clear()
      for (const { labels, since } of results) told.set(labels['device'] ?? '', since ?? at)
      radii = new Map([...told.keys()].map((id) => [id, blastRadius(fleet, cut, id)]))
      return results
    },

    held(context) {
      begin(context)
      return held.map((one) => ({ labels: heldLabels(one), value: 1, at: context.at }))
    },

    scores({ fleet, at }) {
      const results: Result[] = []
      for (const device of fleet.inventory.values()) {
        const score = Math.round(flappingScore(fleet.changes(device.id), at))
        if (score > 0) results.push(resultOf(device, score, at))
      }
      return results
    },

    radius: (id) => radii.get(id) ?? NOTHING,
  }

  function reasonToHold(
    device: Device,
    since: number,
    cut: ReadonlyMap<string, number>,
    { fleet, at }: EvaluationContext,
  ): Pick<Held, 'by' | 'cause'> | 'stale' | null {
    if (!isKnownDown(fleet, device.id)) return 'stale'
    if (cut.has(device.id)) return { by: 'parent', cause: rootCause(fleet, cut, device) }
    const awaited = awaitedParent(fleet, cut, device, since, at)
    if (awaited !== null) return { by: 'parent', cause: awaited }
    return flaps.has(device.id) ? { by: 'flapping', cause: 'DeviceFlapping' } : null
  }
}

/** The devices that flap, and since when. One that was told does so until it settled, however long ago it began. */
function findFlaps(
  { fleet, firing, at }: EvaluationContext,
  thresholdsOf: (device: Device) => Thresholds,
): Map<string, number> {
  const flaps = new Map<string, number>()
  for (const device of fleet.inventory.values()) {
    const changes = fleet.changes(device.id)
    const first = changes[0]
    if (!device.enabled || first === undefined) continue
    const thresholds = thresholdsOf(device)
    const goesOn = firing.has(device.id) && !hasSettled(changes, at, thresholds)
    const since = flappingSince(changes, at, thresholds) ?? (goesOn ? first.at : null)
    if (since !== null) flaps.set(device.id, since)
  }
  return flaps
}

// A storm holds back thousands, the same ones at each evaluation: encoders and keepers cache by the label object.
const labelsOfHeld = new WeakMap<Device, readonly Labels[]>()

function heldLabels({ alertname, device, by, cause }: Held): Labels {
  const all = labelsOfHeld.get(device) ?? []
  const known = all.find((one) => one['alertname'] === alertname && one['by'] === by)
  if (known?.['cause'] === cause) return known
  const labels = { alertname, ...identityLabels(device), by, cause }
  labelsOfHeld.set(device, [...all.filter((one) => one !== known), labels])
  return labels
}

const resultOf = (device: Device, value: number, at: number): Result => ({
  labels: identityLabels(device),
  value,
  at,
})
