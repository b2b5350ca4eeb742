import type { Change } from '../../alerting/availability/flapping.ts'
import type { Fleet } from '../../alerting/availability/fleet.ts'
import { type DeviceState, type Evidence, deriveStatuses } from '../../lib/status.ts'
import type { Device } from '../../lib/inventory.ts'
import { inventoryOf } from './inventory.ts'

/** What is known of one device; what a test doesn't care about is filled in. */
export type Seen = {
  readonly state: DeviceState | null
  /** A second ago, unless told. */
  readonly lastSampleAt?: number
  readonly voidAt?: number
  readonly isBlind?: boolean
  readonly suspect?: boolean
  /** 3 s after an outage began, unless told. */
  readonly confirmedAt?: number
  readonly changes?: readonly Change[]
}

/** A fleet as the availability watch hands it over at `at`. */
export function fleetOf(
  devices: readonly Device[],
  seen: Readonly<Record<string, Seen>>,
  at: number,
  given: Partial<Fleet> = {},
): Fleet {
  const evidence = (id: string): Evidence | undefined => {
    const known = seen[id]
    if (known === undefined) return undefined
    const { state, lastSampleAt = at - 1_000, voidAt, isBlind = false } = known
    return { state, lastSampleAt, isBlind, ...(voidAt === undefined ? {} : { voidAt }) }
  }
  return {
    inventory: inventoryOf(...devices).current,
    statuses: deriveStatuses(devices, evidence, at),
    evidence,
    isSuspect: (id) => seen[id]?.suspect === true,
    confirmedAt(id) {
      const { state, confirmedAt } = seen[id] ?? { state: null }
      return state?.up === false ? (confirmedAt ?? state.since + 3_000) : null
    },
    changes: (id) => seen[id]?.changes ?? [],
    canary: { state: null, lastSampleAt: null },
    newestAt: at - 1_000,
    watchedSince: () => 0,
    blind: [],
    seesSince: () => -Infinity,
    ...given,
  }
}
