import { z } from '@hono/zod-openapi'
import { nearest } from '../../lib/config/nearest.ts'
import type { Inventory } from '../../lib/inventory.ts'
import { type Matcher, MatcherError, checkMatcher, matchesEverything } from '../../lib/matchers.ts'
import type { Scope } from '../auth/principal.ts'
import { Problem } from '../problem.ts'
import { equal, equalToAny } from './alternatives.ts'
import { shortText } from './fields.ts'
import { isInside, keptInside, outside } from './inside.ts'

// What a silence or a window is for.

const MOST_MATCHERS = 100

export const matcherSchema = z
  .strictObject({
    name: z.string().meta({ examples: ['branch'] }),
    value: z.string().meta({ examples: ['Vake'] }),
    is_regex: z.boolean(),
    is_equal: z.boolean(),
  })
  .openapi('Matcher')

type MatcherJson = z.output<typeof matcherSchema>

const givenMatcher = z
  .strictObject({
    name: shortText('the name of a label'),
    value: z.string({ error: 'expected a text' }),
    is_regex: z
      .boolean({ error: 'expected true or false' })
      .default(false)
      .describe('RE2, of the whole value'),
    is_equal: z
      .boolean({ error: 'expected true or false' })
      .default(true)
      .describe('False: what matches is left out'),
  })
  .openapi('NewMatcher')

/** Members of a body. */
export const subjectShape = {
  matchers: z
    .array(givenMatcher, { error: 'expected a list of matchers' })
    .max(MOST_MATCHERS, { error: `expected at most ${MOST_MATCHERS} matchers` })
    .optional()
    .describe('All must match, and what is named beside them as well'),
  device: shortText('the id of a device').optional().describe('The id of a device'),
  branch: shortText('a branch').optional(),
  region: shortText('a region').optional(),
}

export type Subject = {
  readonly matchers?: readonly z.output<typeof givenMatcher>[] | undefined
  readonly device?: string | undefined
  readonly branch?: string | undefined
  readonly region?: string | undefined
}

/**
 * The matchers that are meant, none of which reaches outside the scope. `inventory` is what is seen of it: a name that isn't
 * in it is refused with the nearest. Throws Problem.
 */
export function matchersOf(subject: Subject, inventory: Inventory, scope: Scope | null): Matcher[] {
  const given = (subject.matchers ?? []).map(({ name, value, is_regex, is_equal }) => {
    return { name, value, isRegex: is_regex, isEqual: is_equal }
  })
  const matchers = [...given, ...namedBy(subject, inventory, scope)]
  check(matchers)
  if (scope === null || isInside(matchers, scope)) return matchers
  // A branch that is named lies in a region of the scope; one of that name elsewhere isn't meant.
  if (subject.branch !== undefined && scope.regions.length > 0)
    return [...matchers, equalToAny('region', scope.regions)]
  throw outside(scope)
}

function namedBy(
  { device, branch, region }: Subject,
  inventory: Inventory,
  scope: Scope | null,
): Matcher[] {
  const named: Matcher[] = []
  if (device !== undefined) {
    const found = inventory.get(device)
    if (found === undefined) throw unknownName('device', 'id', device, inventory.keys())
    named.push(equal('device', device), ...(scope === null ? [] : keptInside(found, scope)))
  }
  for (const [key, name] of Object.entries({ branch, region })) {
    if (name === undefined) continue
    const known = new Set([...inventory.values()].map((each) => each[key as 'branch' | 'region']))
    if (!known.has(name)) throw unknownName(key, key, name, known)
    named.push(equal(key, name))
  }
  return named
}

function check(matchers: readonly Matcher[]): void {
  if (matchers.length === 0)
    throw new Problem(
      400,
      'Bad body',
      'expected what it is for: matchers, device, branch or region',
    )
  for (const [index, matcher] of matchers.entries()) {
    try {
      checkMatcher(matcher)
    } catch (error) {
      if (!(error instanceof MatcherError)) throw error
      const parameter = `matchers.${index}`
      throw new Problem(400, 'Bad body', `${parameter}: ${error.message}`, { parameter })
    }
  }
  if (!matchesEverything(matchers)) return
  const detail = 'matchers: expected one that asks for a label: these match everything'
  throw new Problem(400, 'Bad body', detail, { parameter: 'matchers' })
}

export const matchersJson = (matchers: readonly Matcher[]): MatcherJson[] =>
  matchers.map(({ name, value, isRegex, isEqual }) => {
    return { name, value, is_regex: isRegex, is_equal: isEqual }
  })

function unknownName(
  parameter: string,
  what: string,
  name: string,
  known: Iterable<string>,
): Problem {
  const near = nearest(name, known)
  const hint = near === null ? '' : `, did you mean ${JSON.stringify(near)}?`
  return new Problem(
    400,
    'Bad body',
    `${parameter}: no device of the inventory has the ${what} ${JSON.stringify(name)}${hint}`,
    { parameter, nearest: near },
  )
}
