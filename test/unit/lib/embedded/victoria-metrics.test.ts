import { expect, test } from 'vitest'
import {
  victoriaMetricsArgs,
  victoriaMetricsLevel,
} from '../../../../lib/embedded/victoria-metrics.ts'

test('VictoriaMetrics listens where it is told, takes what is sent twice as one, and hides nothing new', () => {
  const args = victoriaMetricsArgs({ listen: '127.0.0.1:8428', retention: '13', directory: '/d' })
  expect(args).toEqual(
    expect.arrayContaining([
      '-httpListenAddr=127.0.0.1:8428',
      '-storageDataPath=/d',
      '-retentionPeriod=13',
      '-dedup.minScrapeInterval=1ms',
      '-search.latencyOffset=0s',
    ]),
  )
  expect(args).not.toContain('-enableTCP6')
})

test('an IPv6 address to listen on is switched on', () => {
  const args = victoriaMetricsArgs({ listen: '[::1]:8428', retention: '13', directory: '/d' })
  expect(args).toContain('-enableTCP6')
})

test.each([
  ['2026-11-22T07:00:00.000Z\twarn\tlib/x.go:1\tslow', 'warn'],
  ['2026-11-22T07:00:00.000Z\tfatal\tlib/x.go:1\tcannot open storage', 'error'],
  ['2026-11-22T07:00:00.000Z\tinfo\tlib/x.go:1\tstarted', 'debug'],
  ['goroutine 1 [running]:', 'debug'],
])('a line is logged at its own level: %j', (line, level) => {
  expect(victoriaMetricsLevel(line)).toBe(level)
})
