import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Echoes, parseFping } from '../../../../collector/ping/fping.ts'

const parse = (output: string) => Object.fromEntries(parseFping(output))
/** Seconds of what fping printed as milliseconds. */
const milliseconds = (...echoes: readonly (number | null)[]): Echoes =>
  echoes.map((ms) => (ms === null ? null : ms / 1000))

describe("fping's output", () => {
  test('of IPv4 and IPv6 side by side, padded to the longest (5.1)', () => {
    const output = `198.18.0.1           : 0.123 0.048 0.042
198.18.0.200         : 0.020 0.010 0.008
198.18.0.9           : - - -
2001:db8::1          : 0.027 - 0.033
2001:db8:0:0:0:0:0:2 : 12.3 100 1234
`
    expect(parse(output)).toEqual({
      '198.18.0.1': milliseconds(0.123, 0.048, 0.042),
      '198.18.0.200': milliseconds(0.02, 0.01, 0.008),
      '198.18.0.9': milliseconds(null, null, null),
      '2001:db8::1': milliseconds(0.027, null, 0.033),
      '2001:db8:0:0:0:0:0:2': milliseconds(12.3, 100, 1234),
    })
  })

  test('with messages of routers and of fping among the results (5.1)', () => {
    const output = `ICMP Host Unreachable from 198.18.0.77 for ICMP Echo sent to 198.18.0.77
ICMP Time Exceeded from 198.18.3.1 for ICMP Echo sent to 198.18.0.78
fping: error while sending ping: No route to host
no-such-name: Name or service not known
198.18.0.1 : duplicate for [0], 64 bytes, 0.05 ms

198.18.0.77 : - -
198.18.0.78 : 1.50 -
`
    expect(parse(output)).toEqual({
      '198.18.0.77': milliseconds(null, null),
      '198.18.0.78': milliseconds(1.5, null),
    })
  })

  test.each([
    ['nothing', ''],
    ['a blank line', '\n'],
    ['a target without echoes', '198.18.0.1 : \n'],
    ['a round trip that is no number', '198.18.0.1 : 0.1 abc\n'],
    ['a round trip below 0, from a clock that was set back', '198.18.0.1 : 0.1 -0.2\n'],
    ['a line that was cut off', '198.18.0.1 :'],
    ['an error that looks like a result', 'fping : fping failed\n'],
  ])('that says nothing of an address gives no result for it: %s', (_, output) => {
    expect(parse(output)).toEqual({})
  })

  test('reads back whatever fping may print', () => {
    const echo = fc.option(fc.integer({ min: 0, max: 9_999_999 }).map((us) => us / 1000))
    const results = fc.dictionary(
      fc.oneof(fc.ipV4(), fc.ipV6()),
      fc.array(echo, { minLength: 1, maxLength: 20 }),
      { minKeys: 1 },
    )
    fc.assert(
      fc.property(results, (expected) => {
        const width = Math.max(...Object.keys(expected).map((address) => address.length))
        const output = Object.entries(expected)
          .map(([address, echoes]) => `${address.padEnd(width)} : ${echoes.map(print).join(' ')}`)
          .join('\n')
        const seconds = Object.entries(expected).map(([address, echoes]) => [
          address,
          echoes.map((ms) => (ms === null ? null : Number(print(ms)) / 1000)),
        ])
        expect(parse(output)).toEqual(Object.fromEntries(seconds))
      }),
    )
  })
})

/** As fping's sprint_tm() prints milliseconds. */
function print(ms: number | null): string {
  if (ms === null) return '-'
  if (ms < 1) return ms.toFixed(3)
  if (ms < 10) return ms.toFixed(2)
  return ms < 100 ? ms.toFixed(1) : ms.toFixed(0)
}
