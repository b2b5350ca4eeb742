import { describe, expect, test } from 'vitest'
import { readEcho } from '../../../../collector/diagnostics/ping.ts'
import { readHop } from '../../../../collector/diagnostics/traceroute.ts'

describe('what fping says', () => {
  test.each([
    ['127.0.0.1 : [0], 64 bytes, 0.045 ms (0.045 avg, 0% loss)', { index: 0, ms: 0.045 }],
    ['127.0.0.1 : [9], 64 bytes, 12.3 ms (9.9 avg, 0% loss)', { index: 9, ms: 12.3 }],
    ['2001:db8::1 : [1], timed out (NaN avg, 100% loss)', { index: 1, ms: null }],
    ['127.0.0.1 : 0.04 0.05', null],
    ['ICMP Host Unreachable from 198.18.0.1 for ICMP Echo sent to 198.18.9.9', null],
  ])('%s', (line, echo) => {
    expect(readEcho(line)).toEqual(echo)
  })

  test('of a hop: who answered in the place of the device', () => {
    expect(
      readHop(2, [
        'ICMP Time Exceeded from 198.18.0.1 for ICMP Echo sent to 198.18.9.9',
        'ICMP Time Exceeded from 198.18.0.1 for ICMP Echo sent to 198.18.9.9',
        '198.18.9.9 : [0], timed out (NaN avg, 100% loss)',
      ]),
    ).toEqual({ ttl: 2, from: ['198.18.0.1'], isReached: false, ms: [] })
  })

  test('of the last hop: the device itself', () => {
    expect(readHop(3, ['198.18.9.9 : [0], 64 bytes, 1.25 ms (1.25 avg, 0% loss)'])).toEqual({
      ttl: 3,
      from: [],
      isReached: true,
      ms: [1.25],
    })
  })
})
