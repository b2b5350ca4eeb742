import { z } from 'zod'
import { STATUSES } from '../lib/status.ts'
import { explainSchema } from './explain/schema.ts'
import { RANGES } from './history/ranges.ts'
import { SORTS } from './list-devices.ts'
import { MAX_SLOWEST } from './slowest.ts'
import {
  alertSchema,
  branchSchema,
  deviceSchema,
  healthSchema,
  historySchema,
  problemSchema,
  queuesSchema,
  regionSchema,
  slowPollSchema,
  statsSchema,
} from './schemas.ts'

/** The schemas that answers are typed and tested by, under the names that the document gives them. */
const SCHEMAS = {
  Device: deviceSchema,
  History: historySchema,
  Explanation: explainSchema,
  Branch: branchSchema,
  Region: regionSchema,
  Stats: statsSchema,
  Alert: alertSchema,
  Queues: queuesSchema,
  SlowPoll: slowPollSchema,
  Health: healthSchema,
  Problem: problemSchema,
} as const satisfies Record<string, z.ZodType>

type Json = Readonly<Record<string, unknown>>

type Operation = {
  readonly summary: string
  readonly parameters?: readonly Json[]
  /** By status: in words, with the media type and schema of the body. */
  readonly answers: Readonly<Record<string, Json>>
}

const ref = (name: keyof typeof SCHEMAS): Json => ({ $ref: `#/components/schemas/${name}` })
const listOf = (name: keyof typeof SCHEMAS): Json => ({ type: 'array', items: ref(name) })
const TEXT: Json = { type: 'string' }

const answer = (description: string, schema: Json, mediaType = 'application/json'): Json => ({
  description,
  content: { [mediaType]: { schema } },
})
const refusal = (description: string): Json =>
  answer(description, ref('Problem'), 'application/problem+json')

const badRequest = refusal('A parameter or value that there is not')
const notFound = refusal('No such device; the nearest id is named')
const unavailable = refusal("The fleet's status can't be told now, or too much is asked")

const inQuery = (name: string, description: string, schema: Json, more: Json = {}): Json => ({
  name,
  in: 'query',
  description,
  schema,
  ...more,
})
const wordsOf = (values: readonly string[]): Json => ({
  type: 'array',
  items: { type: 'string', enum: values },
})
const WITH_COMMAS: Json = { style: 'form', explode: false }
const REPEATED: Json = { style: 'form', explode: true }
const DEVICE_ID: Json = { name: 'id', in: 'path', required: true, schema: TEXT }

const told = (summary: string, schema: Json, parameters: readonly Json[] = []): Operation => ({
  summary,
  parameters,
  answers: {
    200: answer('Made from one view of the fleet', schema),
    400: badRequest,
    503: unavailable,
  },
})

const QUEUES = told('What the collectors have under way, due and planned', ref('Queues'))
const HEALTH_TEXT = answer('In a word', { type: 'object', properties: { status: TEXT } })

