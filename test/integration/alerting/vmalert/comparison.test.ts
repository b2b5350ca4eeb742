import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { labelsKey } from '../../../../lib/labels.ts'
import {
  INTERVAL_MS,
  type Side,
  type Stretch,
  type World,
  openWorld,
  stretchesOf,
  tellings,
  valuesOf,
} from './world.ts'

const RULES = `
groups:
  - name: comparison
    interval: 2s
    labels:
      team: noc
    rules:
      - alert: AtOnce
        expr: load{kind="at-once"} > 0
        labels:
          severity: critical
          where: 'rack of {{ $labels.host }}'
        annotations:
          summary: '{{ $labels.host }} is at {{ $value | humanize }}{{ if gt $value 1000.0 }}, a lot{{ end }}'
          query: '{{ with query "load{host=\\"steady\\"}" }}{{ . | first | value | printf "%.1f" }}{{ end }}'
      - alert: AfterFor
        expr: load{kind="for"} > 0
        for: 5s
      - alert: MissesOne
        expr: load{kind="misses"} > 0
        for: 5s
      - alert: Twice
        expr: load{kind="twice"} > 5
        labels:
          severity: warning
      - alert: Twice
        expr: load{kind="twice"} > 10
        labels:
          severity: critical
      - alert: Broken
        expr: load{kind="at-once"} * on(team) load{kind="for"}
      - alert: WithoutSeries
        expr: nothing_of_the_kind > 0
      - record: load:sum
        expr: sum by (host) (load{kind="at-once"})
        labels:
          kind: recorded
      - alert: OnRecorded
        expr: load:sum{kind="recorded"} > 1000
        annotations:
          summary: 'recorded {{ $value }} of {{ $labels.host }} by {{ $expr }}'
  - name: limited
    interval: 2s
    limit: 2
    rules:
      - alert: Limited
        expr: load{kind="limit"} > 0
`
const QUIET = {
  'steady/steady': 7.25,
  'at-once/a': 0,
  'at-once/b': 0,
  'for/c': 0,
  'for/d': 0,
  'misses/f': 0,
  'twice/e': 0,
  'limit/x': 0,
  'limit/y': 0,
  'limit/z': 0,
}

/**
 * vmalert evaluates the same instants of the grid, but says of each the moment at which it got to it: on a machine that is busy
 * more than an evaluation later. How many stretches there are is the same whatever the moment.
 */
const SLACK_MS = 2 * INTERVAL_MS

let world: World
let whole: Stretch
/** Within these, two and three of the group with the limit of two are over it. */
let withTwo: Stretch
let withThree: Stretch
let leftByVmalert: number
type States = ReadonlyMap<string, string>
const states: { ours: States; theirs: States }[] = []

beforeAll(async () => {
  world = await openWorld(RULES, QUIET)
  const { play } = world
  const from = Date.now()
  await play(4)
  const burst = { 'at-once/a': 1, 'for/c': 1, 'for/d': 1, 'misses/f': 1, 'twice/e': 7 }
  const begun = await during(play(4, { ...burst, 'limit/x': 1, 'limit/y': 1 }))
  await look()
  // One evaluation sees neither c nor f, and two see no c.
  await play(2, { 'for/c': 0, 'misses/f': 0 })
  await play(2, { 'misses/f': 1, 'at-once/b': 1234.5 })
  const whileBoth = await during(play(10, { 'for/c': 1 }))
  await look()
  const more = { 'at-once/a': 0, 'for/d': 0, 'twice/e': 12 }
  withThree = await during(play(6, { ...more, 'limit/z': 1 }))
  leftByVmalert = (await statesOf(world.theirs, 'limited')).size
  await look()
  await play(6, { 'at-once/a': 1, 'at-once/b': 0, 'twice/e': 7, 'limit/z': 0 })
  await look()
  await play(10, QUIET)
  await look()
  whole = { from, to: Date.now() }
  withTwo = { from: begun.from, to: whileBoth.to }
}, 120_000)
afterAll(() => world[Symbol.asyncDispose]())

async function during(work: Promise<void>): Promise<Stretch> {
  const from = Date.now()
  await work
  return { from, to: Date.now() }
}

/** What both show just now, after nothing has changed for more than an evaluation. */
async function look(): Promise<void> {
  const ours = await statesOf(world.ours, 'comparison')
  const theirs = await statesOf(world.theirs, 'comparison')
  states.push({ ours, theirs })
}

async function statesOf({ evaluator }: Side, group: string): Promise<States> {
  const response = await fetch(`${evaluator().url}/api/v1/alerts`)
  type Alert = { labels: Record<string, string>; state: string; value: string }
  const { data } = (await response.json()) as { data: { alerts: Alert[] | null } }
  const ofGroup = (data.alerts ?? []).filter(({ labels }) => labels['alertgroup'] === group)
  return new Map(
    ofGroup.map(({ labels, state, value }) => [labelsKey(labels), `${state} ${value}`] as const),
  )
}

