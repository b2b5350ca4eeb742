import { afterAll, beforeAll, expect, test } from 'vitest'
import { type VictoriaMetrics, connectVictoriaMetrics } from '../../../lib/victoriametrics.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { type Stores, startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'
import { feed, ping, slot, startApi, state } from './stand.ts'

let stores: Stores
beforeAll(async () => {
  stores = await startStores()
})
afterAll(() => stores?.[Symbol.asyncDispose]())

/** The queries and exports that one refresh costs a fleet of this size, while every list is read. */
async function queriesFor(size: number): Promise<string[]> {
  const devices = Array.from({ length: size }, (_, index) => device(`of-${size}-${index}`))
  const samples = devices.flatMap((each) => [
    state(each.id, true, slot(60)),
    ping(each, slot(), 0.01),
  ])
  await feed(stores.victoriaMetrics, samples)
  const asked = new Map<number, string[]>()
  await using real = connectVictoriaMetrics(stores.vmUrl)
  const note = (at: number, what: string): void => {
    asked.set(at, [...(asked.get(at) ?? []), what])
  }
  const counted: VictoriaMetrics = {
    ...real,
    query(expr, options = {}) {
      note(options.at ?? 0, expr)
      return real.query(expr, options)
    },
    exportCsv(match, columns, range, options) {
      note(range.end, `export of ${match}[${range.end - range.start}ms]`)
      return real.exportCsv(match, columns, range, options)
    },
  }
  await using api = await startApi(stores, inventoryOf(...devices), { victoriaMetrics: counted })
  const paths = ['devices', 'branches', 'regions', 'alerts', 'dashboard/stats', 'scheduler/queues']
  await waitFor(async () => {
    const answers = await Promise.all(paths.map((path) => api.get(`/api/v1/${path}`)))
    expect(answers.map(({ status }) => status)).toEqual(paths.map(() => 200))
    expect(answers[0]?.body).toHaveLength(size)
    return asked.size >= 2
  })
  const [first = []] = asked.values()
  return first
}

test('F1 the fleet costs the same few queries at 10 and at 1,000 devices, and none lists devices', async () => {
  const few = await queriesFor(10)
  const many = await queriesFor(1_000)

  expect(many).toEqual(few)
  expect(many.length).toBeLessThan(10)
  expect(many.join('\n')).not.toContain('of-1000-')
  // Each says how far it looks back.
  expect(many.filter((expr) => !/\[\d+(ms|m)\]/.test(expr))).toEqual([])
})
