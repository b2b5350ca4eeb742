import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pingSample } from '../../../../collector/ping/samples.ts'

const labels = { device: 'a', vantage: 'v' }
const AT = 1_800_000_000_000

describe('the sample of a probe', () => {
  test.each([
    [
      'all answered',
      [0.001, 0.003],
      { up: 1, sent: 2, received: 2, loss_ratio: 0, rtt_seconds: 0.002 },
    ],
    [
      'one lost',
      [null, 0.003],
      { up: 1, sent: 2, received: 1, loss_ratio: 0.5, rtt_seconds: 0.003 },
    ],
    [
      'one of four answered',
      [null, null, null, 1],
      { up: 1, sent: 4, received: 1, loss_ratio: 0.75, rtt_seconds: 1 },
    ],
    [
      'nothing answered (F6: no round trip, not 0)',
      [null, null],
      { up: 0, sent: 2, received: 0, loss_ratio: 1 },
    ],
    [
      'one echo',
      [0.000_042],
      { up: 1, sent: 1, received: 1, loss_ratio: 0, rtt_seconds: 0.000_042 },
    ],
    [
      'an answer quicker than fping can tell',
      [0],
      { up: 1, sent: 1, received: 1, loss_ratio: 0, rtt_seconds: 0 },
    ],
  ])('%s', (_, echoes, fields) => {
    expect(pingSample(labels, echoes, AT)).toEqual({ measurement: 'ping', labels, fields, at: AT })
  })

  test('keeps the label object: the encoder caches by it', () => {
    expect(pingSample(labels, [null], AT).labels).toBe(labels)
  })

  test('has a mean round trip within those of its echoes, to the microsecond, or none (F6)', () => {
    const echo = fc.option(fc.integer({ min: 0, max: 10_000_000 }).map((us) => us / 1e6))
    fc.assert(
      fc.property(fc.array(echo, { minLength: 1, maxLength: 20 }), (echoes) => {
        const { fields } = pingSample(labels, echoes, AT)
        const answered = echoes.filter((rtt) => rtt !== null)
        expect(fields['up']).toBe(answered.length > 0 ? 1 : 0)
        expect('rtt_seconds' in fields).toBe(answered.length > 0)
        expect(Object.values(fields).every(Number.isFinite)).toBe(true)
        if (answered.length === 0) return
        expect(fields['rtt_seconds']).toBeGreaterThanOrEqual(Math.min(...answered) - 1e-6)
        expect(fields['rtt_seconds']).toBeLessThanOrEqual(Math.max(...answered) + 1e-6)
      }),
    )
  })
})
