import { describe, expect, test } from 'vitest'
import { type Assertion, outagesOf, readAssertions } from '../../../../api/history/outages.ts'
import { atOnce } from '../../../../lib/slices.ts'

const MINUTE = 60_000
const range = { start: 100 * MINUTE, end: 200 * MINUTE }
const down = (since: number, at = since): Assertion => ({
  up: false,
  since: since * MINUTE,
  at: at * MINUTE,
})
const up = (since: number, at = since): Assertion => ({
  up: true,
  since: since * MINUTE,
  at: at * MINUTE,
})
const outage = (start: number, end: number | null) => ({
  start: start * MINUTE,
  end: end === null ? null : end * MINUTE,
})

describe('outages', () => {
  test.each<[string, Assertion[], ReturnType<typeof outage>[]]>([
    ['none was said', [], []],
    ['always up', [up(1, 90), up(1, 95), up(1, 199)], []],
    ['one within', [up(1, 99), down(120), down(120, 125), up(130)], [outage(120, 130)]],
    [
      'the newest first',
      [down(110), up(111), down(150), up(151)],
      [outage(150, 151), outage(110, 111)],
    ],
    ['one that lasts', [up(1, 99), down(190), down(190, 195)], [outage(190, null)]],
    ['B3 one from long before the range', [down(3, 99), up(140)], [outage(3, 140)]],
    ['one that ended before the range', [down(80, 90), up(95), up(95, 199)], []],
    [
      'a repetition from before the return comes late',
      [up(130), down(120), down(120, 125)],
      [outage(120, 130)],
    ],
    [
      'two with the return between them lost',
      [down(110), down(150), up(160)],
      [outage(150, 160), outage(110, 150)],
    ],
    ['the state stopped being said', [down(110), down(110, 115)], [outage(110, 115)]],
    [
      'its return is older than the last word that it is down',
      [down(110, 120), up(119, 125)],
      [outage(110, 119)],
    ],
  ])('%s', (_title, assertions, expected) => {
    expect(outagesOf(assertions, range)).toEqual(expected)
  })
})

test('rows of both series are paired by their stamp, whatever their order', () => {
  const csv = [
    'device_state_since,1795332532.123,1795332542000',
    'device_state_since,1795332600,1795332600000',
    'device_state_up,1,1795332600000',
    'device_state_up,0,1795332542000',
    'device_state_up,0,1795339999000',
    '',
  ].join('\n')

  expect(atOnce(readAssertions(csv))).toEqual([
    { up: true, since: 1795332600000, at: 1795332600000 },
    { up: false, since: 1795332532123, at: 1795332542000 },
  ])
})

test('A6 an outage ends where the device was switched off', () => {
  const csv = [
    'device_state_up,0,1795332600000',
    'device_state_since,1795332600,1795332600000',
    'device_state_up,-1,1795332700000',
    'device_state_since,1795332700,1795332700000',
  ].join('\n')

  const assertions = atOnce(readAssertions(csv))
  const outages = outagesOf(assertions, { start: 1795332000000, end: 1795339200000 })

  expect(outages).toEqual([{ start: 1795332600000, end: 1795332700000 }])
})