/** Every path that answers GET, but for the page's own files. Those that are told of the fleet have a 304 too. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  '/api/v1/devices': told('Devices', listOf('Device'), [
    inQuery('status', 'Any of these', wordsOf(STATUSES), WITH_COMMAS),
    inQuery('branch', 'Any of these', { type: 'array', items: TEXT }, REPEATED),
    inQuery('region', 'Any of these', { type: 'array', items: TEXT }, REPEATED),
    inQuery('type', 'Any of these', { type: 'array', items: TEXT }, REPEATED),
    inQuery('q', 'Words that all occur in what a device is called', TEXT),
    inQuery('sort', '- in front turns it round', { type: 'string', enum: SORTS }),
    inQuery(
      'fields',
      'The members to tell; all unless told',
      wordsOf(Object.keys(deviceSchema.shape)),
      WITH_COMMAS,
    ),
    inQuery('limit', 'So many at most', { type: 'integer', minimum: 1, maximum: 100_000 }),
    inQuery('offset', 'So many are left out', { type: 'integer', minimum: 0 }),
  ]),
  '/api/v1/devices/{id}': withDevice(told('One device', ref('Device'))),
  '/api/v1/devices/{id}/history': withDevice(
    told('Its round-trip times, loss and outages', ref('History'), [
      inQuery('range', 'Up to now', { type: 'string', enum: RANGES, default: '24h' }),
    ]),
  ),
  '/api/v1/devices/{id}/explain': withDevice(
    told('Why it has its status, and who was told', ref('Explanation'), [
      inQuery(
        'at',
        'A past instant: ISO 8601 with its zone, or Unix seconds; now unless told',
        TEXT,
      ),
    ]),
  ),
  '/api/v1/branches': told('Counts by status of each branch, and its uplinks', listOf('Branch')),
  '/api/v1/regions': told('Counts by status of each region', listOf('Region')),
  '/api/v1/alerts': told('Alerts, the worst and oldest first', listOf('Alert'), [
    inQuery('state', 'Of this state', {
      type: 'string',
      enum: ['firing', 'pending', 'any'],
      default: 'firing',
    }),
  ]),
  '/api/v1/dashboard/stats': told('Counts, alerts, freshness and health', ref('Stats')),
  '/api/v1/snmp/slowest': told('Devices whose last SNMP poll took longest', listOf('SlowPoll'), [
    inQuery('branch', 'Any of these', { type: 'array', items: TEXT }, REPEATED),
    inQuery('region', 'Any of these', { type: 'array', items: TEXT }, REPEATED),
    inQuery('limit', 'So many at most', {
      type: 'integer',
      minimum: 1,
      maximum: MAX_SLOWEST,
      default: 10,
    }),
  ]),
  '/api/v1/scheduler/queues': QUEUES,
  '/api/scheduler/queues': QUEUES,
  '/api/v1/events': {
    summary: 'What changes, as it changes',
    answers: {
      200: answer('Events status, reload, stats, alerts and health', TEXT, 'text/event-stream'),
      400: badRequest,
      503: unavailable,
    },
  },
  '/api/v1/health': {
    summary: 'How healthy the pipeline is',
    answers: {
      200: answer('Healthy or degraded', ref('Health')),
      503: answer('Unhealthy', ref('Health')),
    },
  },
  '/livez': { summary: 'The process answers', answers: { 200: HEALTH_TEXT } },
  '/readyz': { summary: 'A status can be told', answers: { 200: HEALTH_TEXT, 503: HEALTH_TEXT } },
  '/metrics': {
    summary: "The service's own metrics",
    answers: { 200: answer('In the text format of Prometheus', TEXT, 'text/plain') },
  },
  '/api/openapi.json': {
    summary: 'This document',
    answers: { 200: answer('OpenAPI 3.1', { type: 'object' }) },
  },
}

function withDevice({ parameters = [], answers, ...of }: Operation): Operation {
  return { ...of, parameters: [DEVICE_ID, ...parameters], answers: { ...answers, 404: notFound } }
}

/** The HTTP interface in OpenAPI 3.1. */
export function openApiOf(version: string): Json {
  const paths = Object.entries(OPERATIONS).map(([path, { summary, parameters = [], answers }]) => [
    path,
    { get: { summary, parameters, responses: answers } },
  ])
  return {
    openapi: '3.1.1',
    info: { title: 'wardline', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    paths: Object.fromEntries(paths),
    components: { schemas: componentSchemas() },
  }
}

function componentSchemas(): Json {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(SCHEMAS)) registry.add(schema, { id })
  const { schemas } = z.toJSONSchema(registry, {
    uri: (id) => `#/components/schemas/${id}`,
    override({ jsonSchema }) {
      // A later release may add members, and the format says all of the long pattern.
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern
    },
  })
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _schema, $id: _id, ...schema }]) => [id, schema]),
  )
}
