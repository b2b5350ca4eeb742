import { expect, test } from 'vitest'
import { missedOf, newsOf } from '../../../chaos/observe.ts'
import type { Shown } from '../../../chaos/judge/history.ts'

const device = (status: string, more: Partial<Shown> = {}): Shown => ({
  id: 'a',
  status,
  downSince: null,
  sampleAgeMs: 1_000,
  ...more,
})

test('a look keeps what changed since the one before', () => {
  const shown = new Map<string, Shown>()
  expect(newsOf([device('up')], shown, 5_000)).toHaveLength(1)
  expect(newsOf([device('up')], shown, 5_000)).toEqual([])
  expect(newsOf([device('down', { downSince: 7 })], shown, 5_000)).toHaveLength(1)
  expect(newsOf([device('down', { downSince: 8 })], shown, 5_000)).toHaveLength(1)
})

test('a device that is up by an old sample is kept each time', () => {
  const shown = new Map<string, Shown>()
  const stale = [device('up', { sampleAgeMs: 60_000 })]
  expect(newsOf(stale, shown, 5_000)).toEqual(stale)
  expect(newsOf(stale, shown, 5_000)).toEqual(stale)
})

test('skipped slots are what a counter rose by, which begins anew with a process', () => {
  const readings = [
    { at: 30_000, total: 9 },
    { at: 10_000, total: 2 },
    { at: 20_000, total: 2 },
    { at: 40_000, total: 3 },
  ]
  expect(missedOf(readings)).toEqual([
    { from: 19_000, to: 30_000, slots: 7 },
    { from: 29_000, to: 40_000, slots: 3 },
  ])
})
