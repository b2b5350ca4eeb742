import { expect, test } from 'vitest'
import { chartOf } from '../../../../chaos/soak/chart.ts'
import { type Track, judgeTrack, readMetrics, readProcess } from '../../../../chaos/soak/figures.ts'
import { parseSoakOptions } from '../../../../chaos/soak/options.ts'
import { createRegistry } from '../../../../lib/metrics.ts'

const track = (component: string, value: (place: number) => number): Track => ({
  component,
  figure: 'rss_bytes',
  readings: Array.from({ length: 40 }, (_, place) => ({ at: place * 1000, value: value(place) })),
})
const leaking = judgeTrack(track('collector-1', (place) => 100e6 + place * 5e6))
const steady = judgeTrack(track('api', (place) => 100e6 + (place % 3) * 1e6))

test('a process that leaks is told from one that does not', () => {
  expect(leaking.grows).toBe(true)
  expect(steady.grows).toBe(false)
})

test('the figures of a service are those that its registry has', async () => {
  const figures = readMetrics(await createRegistry().metrics())
  expect(Object.keys(figures).sort()).toEqual(['handles', 'heap_bytes', 'lag_p99_seconds'])
  expect(figures.heap_bytes).toBeGreaterThan(1e6)
})

test('the figures of any process are what the system says; of one that is gone it says nothing', async () => {
  const figures = await readProcess(process.pid)
  expect(figures.rss_bytes).toBeGreaterThan(1e7)
  expect(figures.fds).toBeGreaterThan(2)
  expect(await readProcess(2 ** 30)).toEqual({})
})

test('the chart has a line for each process, says what grows, and needs nothing from elsewhere', () => {
  const page = chartOf({ title: 'a <b>', startedAt: 0, endedAt: 39_000, tracks: [leaking, steady] })
  expect(page.match(/<polyline/g)).toHaveLength(2)
  expect(page).toContain('class="grows"')
  expect(page).toContain('a &lt;b>')
  expect(page).not.toMatch(/https?:|src=|NaN/)
})

test('options say what was expected', () => {
  expect(parseSoakOptions(['--hours', '0.1'])).toMatchObject({ hours: 0.1, devices: 10_000 })
  expect(() => parseSoakOptions(['--interval', '0'])).toThrow(
    '--interval: expected a number from 1 to 300, got "0"',
  )
})
