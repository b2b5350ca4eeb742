import { expect, test } from 'vitest'
import { createUplinkMemory } from '../../../../api/view/past-uplinks.ts'
import type { Vector } from '../../../../lib/victoriametrics.ts'
import { settle } from '../../../fakes/clock.ts'
import { device, inventoryOf } from '../../../fakes/inventory.ts'
import { AT, emptyVectors, point, uplinkPoints } from '../fleet-vectors.ts'

const signal = new AbortController().signal
const { current } = inventoryOf(device('r'))
const labels = { device: 'r', uplink: 'isp-a', ifIndex: '1', ifName: 'wan' }
const CHANGED = AT - 90_000_000

/** What VictoriaMetrics says of the past: the last readings, and when their values changed. */
function store(last: Vector, changed: Vector = []) {
  const asked: string[] = []
  return {
    asked,
    isAway: false,
    async query(expr: string) {
      asked.push(expr)
      if (this.isAway) throw new Error('away')
      return [...last, ...changed]
    },
  }
}
const change = (metric: string, at: number) =>
  point(at / 1000, { __name__: metric, wardline_change: '1', ...labels })
const reading = (oper: number, at = AT, admin = 1) => ({
  ...emptyVectors,
  uplinks: uplinkPoints(labels, { oper, admin, ago: AT - at }),
})

async function noted(
  past: ReturnType<typeof store>,
  ...turns: [at: number, vectors: typeof emptyVectors][]
) {
  const memory = createUplinkMemory(past)
  for (const [at, vectors] of turns) {
    memory.note(current, vectors, at, signal)
    await settle()
  }
  return { ...memory, since: [...memory.past.values()].map(({ since }) => since) }
}

test('the past is asked once: for uplinks whose devices are silent, and since when they are as they are', async () => {
  const past = store(uplinkPoints(labels, { oper: 2, ago: 3_600_000 }), [
    change('ifOperStatus', CHANGED),
    change('ifAdminStatus', CHANGED - 1),
  ])
  const { since } = await noted(past, [AT, emptyVectors], [AT + 1_000, emptyVectors])

  expect(since).toEqual([CHANGED])
  expect(past.asked).toHaveLength(1)
  expect(past.asked.join()).not.toContain('"r"')
})

test('without a change in all that time its start is not known', async () => {
  const { since } = await noted(store(reading(1).uplinks), [AT, reading(1)])

  expect(since).toEqual([null])
})

test('a state that changes before our eyes began with the poll that saw it', async () => {
  const past = store(reading(1).uplinks, [change('ifOperStatus', CHANGED)])
  const { since } = await noted(
    past,
    [AT, reading(1)],
    [AT + 4_000, reading(2, AT + 3_000)],
    [AT + 5_000, reading(7, AT + 4_500)],
  )

  expect(since).toEqual([AT + 3_000])
})

test('after a time in which nobody read the past is asked again', async () => {
  const past = store(reading(2, AT + 60_000).uplinks, [change('ifOperStatus', AT + 30_000)])
  const { since } = await noted(past, [AT, reading(1)], [AT + 61_000, reading(2, AT + 60_000)])

  expect(since).toEqual([AT + 30_000])
  expect(past.asked).toHaveLength(2)
})

test('a look back that fails is tried again a minute later, not with every view', async () => {
  const past = store([])
  past.isAway = true
  const everyFiveSeconds = (count: number) =>
    Array.from({ length: count }, (_, index): [number, typeof emptyVectors] => [
      AT + index * 5_000,
      emptyVectors,
    ])

  await noted(past, ...everyFiveSeconds(12))
  const inTheFirstMinute = past.asked.splice(0).length
  await noted(past, ...everyFiveSeconds(13))

  expect([inTheFirstMinute, past.asked.length]).toEqual([1, 2])
})

test('uplinks of devices that left the inventory are forgotten', async () => {
  const { past, note } = await noted(store(reading(1).uplinks), [AT, reading(1)])
  note(new Map(), emptyVectors, AT + 1_000, signal)

  expect(past.size).toBe(0)
})
