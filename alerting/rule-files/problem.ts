import type { Problem } from '../../lib/config/problem.ts'
import type { RuleGroup } from '../rule.ts'

/** What rule files amount to, good or bad. */
export type LoadedRules = {
  readonly groups: readonly RuleGroup[]
  /** Whatever must be mended; with one of these the groups aren't whole. */
  readonly problems: readonly Problem[]
  /** What is read and has no effect here. */
  readonly notices: readonly Problem[]
  /** The files that were found, of patterns too. */
  readonly files: readonly string[]
  /** Those in which nothing stands at all. */
  readonly empty: readonly string[]
}

/** Where a rule stands, for problems that are found after it was read. */
export type Place = Pick<Problem, 'file' | 'line' | 'path'>

const places = new WeakMap<object, Place>()

export const keepPlace = (of: object, place: Place): void => void places.set(of, place)
export const placeOf = (of: object): Place | undefined => places.get(of)
