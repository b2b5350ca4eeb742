import { z } from 'zod'
import { checkTimeZone, parseInstant } from '../decisions/cron.ts'

import { windowSchema } from '../decisions/schemas.ts'
import type { MaintenanceWindow } from '../decisions/window.ts'
import { duration } from '../duration.ts'
import { parseMatchers } from '../matchers.ts'
import { requiredText, text } from './fields.ts'

/** Maintenance windows of wardline.yaml: `from` and `until`, or `cron` and `duration`, bounded by them if given. */

const FROM = 'RFC 3339, or on the clock of time_zone: 2026-08-21 22:00'

const parts = z.strictObject({
  name: requiredText('a name'),
  matchers: z
    .array(z.string({ error: 'expected a matcher' }))
    .min(1, { error: 'expected at least one matcher' })
    .describe('All must match: branch="Vake"'),
  cron: z.string().optional().describe('Begins then: 0 2 * * 0'),
  duration: duration({ min: '1s', max: '366d' }).optional().describe('With cron: lasts so long'),
  time_zone: text.default('UTC').describe('Whose clock cron, from and until are on'),
  from: z.string().optional().describe(FROM),
  until: z.string().optional().describe(FROM),
  comment: text.default(''),
})

/** One window; its id and who made it say that it stands in the configuration. */
const windowOfConfig = parts.transform((given, context): MaintenanceWindow => {
  const fail = (path: readonly PropertyKey[], message: string): never => {
    context.addIssue({ code: 'custom', path: [...path], message })
    return z.NEVER
  }
  try {
    checkTimeZone(given.time_zone)
  } catch (error) {
    return fail(['time_zone'], (error as Error).message)
  }
  const instants: { startsAt?: number; endsAt?: number } = {}
  for (const [key, name] of [
    ['from', 'startsAt'],
    ['until', 'endsAt'],
  ] as const) {
    const written = given[key]
    if (written === undefined) continue
    const at = parseInstant(written, given.time_zone)
    if (at === null)
      return fail(
        [key],
        'expected an instant such as 2026-08-21T22:00:00+04:00 or 2026-08-21 22:00',
      )
    instants[name] = at
  }
  const { cron, duration: durationMs } = given
  if ((cron === undefined) !== (durationMs === undefined))
    return fail([], 'expected cron together with duration: when it begins and how long it lasts')
  if (cron === undefined && (instants.startsAt === undefined || instants.endsAt === undefined))
    return fail([], 'expected from and until, or cron and duration')
  const matchers = []
  for (const [index, written] of given.matchers.entries()) {
    try {
      matchers.push(...parseMatchers(written))
    } catch (error) {
      return fail(['matchers', index], (error as Error).message)
    }
  }
  const window = {
    id: `config:${given.name}`,
    name: given.name,
    matchers,
    schedule:
      cron === undefined
        ? { kind: 'once', ...instants }
        : { kind: 'recurring', cron, durationMs, timeZone: given.time_zone, ...instants },
    createdBy: 'configuration',
    comment: given.comment,
    updatedAt: 0,
  }
  const checked = windowSchema.safeParse(window)
  if (checked.success) return checked.data
  return fail(pathOf(checked.error.issues[0]?.path ?? []), checked.error.issues[0]?.message ?? '')
})

/** Where the configuration says what the window's schema found wrong. */
function pathOf([key, ...rest]: readonly PropertyKey[]): PropertyKey[] {
  if (key === 'matchers') return ['matchers']
  return key === 'schedule' && rest.length === 0 ? [] : ['cron']
}

export const maintenanceSchema = z
  .array(windowOfConfig)
  .superRefine((windows, context) => {
    const seen = new Set<string>()
    for (const [index, { name }] of windows.entries()) {
      if (seen.has(name))
        context.addIssue({
          code: 'custom',
          path: [index, 'name'],
          message: `expected a name of its own, which ${name} isn't`,
        })
      seen.add(name)
    }
  })
  .default([])
