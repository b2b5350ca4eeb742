import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Labels, labelsKey } from '../../../../lib/labels.ts'
import { type Stores, startStores } from '../../../stores.ts'
import {
  type Listener,
  type Posted,
  startAlerting,
  startListener,
  startVmalert,
} from './evaluators.ts'

/** Every two seconds, so that what the two see may differ by one evaluation. */
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
          kind: 'of {{ $labels.host }}'
        annotations:
          summary: '{{ $labels.host }} is at {{ $value | humanize }}{{ if gt $value 1000.0 }}, a lot{{ end }}'
          query: '{{ with query "load{host=\\"steady\\"}" }}{{ . | first | value | printf "%.1f" }}{{ end }}'
      - alert: AfterFor
        expr: load{kind="for"} > 0
        for: 6s
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
          summary: 'recorded {{ $value }} of {{ $labels.host }} since {{ $for }}'
`

type Phase = { readonly seconds: number; readonly loads: Readonly<Record<string, number>> }

/** What is stored each second, phase after phase: by kind/host. */
const PHASES: readonly Phase[] = [
  { seconds: 6, loads: { 'at-once/a': 0, 'at-once/b': 0, 'for/c': 0, 'for/d': 0 } },
  { seconds: 5, loads: { 'at-once/a': 1, 'at-once/b': 0, 'for/c': 1, 'for/d': 1 } },
  // c was away too early: its "for" begins anew; d fires.
  { seconds: 4, loads: { 'at-once/a': 1, 'at-once/b': 1234.5, 'for/c': 0, 'for/d': 1 } },
  { seconds: 6, loads: { 'at-once/a': 0, 'at-once/b': 1234.5, 'for/c': 1, 'for/d': 1 } },
  { seconds: 6, loads: { 'at-once/a': 1, 'at-once/b': 0, 'for/c': 1, 'for/d': 0 } },
  { seconds: 8, loads: { 'at-once/a': 0, 'at-once/b': 0, 'for/c': 0, 'for/d': 0 } },
]

/** Two evaluations of 2 s that needn't lie on the same second, and one stamp's rounding. */
const SLACK_MS = 3_500

type Run = { readonly stores: Stores; readonly listener: Listener }
const stack = new AsyncDisposableStack()
let ours: Run
let theirs: Run
let startedAt = 0
let endedAt = 0

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wardline-vmalert-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const open = async (): Promise<Run> => ({
    stores: stack.use(await startStores()),
    listener: stack.use(await startListener()),
  })
  ours = await open()
  theirs = await open()
  const rules = join(folder, 'rules.yml')
  await writeFile(rules, RULES)
  startedAt = Date.now()
  await store({ ...PHASES[0]?.loads })
  stack.use(await startVmalert(rules, theirs.stores, theirs.listener))
  stack.use(await startAlerting(rules, ours.stores, ours.listener, folder))
  for (const { seconds, loads } of PHASES) {
    for (let i = 0; i < seconds; i++) {
      await store(loads)
      await delay(1000 - (Date.now() % 1000))
    }
  }
  endedAt = Date.now()
  for (const { stores } of [ours, theirs]) await stores.victoriaMetrics.flush()
}, 120_000)
afterAll(() => stack.disposeAsync())

/** The same samples for both. */
async function store(loads: Readonly<Record<string, number>>): Promise<void> {
  const at = Math.floor(Date.now() / 1000) * 1000
  const lines = Object.entries({ ...loads, 'steady/steady': 7.25 }).map(([name, value]) => {
    const [kind, host] = name.split('/')
    return `,kind=${kind},host=${host} load=${value} ${at}`
  })
  for (const { stores } of [ours, theirs]) {
    await stores.victoriaMetrics.writeLines(lines.join('\n'))
    await stores.victoriaMetrics.flush()
  }
}

type Stretch = { readonly from: number; readonly to: number }

/** When each series was there: one stretch for each time that it was, to the second. */
async function stretchesOf({ stores }: Run, expr: string): Promise<Map<string, Stretch[]>> {
  const range = { start: startedAt, end: endedAt, stepMs: 1000 }
  const found = new Map<string, Stretch[]>()
  for (const { labels, points } of await stores.victoriaMetrics.queryRange(expr, range)) {
    const stretches: Stretch[] = []
    for (const [at] of points) {
      const last = stretches.at(-1)
      if (last !== undefined && at - last.to <= 2_000)
        stretches[stretches.length - 1] = { ...last, to: at }
      else stretches.push({ from: at, to: at })
    }
    found.set(labelsKey(labels), stretches)
  }
  return found
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

const OF_THE_GROUP = '{alertgroup="comparison"}'

describe('wardline and the real vmalert, on the same rules and samples', () => {
  test.each(['ALERTS', 'ALERTS_FOR_STATE'])(
    '%s begin and end in the same evaluations',
    async (name) => {
      const expr = `${name}${OF_THE_GROUP}`
      const [our, their] = await Promise.all([stretchesOf(ours, expr), stretchesOf(theirs, expr)])
      expect(their.size).toBeGreaterThan(4)
      expectSameStretches(our, their)
    },
  )

  test('activeAt is the same', async () => {
    const expr = `ALERTS_FOR_STATE${OF_THE_GROUP}`
    const range = { start: startedAt, end: endedAt, stepMs: 1000 }
    const since = async ({ stores }: Run): Promise<Map<string, number[]>> =>
      new Map(
        (await stores.victoriaMetrics.queryRange(expr, range)).map(({ labels, points }) => [
          labelsKey(labels),
          [...new Set(points.map(([, value]) => value))],
        ]),
      )
    const [our, their] = await Promise.all([since(ours), since(theirs)])
    expect(their.size).toBeGreaterThan(3)
    for (const [series, instants] of their) {
      expect(our.get(series)?.length, series).toBe(instants.length)
      for (const [i, instant] of instants.entries())
        expect(Math.abs((our.get(series)?.[i] ?? 0) - instant) * 1000, series).toBeLessThanOrEqual(
          SLACK_MS,
        )
    }
  })

  test('the recorded series are the same, and end with what they were recorded of', async () => {
    const expr = '{__name__="load:sum"}'
    const [our, their] = await Promise.all([stretchesOf(ours, expr), stretchesOf(theirs, expr)])
    expect(their.size).toBe(2)
    expectSameStretches(our, their)
  })

  test('what was sent is the same: labels, annotations, since when, and that it ended', () => {
    const our = tellings(ours.listener.posted)
    const their = tellings(theirs.listener.posted)
    expect([...our.keys()].sort()).toEqual([...their.keys()].sort())
    expect(their.size).toBe(6)
    for (const [alert, starts] of their) {
      const got = our.get(alert) ?? []
      expect(got.length, alert).toBe(starts.length)
      for (const [i, { startsAt, endsAt }] of starts.entries()) {
        expect(Math.abs((got[i]?.startsAt ?? 0) - startsAt), alert).toBeLessThanOrEqual(SLACK_MS)
        expect(Math.abs((got[i]?.endsAt ?? 0) - endsAt), alert).toBeLessThanOrEqual(SLACK_MS)
      }
    }
  })
})

type Telling = { readonly startsAt: number; readonly endsAt: number }

/** Each occurrence that ended, by labels and annotations; however often it was posted meanwhile. */
function tellings(posted: readonly Posted[]): Map<string, Telling[]> {
  const found = new Map<string, Telling[]>()
  for (const { labels, annotations, startsAt, endsAt } of posted) {
    if (labels['alertgroup'] !== 'comparison') continue
    const told = { startsAt: Date.parse(startsAt), endsAt: Date.parse(endsAt) }
    // A problem that fires is posted with an end that lies ahead; its last word is the end that it had.
    if (told.endsAt > endedAt) continue
    const key = describeAlert(labels, annotations)
    const known = found.get(key) ?? []
    const same = known.findIndex(({ startsAt: start }) => start === told.startsAt)
    found.set(key, same < 0 ? [...known, told] : known.with(same, told))
  }
  return found
}

const describeAlert = (labels: Labels, annotations: Labels): string =>
  `${labelsKey(labels)} | ${labelsKey(annotations)}`
