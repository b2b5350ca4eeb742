import type { DeviceState } from '../../lib/status.ts'
import { type Change, withChange } from './flapping.ts'
import { type Machine, UNSEEN, resume } from './machine.ts'

/** What was said last of a device whose samples since `from` are taken again, and the states that they show. */
export type Rewound = {
  readonly from: number
  readonly said: DeviceState | null
  readonly steps: { readonly state: DeviceState; readonly isChange: boolean }[]
}

/**
 * The machine as it was at `from`, before the samples of since then. `kept`: the state that was kept by then; `left`: when the
 * device was switched off.
 */
export function machineAt(
  machine: Machine,
  from: number,
  kept: DeviceState | undefined,
  left: number,
  confirm: number,
): Machine {
  const isOfBefore = machine.state !== null && machine.state.since <= from
  const state = isOfBefore ? machine.state : kept
  if (state === undefined || state === null || state.since < left)
    return { ...UNSEEN, lastAt: left }
  const begun = resume(state, confirm)
  return isOfBefore && !state.up ? { ...begun, confirmedAt: machine.confirmedAt } : begun
}

/** The states that nobody was told yet; `changes` are those that were known. */
export const newsOf = (
  { said, steps }: Rewound,
  changes: readonly Change[],
): readonly DeviceState[] =>
  steps
    .filter(({ state, isChange }) => {
      if (isSame(said, state)) return false
      if (isChange) return !changes.some(({ at, up }) => at === state.since && up === state.up)
      // The first one that the samples show began before they do.
      return said === null || state.since >= (changes[0]?.at ?? -Infinity)
    })
    .map(({ state }) => state)

/** The changes of a device, those since `from` by the samples that were taken again. */
export function changesWith(
  { from, steps }: Rewound,
  changes: readonly Change[],
): readonly Change[] {
  let all: readonly Change[] = changes.filter(({ at }) => at <= from)
  for (const { state, isChange } of steps)
    if (isChange) all = withChange(all, { at: state.since, up: state.up })
  return all
}

export const isSame = (one: DeviceState | null, other: DeviceState): boolean =>
  one !== null && one.up === other.up && one.since === other.since
