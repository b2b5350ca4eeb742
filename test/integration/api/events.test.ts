import { afterAll, beforeAll, expect, test } from 'vitest'
import { statsSchema } from '../../../api/health-schema.ts'
import { statusEventSchema } from '../../../api/schemas.ts'
import { CHANNELS } from '../../../lib/service.ts'
import { inventoryOf } from '../../fakes/inventory.ts'
import { type Stores, startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'
import {
  type RunningApi,
  evaluated,
  feed,
  ping,
  seldomPinged,
  slot,
  startApi,
  state,
} from './stand.ts'

const one = seldomPinged('one')
const two = seldomPinged('two')

let stores: Stores
let api: RunningApi
beforeAll(async () => {
  stores = await startStores()
  api = await startApi(stores, inventoryOf(one, two))
  await feed(stores.victoriaMetrics, [
    state('one', true, slot(100)),
    state('two', true, slot(100)),
    ping(one, slot(), 0.01),
    ping(two, slot(), 0.01),
    evaluated(),
  ])
})
afterAll(async () => {
  await api?.[Symbol.asyncDispose]()
  await stores?.[Symbol.asyncDispose]()
})

type Event = { id: number; name: string; data: unknown }

/** Reads a stream into `events` until it ends. */
async function readEvents(response: Response, events: Event[]): Promise<void> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    const blocks = text.split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) {
      const [, id, name, data] = /^id: (\d+)\nevent: (\w+)\ndata: (.*)$/.exec(block) ?? []
      if (name !== undefined) events.push({ id: Number(id), name, data: JSON.parse(data ?? '') })
    }
  }
}

test('a device that goes down is told on the stream, alone, with the stats that follow', async () => {
  await waitFor(async () => (await api.get('/api/v1/devices?status=up')).body.length === 2)
  const leaving = new AbortController()
  const response = await fetch(`${api.url}/api/v1/events`, { signal: leaving.signal })
  const events: Event[] = []
  const reading = readEvents(response, events).catch(() => {})
  await waitFor(() => events.some(({ name }) => name === 'stats'))
  const since = slot(1)
  await feed(stores.victoriaMetrics, [state('two', false, since, slot()), ping(two, slot(), null)])
  await stores.redis.publish(CHANNELS.statuses, '{"device":"two"}')

  const told = await waitFor(() => events.find(({ name }) => name === 'status'))
  const { devices, removed } = statusEventSchema.parse(told.data)
  const after = await waitFor(() => events.find(({ id, name }) => name === 'stats' && id > told.id))
  leaving.abort()
  await reading

  expect(response.headers.get('content-type')).toContain('text/event-stream')
  expect(devices).toMatchObject([
    { id: 'two', status: 'down', down_since: new Date(since).toISOString() },
  ])
  expect(removed).toEqual([])
  expect(statsSchema.parse(after.data).devices).toMatchObject({ up: 1, down: 1 })
  expect(events.map(({ id }) => id)).toEqual(events.map(({ id }) => id).sort((a, b) => a - b))
})

test('while nobody reads, VictoriaMetrics is not asked', async () => {
  const refreshes = async () => {
    const { body } = await api.get('/metrics')
    return Number(/^wardline_view_refresh_seconds_count (\d+)$/m.exec(body)?.[1])
  }
  const counts: number[] = []
  await waitFor(
    async () => {
      counts.push(await refreshes())
      return counts.at(-1) === counts.at(-2)
    },
    { intervalMs: 3_000, timeoutMs: 20_000 },
  )

  await api.get('/api/v1/devices')

  expect(await refreshes()).toBeGreaterThan(counts.at(-1) ?? Infinity)
})