function expectSameStretches(
  our: ReadonlyMap<string, Stretch[]>,
  their: ReadonlyMap<string, Stretch[]>,
): void {
  expect([...our.keys()].sort()).toEqual([...their.keys()].sort())
  for (const [series, expected] of their) {
    const got = our.get(series) ?? []
    expect(got.length, series).toBe(expected.length)
    for (const [i, { from, to }] of expected.entries()) {
      expect(Math.abs((got[i]?.from ?? 0) - from), `${series} begins`).toBeLessThanOrEqual(SLACK_MS)
      expect(Math.abs((got[i]?.to ?? 0) - to), `${series} ends`).toBeLessThanOrEqual(SLACK_MS)
    }
  }
}

describe('wardline and the real vmalert 1.79.5, which has no keep_firing_for, on the same rules and samples', () => {
  test('show the same alerts in the same states, with the same values', () => {
    expect(states.map(({ theirs }) => theirs.size)).toEqual([5, 7, 6, 4, 0])
    for (const { ours, theirs } of states) expect(ours).toEqual(theirs)
  })

  test.each([
    ['ALERTS', 'alertgroup="comparison"', 8],
    // vmalert 1.79.5 writes it of rules with `for` alone, newer ones of all, as wardline does.
    ['ALERTS_FOR_STATE', 'alertname=~"AfterFor|MissesOne"', 3],
  ])(
    '%s have the same labels, and begin and end in the same evaluations',
    async (name, of, least) => {
      const expr = `${name}{${of}}`
      const our = await stretchesOf(world.ours, expr, whole)
      const their = await stretchesOf(world.theirs, expr, whole)
      expect(their.size).toBeGreaterThanOrEqual(least)
      expectSameStretches(our, their)
    },
  )

  test('activeAt is the same, and begins anew for a pending alert that missed one evaluation', async () => {
    const expr = 'ALERTS_FOR_STATE{alertgroup="comparison"}'
    const our = await valuesOf(world.ours, expr, whole)
    const their = await valuesOf(world.theirs, expr, whole)
    for (const [series, instants] of their) {
      expect(our.get(series)?.length, series).toBe(instants.length)
      for (const [i, instant] of instants.entries())
        expect(Math.abs((our.get(series)?.[i] ?? 0) - instant) * 1000, series).toBeLessThanOrEqual(
          SLACK_MS,
        )
    }
    const missed = [...their].find(([series]) => series.includes('MissesOne'))
    expect(missed?.[1].length).toBe(2)
  })

  test('the recorded series are the same', async () => {
    const expr = '{__name__="load:sum"}'
    const our = await stretchesOf(world.ours, expr, whole)
    const their = await stretchesOf(world.theirs, expr, whole)
    expect(their.size).toBe(2)
    expectSameStretches(our, their)
    expect(await valuesOf(world.ours, expr, whole)).toEqual(
      await valuesOf(world.theirs, expr, whole),
    )
  })

  test('what was sent is the same: labels, annotations, since when, and when it ended', () => {
    const our = tellings(world.ours.listener.posted, 'comparison', whole.to)
    const their = tellings(world.theirs.listener.posted, 'comparison', whole.to)
    expect([...our.keys()].sort()).toEqual([...their.keys()].sort())
    expect(their.size).toBe(8)
    for (const [alert, starts] of their) {
      const got = our.get(alert) ?? []
      expect(got.length, alert).toBe(starts.length)
      for (const [i, { startsAt, endsAt }] of starts.entries()) {
        expect(Math.abs((got[i]?.startsAt ?? 0) - startsAt), alert).toBeLessThanOrEqual(SLACK_MS)
        expect(Math.abs((got[i]?.endsAt ?? 0) - endsAt), alert).toBeLessThanOrEqual(SLACK_MS)
      }
    }
  })

  test('within its limit a group is the same; over it vmalert drops all alerts of the rule, wardline keeps those that fit', async () => {
    const hosts = async (side: Side, { from, to }: Stretch): Promise<string[]> => {
      const expr = 'ALERTS{alertgroup="limited"}'
      const range = { start: from + 2 * INTERVAL_MS, end: to - INTERVAL_MS, stepMs: 1_000 }
      const rows = await side.stores.victoriaMetrics.queryRange(expr, range)
      return rows.map(({ labels }) => labels['host'] ?? '').sort()
    }
    expect(await hosts(world.ours, withTwo)).toEqual(['x', 'y'])
    expect(await hosts(world.theirs, withTwo)).toEqual(['x', 'y'])
    expect(await hosts(world.ours, withThree)).toEqual(['x', 'y'])
    expect(leftByVmalert).toBe(0)
    const ofGroup = world.ours.listener.posted.filter(
      ({ labels }) => labels['alertgroup'] === 'limited',
    )
    expect(new Set(ofGroup.map(({ labels }) => labels['host']))).toEqual(new Set(['x', 'y']))
  })
})
