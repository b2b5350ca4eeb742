import type { Labels } from '../../lib/labels.ts'
import { type Matcher, compileMatchers } from '../../lib/matchers.ts'

const known = new WeakMap<readonly Matcher[], (labels: Labels) => boolean>()

/** Whether labels match, compiled once for each list of matchers. */
export function compiledMatchers(matchers: readonly Matcher[]): (labels: Labels) => boolean {
  let matches = known.get(matchers)
  if (matches === undefined) known.set(matchers, (matches = compileMatchers(matchers)))
  return matches
}
