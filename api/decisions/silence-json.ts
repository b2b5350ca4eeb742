import { z } from '@hono/zod-openapi'
import { type Silence, silenceState } from '../../lib/decisions/silence.ts'
import type { Inventory } from '../../lib/inventory.ts'
import { time } from '../schemas.ts'
import { commentText, instantText, noInstantText } from './fields.ts'
import { matcherSchema, matchersJson, subjectShape } from './subject.ts'
import { touched } from './touched.ts'

export const SILENCE_STATES = ['pending', 'active', 'expired'] as const

export const affectsSchema = z
  .strictObject({ devices: z.int().min(0) })
  .describe('How many devices it may be about')

export const silenceSchema = z
  .strictObject({
    id: z.string().meta({ examples: ['0b5c1e52-7c6a-4f1e-9a38-5d0f7c2f9d11'] }),
    state: z.enum(SILENCE_STATES),
    matchers: z.array(matcherSchema).describe('All must match'),
    starts_at: time,
    ends_at: time,
    created_by: z.string(),
    comment: z.string(),
    updated_at: time,
    affects: affectsSchema,
  })
  .openapi('Silence')

export type SilenceJson = z.output<typeof silenceSchema>

export const newSilenceSchema = z
  .strictObject({
    ...subjectShape,
    starts_at: noInstantText.describe('Now unless given, and at the earliest'),
    ends_at: instantText,
    comment: commentText,
  })
  .openapi('NewSilence')

export const changedSilenceSchema = newSilenceSchema
  .extend({
    updated_at: noInstantText.describe(
      'Of the version that was edited: where another one is in force by now, it is a 409',
    ),
  })
  .openapi('ChangedSilence')

/** `inventory` is what of it the asker sees. */
export function silenceJson(silence: Silence, at: number, inventory: Inventory): SilenceJson {
  const { id, matchers, startsAt, endsAt, createdBy, comment, updatedAt } = silence
  return {
    id,
    state: silenceState(silence, at),
    matchers: matchersJson(matchers),
    starts_at: new Date(startsAt).toISOString(),
    ends_at: new Date(endsAt).toISOString(),
    created_by: createdBy,
    comment,
    updated_at: new Date(updatedAt).toISOString(),
    affects: { devices: touched(matchers, inventory).length },
  }
}

/** Active ones first, the next to end leading; then what comes next; then what ended last. */
export function bySilenceState(one: SilenceJson, other: SilenceJson): number {
  if (one.state !== other.state) return ORDER.indexOf(one.state) - ORDER.indexOf(other.state)
  switch (one.state) {
    case 'active':
      return compare(one.ends_at, other.ends_at)
    case 'pending':
      return compare(one.starts_at, other.starts_at)
    case 'expired':
      return compare(other.ends_at, one.ends_at)
  }
}

const ORDER: readonly SilenceJson['state'][] = ['active', 'pending', 'expired']

// ISO 8601 in UTC sorts as text.
const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)
