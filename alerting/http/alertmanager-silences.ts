import { z } from 'zod'
import { type Silence, type SilenceDraft, silenceState } from '../../lib/decisions/silence.ts'
import type { Matcher } from '../../lib/matchers.ts'
import { ApiError } from './alertmanager-error.ts'

const dateTime = (name: string) =>
  z
    .string({ error: `${name} in body is required` })
    .refine((text) => RFC3339.test(text) && !Number.isNaN(Date.parse(text)), {
      error: `${name} in body must be of type date-time`,
    })
    .transform((text) => Date.parse(text))

const RFC3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/
/** Go's zero time: not given. */
const YEAR_1 = Date.parse('0001-01-01T00:00:00Z')

// Keys that aren't ours are passed over, as Alertmanager does: amtool's import sends `status` and `updatedAt`, too.
const postableSchema = z.object({
  id: z.string().optional(),
  matchers: z
    .array(
      z.object({
        name: z.string({ error: 'name in body is required' }),
        value: z.string({ error: 'value in body is required' }),
        isRegex: z.boolean({ error: 'isRegex in body is required' }),
        isEqual: z.boolean().nullish(),
      }),
      { error: 'matchers in body is required' },
    )
    .min(1, { error: 'matchers in body should have at least 1 items' }),
  startsAt: dateTime('startsAt'),
  endsAt: dateTime('endsAt'),
  createdBy: z.string({ error: 'createdBy in body is required' }),
  comment: z.string({ error: 'comment in body is required' }),
})

/** The silence that a request's body asks for; throws ApiError. */
export function readSilence(body: unknown): SilenceDraft {
  const { data, error } = postableSchema.safeParse(body)
  if (data === undefined)
    throw new ApiError(422, error.issues[0]?.message ?? 'expected a silence', {
      body: 'object',
      code: 602,
    })
  const { id, startsAt, matchers, ...rest } = data
  return {
    ...rest,
    ...(id !== undefined && id !== '' && { id }),
    ...(startsAt > YEAR_1 && { startsAt }),
    matchers: matchers.map(({ name, value, isRegex, isEqual }) => {
      return { name, value, isRegex, isEqual: isEqual ?? true }
    }),
  }
}

export function silenceJson(silence: Silence, at: number): object {
  const { id, matchers, startsAt, endsAt, updatedAt, createdBy, comment } = silence
  return {
    id,
    status: { state: silenceState(silence, at) },
    updatedAt: new Date(updatedAt).toISOString(),
    comment,
    createdBy,
    endsAt: new Date(endsAt).toISOString(),
    matchers,
    startsAt: new Date(startsAt).toISOString(),
  }
}

export type SilenceFilter = {
  /** Each is a matcher of the silence itself, as it is written there. */
  readonly matchers: readonly Matcher[]
  readonly states: readonly ReturnType<typeof silenceState>[]
}

/** Active ones first, the next to end leading; then what comes next; then what ended last. */
export function selectSilences(
  silences: readonly Silence[],
  { matchers, states }: SilenceFilter,
  at: number,
): Silence[] {
  const wanted = silences.filter(
    (silence) =>
      states.includes(silenceState(silence, at)) &&
      matchers.every((matcher) => silence.matchers.some((own) => isSame(own, matcher))),
  )
  return wanted.sort((one, other) => {
    const [state, otherState] = [silenceState(one, at), silenceState(other, at)]
    if (state !== otherState) return ORDER.indexOf(state) - ORDER.indexOf(otherState)
    if (state === 'pending') return one.startsAt - other.startsAt
    return state === 'active' ? one.endsAt - other.endsAt : other.endsAt - one.endsAt
  })
}

const ORDER = ['active', 'pending', 'expired']

const isSame = (one: Matcher, other: Matcher): boolean =>
  one.name === other.name &&
  one.value === other.value &&
  one.isRegex === other.isRegex &&
  one.isEqual === other.isEqual
