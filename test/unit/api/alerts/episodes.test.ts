import { expect, test } from 'vitest'
import { createCourses } from '../../../../api/alerts/history/courses.ts'
import { episodesOf } from '../../../../api/alerts/history/episodes.ts'
import { readSeries } from '../../../../lib/export-series.ts'

const T = Date.UTC(2026, 10, 22, 12)
const LABELS = { alertname: 'DeviceDown', device: 'r1' }
const at = (seconds: number): number => T + seconds * 1_000

/** Rows `second: value` of one series as VictoriaMetrics exports them; null is a stale marker. */
type Rows = readonly (readonly [second: number, value: number | null])[]

function series(name: string, rows: Rows, labels: object = {}) {
  const line = {
    metric: { __name__: name, ...LABELS, ...labels },
    values: rows.map(([, value]) => value),
    timestamps: rows.map(([second]) => at(second)),
  }
  return readSeries(Buffer.from(JSON.stringify(line)))
}

const FIRING = { alertstate: 'firing' }
const start = (second: number): number => at(second) / 1_000

/** The episodes of one alert in seconds, up to `to`: by what `ALERTS` and `ALERTS_FOR_STATE` say. */
function episodes(firing: Rows, since: Rows, to = 3_600) {
  const courses = createCourses()
  if (since.length > 0) courses.add(series('ALERTS_FOR_STATE', since))
  if (firing.length > 0) courses.add(series('ALERTS', firing, FIRING))
  return courses
    .all()
    .flatMap((course) => episodesOf(course, at(to)))
    .map((each) => [(each.start - T) / 1_000, each.end === null ? null : (each.end - T) / 1_000])
}

const every15 = (from: number, to: number, value: number): [number, number][] =>
  Array.from({ length: Math.floor((to - from) / 15) + 1 }, (_, n) => [from + n * 15, value])

test('an alert that ended is told from its condition to its stale marker', () => {
  const found = episodes(
    [...every15(60, 300, 1), [302, null]],
    [...every15(0, 300, start(-3)), [302, null]],
  )

  expect(found).toEqual([[-3, 302]])
})

test('one that fires still has no end', () => {
  expect(episodes(every15(0, 3_600, 1), every15(0, 3_600, start(-7_200)))).toEqual([[-7_200, null]])
})

test('twice with a marker between them is two times', () => {
  const found = episodes(
    [...every15(0, 45, 1), [50, null], ...every15(600, 645, 1), [650, null]],
    [...every15(0, 45, start(0)), [50, null], ...every15(600, 645, start(598)), [650, null]],
  )

  expect(found).toEqual([
    [0, 50],
    [598, 650],
  ])
})

test('another start of the condition is another time without a marker, too', () => {
  const found = episodes(every15(0, 3_600, 1), [
    ...every15(0, 285, start(0)),
    ...every15(300, 3_600, start(290)),
  ])

  expect(found).toEqual([
    [0, 290],
    [290, null],
  ])
})

test('C3 the same start is the same time: over a restart, a marker and a gap', () => {
  const since = [...every15(0, 60, start(0)), [62, null] as const, ...every15(900, 1_200, start(0))]
  const found = episodes(
    [...every15(0, 60, 1), [62, null], ...every15(900, 1_200, 1), [1_201, null]],
    [...since, [1_201, null]],
  )

  expect(found).toEqual([[0, 1_201]])
})

test('what was pending and never fired is none', () => {
  expect(episodes([], every15(0, 60, start(0)))).toEqual([])
  const found = episodes(
    [...every15(600, 660, 1), [661, null]],
    [...every15(0, 30, start(0)), [31, null], ...every15(540, 660, start(540)), [661, null]],
  )

  expect(found).toEqual([[540, 661]])
})

test('one that ended with its alerting, unmarked, ends at its last sample once nothing shows it any more', () => {
  const [firing, since] = [every15(0, 600, 1), every15(0, 600, start(0))]

  expect(episodes(firing, since, 3_600)).toEqual([[0, 600]])
  expect(episodes(firing, since, 700)).toEqual([[0, null]])
})

test('without ALERTS_FOR_STATE each run of samples is one', () => {
  const found = episodes(
    [...every15(0, 45, 1), [50, null], ...every15(600, 645, 1), [650, null]],
    [],
  )

  expect(found).toEqual([
    [0, 50],
    [600, 650],
  ])
})
