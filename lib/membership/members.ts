import type { Member } from './script.ts'

/** The names of those who share the devices at `at`, in one order for all. */
export const activeAt = (members: readonly Member[], at: number): string[] =>
  members
    .filter(({ from }) => from <= at)
    .map(({ name }) => name)
    .sort((one, other) => (one < other ? -1 : 1))

/** When the next one's share begins; Infinity where nobody waits for one. */
export const nextShareAt = (members: readonly Member[], at: number): number =>
  Math.min(Infinity, ...members.filter(({ from }) => from > at).map(({ from }) => from))

/** When the first lease ends, but for one's own: who keeps it is heard of long before. */
export const firstLapseAt = (members: readonly Member[], self: string): number =>
  Math.min(Infinity, ...members.filter(({ name }) => name !== self).map(({ endsAt }) => endsAt))

/** Those that are heard of, and of those known before the ones that aren't. */
export function withMissing(
  heard: readonly Member[],
  before: readonly Member[],
): readonly Member[] {
  const names = new Set(heard.map(({ name }) => name))
  return [...heard, ...before.filter(({ name }) => !names.has(name))]
}

export const areSame = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((name, index) => name === other[index])
