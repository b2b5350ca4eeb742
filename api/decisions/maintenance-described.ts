import { createRoute, z } from '@hono/zod-openapi'
import { pageParameters } from '../device-query.ts'
import { instant } from '../instant.ts'
import { anyOf, anyTexts, freeText, queryOf } from '../query-parameters.ts'
import { asked, json } from '../responses.ts'
import { previewSchema } from './preview.ts'
import {
  changedWindowSchema,
  newWindowSchema,
  occurrenceSchema,
  windowSchema,
} from './window-json.ts'
import { conflicting, dryRun, mayBeRefused, notThere, written } from './writes.ts'

const tags = ['Maintenance']
const params = z.object({ id: z.string().meta({ description: 'The id of a window' }) })
const bodyOf = <S extends z.ZodType>(schema: S) => ({
  content: { 'application/json': { schema } },
  required: true,
})

export const listRoute = createRoute({
  method: 'get',
  path: '/maintenance',
  tags,
  summary: 'Maintenance windows',
  description:
    'Those that are open first, then those to come, then those that are over; those of the configuration are among them. `X-Total-Count` says how many match.',
  request: {
    query: queryOf({
      state: anyOf(['active', 'pending', 'over']).meta({
        description: 'In any of these; several with commas',
      }),
      device: anyTexts().meta({ description: 'Those that may be about the device of this id' }),
      q: freeText().meta({
        description: 'Words that all occur in name, matchers, author or comment',
      }),
      ...pageParameters(),
    }),
  },
  responses: asked('The windows that match', z.array(windowSchema)),
})

export const calendarRoute = createRoute({
  method: 'get',
  path: '/maintenance/calendar',
  tags,
  summary: 'What is open or opens in a time',
  description:
    'In order. Of one window 1,000 openings at most are told, 10,000 of all: `X-Incomplete: true` says that there are more.',
  request: {
    query: queryOf({
      from: instant().optional().meta({ description: 'Now unless given' }),
      to: instant().optional().meta({ description: 'A week after `from` unless given' }),
    }),
  },
  responses: asked('Openings of windows', z.array(occurrenceSchema)),
})

export const oneRoute = createRoute({
  method: 'get',
  path: '/maintenance/{id}',
  tags,
  summary: 'One maintenance window',
  request: { params, query: queryOf({}) },
  responses: { ...asked('The window', windowSchema), ...notThere },
})

export const addRoute = createRoute({
  method: 'post',
  path: '/maintenance',
  tags,
  summary: 'Plan maintenance',
  description: 'With `dry_run=true` nothing is written: the answer says what it would be about.',
  middleware: written,
  request: { query: queryOf({ dry_run: dryRun }), body: bodyOf(newWindowSchema) },
  responses: {
    200: json(
      'What it would be about, and when: `dry_run=true`',
      previewSchema.extend({
        occurrences: z.array(occurrenceSchema).describe('The first ones, from now on'),
      }),
    ),
    201: json('The window', windowSchema),
    ...mayBeRefused,
  },
})

export const changeRoute = createRoute({
  method: 'put',
  path: '/maintenance/{id}',
  tags,
  summary: 'Change a maintenance window',
  middleware: written,
  request: { params, body: bodyOf(changedWindowSchema) },
  responses: {
    200: json('The window', windowSchema),
    ...mayBeRefused,
    ...notThere,
    ...conflicting,
  },
})

export const removeRoute = createRoute({
  method: 'delete',
  path: '/maintenance/{id}',
  tags,
  summary: 'Remove a maintenance window',
  middleware: written,
  request: { params },
  responses: {
    204: { description: 'It is removed' },
    ...mayBeRefused,
    ...notThere,
    ...conflicting,
  },
})
