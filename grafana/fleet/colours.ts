import type { Status } from '../../lib/status.ts'

/** One colour for each status, the same in every panel. Disabled devices have no series. */
export const STATUS_COLOURS = {
  up: 'green',
  down: 'red',
  unreachable: 'orange',
  unknown: 'purple',
} as const satisfies Record<Exclude<Status, 'disabled'>, string>
