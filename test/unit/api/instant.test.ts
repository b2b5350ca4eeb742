import { expect, test } from 'vitest'
import { pastInstant } from '../../../api/instant.ts'

const NOW = Date.UTC(2026, 10, 22, 12, 0, 0)
const schema = pastInstant(() => NOW)
const read = (given: unknown): number => schema.parse(given)

test.each([
  ['2026-11-22T09:45:01Z', Date.UTC(2026, 10, 22, 9, 45, 1)],
  ['2026-11-22T09:45:01.5Z', Date.UTC(2026, 10, 22, 9, 45, 1, 500)],
  ['2026-11-22T13:45:01+04:00', Date.UTC(2026, 10, 22, 9, 45, 1)],
  ['2026-11-22T13:45:01 04:00', Date.UTC(2026, 10, 22, 9, 45, 1)],
  ['1795340701', 1_795_340_701_000],
  ['1795340701.25', 1_795_340_701_250],
  [String(NOW / 1000), NOW],
  ['2026-11-22T12:00:00.900Z', NOW],
])('%s is read', (text, at) => {
  expect(read(text)).toBe(at)
})

test.each([
  'yesterday',
  '',
  '-5',
  '0',
  '1999-12-31T23:59:59Z',
  '1e9',
  'NaN',
  '2026-11-22',
  '2026-11-22T09:45:01',
  '2026-02-30T00:00:00Z',
  '2026-11-22T25:00:00Z',
  '2026-11-22T12:00:02Z',
  '1795348803',
  '1795340701000',
])('%s is refused', (text) => {
  expect(() => read(text)).toThrow(/expected an instant/)
})

test('one instant is asked for, not two', () => {
  expect(() => read(['1795340701', '1795340702'])).toThrow(/given 2 times/)
})
