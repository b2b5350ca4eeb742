import { z } from '@hono/zod-openapi'
import {
  type MaintenanceWindow,
  type Schedule,
  type Span,
  spansBetween,
  windowAt,
} from '../../lib/decisions/window.ts'
import type { Inventory } from '../../lib/inventory.ts'
import { time } from '../schemas.ts'
import { noInstantText, remarkText, shortText } from './fields.ts'
import { type GivenSchedule, givenSchedule } from './given-schedule.ts'
import { affectsSchema } from './silence-json.ts'
import { matcherSchema, matchersJson, subjectShape } from './subject.ts'
import { touched } from './touched.ts'

const spanSchema = z.strictObject({ from: time, until: time })

const scheduleSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('once'), starts_at: time, ends_at: time }),
  z.strictObject({
    kind: z.literal('recurring'),
    cron: z.string(),
    duration_seconds: z.number(),
    time_zone: z.string(),
    starts_at: time.nullable(),
    ends_at: time.nullable(),
  }),
])

export const windowSchema = z
  .strictObject({
    id: z.string(),
    name: z.string().meta({ examples: ['Backup'] }),
    matchers: z.array(matcherSchema).describe('All must match'),
    schedule: scheduleSchema,
    created_by: z.string(),
    comment: z.string(),
    updated_at: time.nullable().describe('Null for one of the configuration'),
    from_configuration: z.boolean().describe('It stands in wardline.yaml, and is changed there'),
    active_until: time.nullable().describe('Null while it is not open'),
    next: spanSchema.nullable().describe('When it opens next, within a year'),
    affects: affectsSchema,
  })
  .openapi('MaintenanceWindow')

export type WindowJson = z.output<typeof windowSchema>

export const occurrenceSchema = z
  .strictObject({
    window: z.string().describe('Its id'),
    name: z.string(),
    from: time,
    until: time,
    comment: z.string(),
    created_by: z.string(),
    matchers: z.array(matcherSchema),
  })
  .openapi('MaintenanceOccurrence')

export type OccurrenceJson = z.output<typeof occurrenceSchema>

export const newWindowSchema = z
  .strictObject({
    name: shortText('a name'),
    ...subjectShape,
    schedule: givenSchedule,
    comment: remarkText,
  })
  .openapi('NewMaintenanceWindow')

export const changedWindowSchema = newWindowSchema
  .extend({
    updated_at: noInstantText.describe(
      'Of the version that was edited: where another one is in force by now, it is a 409',
    ),
  })
  .openapi('ChangedMaintenanceWindow')

export function scheduleOf(given: GivenSchedule): Schedule {
  const { starts_at: startsAt, ends_at: endsAt } = given
  if (given.kind === 'once')
    return { kind: 'once', startsAt: given.starts_at, endsAt: given.ends_at }
  return {
    kind: 'recurring',
    cron: given.cron,
    durationMs: Math.round(given.duration_seconds * 1000),
    timeZone: given.time_zone,
    ...(startsAt !== undefined && { startsAt }),
    ...(endsAt !== undefined && { endsAt }),
  }
}

/** Those of the configuration are changed there alone. */
export const isConfigured = ({ id }: Pick<MaintenanceWindow, 'id'>): boolean =>
  id.startsWith('config:')

/** Further ahead nobody plans. */
const YEAR_MS = 366 * 86_400_000

/** `inventory` is what of it the asker sees. */
export function windowJson(
  window: MaintenanceWindow,
  at: number,
  inventory: Inventory,
): WindowJson {
  const open = windowAt(window, at)
  const next = spansBetween(window, { from: at, until: at + YEAR_MS }, 2).find(
    ({ from }) => from > at,
  )
  return {
    id: window.id,
    name: window.name,
    matchers: matchersJson(window.matchers),
    schedule: scheduleJson(window.schedule),
    created_by: window.createdBy,
    comment: window.comment,
    updated_at: isConfigured(window) ? null : iso(window.updatedAt),
    from_configuration: isConfigured(window),
    active_until: open === null ? null : iso(open.until),
    next: next === undefined ? null : spanJson(next),
    affects: { devices: touched(window.matchers, inventory).length },
  }
}

export const occurrenceJson = (window: MaintenanceWindow, span: Span): OccurrenceJson => ({
  window: window.id,
  name: window.name,
  ...spanJson(span),
  comment: window.comment,
  created_by: window.createdBy,
  matchers: matchersJson(window.matchers),
})

function scheduleJson(schedule: Schedule): WindowJson['schedule'] {
  if (schedule.kind === 'once')
    return { kind: 'once', starts_at: iso(schedule.startsAt), ends_at: iso(schedule.endsAt) }
  const { cron, durationMs, timeZone, startsAt, endsAt } = schedule
  return {
    kind: 'recurring',
    cron,
    duration_seconds: durationMs / 1000,
    time_zone: timeZone,
    starts_at: startsAt === undefined ? null : iso(startsAt),
    ends_at: endsAt === undefined ? null : iso(endsAt),
  }
}

/** Open ones first, the next to close leading; then those to come; then those that are over. */
export function byWindowState(one: WindowJson, other: WindowJson): number {
  const [rank, otherRank] = [rankOf(one), rankOf(other)]
  if (rank !== otherRank) return rank - otherRank
  const [key, otherKey] = [keyOf(one), keyOf(other)]
  if (key !== otherKey) return key < otherKey === rank < 2 ? -1 : 1
  return one.name < other.name ? -1 : 1
}

const rankOf = ({ active_until, next }: WindowJson): number =>
  active_until !== null ? 0 : next !== null ? 1 : 2

const keyOf = ({ active_until, next, schedule }: WindowJson): string =>
  active_until ?? next?.from ?? schedule.ends_at ?? ''

const spanJson = ({ from, until }: Span): { from: string; until: string } => {
  return { from: iso(from), until: iso(until) }
}

const iso = (at: number): string => new Date(at).toISOString()
