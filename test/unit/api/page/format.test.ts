import { expect, test } from 'vitest'
import { humanizeDuration } from '../../../../lib/duration.ts'
import { format, texts, textsOf } from './modules.ts'

texts.useTexts('en', await textsOf('en'))

test.each([
  [0, '0s'],
  [45.9, '45s'],
  [245, '4m 5s'],
  [8_100, '2h 15m'],
  [7_200, '2h'],
  [273_600, '3d 4h'],
  [86_405, '1d'],
  [-3, '0s'],
])('%d seconds are %s, as in every message of wardline', (seconds, text) => {
  expect(format.duration(seconds)).toBe(text)
  expect(humanizeDuration(seconds * 1000)).toBe(text)
})

test('a ratio short of one is never shown as 100 %', () => {
  expect(format.percent(0.99996, 2)).toBe('99.99 %')
  expect(format.percent(1, 2)).toBe('100 %')
  expect(format.percent(null)).toBe('–')
})

test('round-trip times have three digits', () => {
  const told = [0.0421, 0.421, 12.34, 184.4, null].map(format.rtt)

  expect(told).toEqual(['0.042 ms', '0.42 ms', '12.3 ms', '184 ms', '–'])
})

test('rates are told by thousands, sizes by 1,024', () => {
  expect([0, 950, 1_240_000, 10e9].map(format.bits)).toEqual([
    '0 bit/s',
    '950 bit/s',
    '1.24 Mbit/s',
    '10.0 Gbit/s',
  ])
  expect([512, 3_565_158, null].map(format.bytes)).toEqual(['512 B', '3.40 MiB', '–'])
})
