import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Labels } from '../../../../lib/labels.ts'
import { INTERVAL_MS, type Side, type Stretch, type World, openWorld, valuesOf } from './world.ts'

const RULES = `
groups:
  - name: restarted
    interval: 2s
    rules:
      - alert: AtOnce
        expr: load{kind="at-once"} > 0
      - alert: Fires
        expr: load{kind="fires"} > 0
        for: 3s
      - alert: Waits
        expr: load{kind="waits"} > 0
        for: 25s
      - record: load:sum
        expr: sum by (host) (load)
`

let world: World
let before: Stretch
let whole: Stretch

// Both are ended and begun again while AtOnce and Fires fire and Waits waits, for some 20 s in all.
beforeAll(async () => {
  world = await openWorld(RULES, { 'at-once/a': 0, 'fires/f': 0, 'waits/w': 0 })
  const from = Date.now()
  await world.play(2)
  await world.play(12, { 'at-once/a': 1, 'fires/f': 1, 'waits/w': 1 })
  before = { from, to: Date.now() }
  await world.restart()
  await world.play(Math.max(4, Math.ceil((from + 36_000 - Date.now()) / 1000)))
  whole = { from, to: Date.now() }
}, 120_000)
afterAll(() => world[Symbol.asyncDispose]())

const activeAtOf = async (side: Side, alert: string, within: Stretch): Promise<number[]> => {
  const expr = `ALERTS_FOR_STATE{alertname="${alert}"}`
  return [...(await valuesOf(side, expr, within)).values()].flat()
}

/** The instants at which an alert began to be shown as firing. */
async function firedAt(side: Side, alert: string): Promise<number> {
  const expr = `ALERTS{alertname="${alert}",alertstate="firing"}`
  const range = { start: whole.from, end: whole.to, stepMs: 1_000 }
  const rows = await side.stores.victoriaMetrics.queryRange(expr, range)
  return rows[0]?.points[0]?.[0] ?? Number.NaN
}

/** The beginnings of an alert that were sent, each once. */
const startsOf = ({ listener }: Side, alert: string): string[] => {
  const isIt = (labels: Labels): boolean => labels['alertname'] === alert
  return [...new Set(listener.posted.filter((a) => isIt(a.labels)).map((a) => a.startsAt))]
}

describe('after a restart in the middle of it', () => {
  test('a pending alert goes on waiting where it was, in wardline as in vmalert', async () => {
    for (const side of [world.ours, world.theirs]) {
      const [activeAt = 0, ...others] = await activeAtOf(side, 'Waits', whole)
      expect(others).toEqual([])
      const waited = (await firedAt(side, 'Waits')) - activeAt * 1000
      expect(waited).toBeGreaterThanOrEqual(25_000)
      expect(waited).toBeLessThanOrEqual(25_000 + 2 * INTERVAL_MS)
    }
  })

  test('an alert with `for` keeps its activeAt in both', async () => {
    for (const side of [world.ours, world.theirs]) {
      const known = await activeAtOf(side, 'Fires', before)
      expect(known.length).toBe(1)
      expect(await activeAtOf(side, 'Fires', whole)).toEqual(known)
    }
  })

  test('what fired is the same occurrence in wardline (vmalert begins another one)', async () => {
    for (const alert of ['AtOnce', 'Fires']) {
      expect(startsOf(world.ours, alert).length, alert).toBe(1)
      expect(startsOf(world.theirs, alert).length, alert).toBe(2)
    }
    expect((await activeAtOf(world.ours, 'AtOnce', whole)).length).toBe(1)
  })
})
