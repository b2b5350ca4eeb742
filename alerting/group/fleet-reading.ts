import type { Fleet } from '../availability/fleet.ts'

/** The fleet as the availability group saw it last; the other groups wait for its first reading. */
export type FleetReading = {
  readonly current: Fleet | undefined
  readonly known: Promise<void>
  put(fleet: Fleet): void
}

export function createFleetReading(): FleetReading {
  const { promise: known, resolve } = Promise.withResolvers<void>()
  let current: Fleet | undefined
  return {
    get current() {
      return current
    },
    known,
    put(fleet) {
      current = fleet
      resolve()
    },
  }
}
