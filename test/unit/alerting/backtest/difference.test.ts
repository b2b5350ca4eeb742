import { describe, expect, test } from 'vitest'
import { differenceOf } from '../../../../alerting/backtest/difference.ts'
import { type Told, toldIn } from '../../../../alerting/backtest/told.ts'
import { message, notified } from './messages.ts'

const SECOND = 1_000

const told = (device: string, since: number, given: Partial<Told> = {}): Told => ({
  labels: { alertname: 'Slow', alertgroup: 'links', severity: 'warning', device },
  since,
  startsAt: since,
  toldAt: since + 10 * SECOND,
  endedAt: since + 100 * SECOND,
  ...given,
})

describe('two sets of rules', () => {
  test('that tell the same do not differ, whatever their groups and severities are called', () => {
    const labels = { alertname: 'Slow', alertgroup: 'old', severity: 'critical', device: 'a' }
    const one = told('a', 0)
    expect(differenceOf([one], [{ ...one, labels }])).toEqual({
      fresh: [],
      gone: [],
      earlier: [],
      later: [],
      same: 1,
    })
  })

  test('differ by what only one of them tells', () => {
    const difference = differenceOf([told('a', 0), told('b', 0)], [told('a', 0), told('c', 0)])
    expect(difference.fresh.map(({ labels }) => labels['device'])).toEqual(['b'])
    expect(difference.gone.map(({ labels }) => labels['device'])).toEqual(['c'])
  })

  test('differ by when they tell it, by more than a second', () => {
    const before = [told('a', 0), told('b', 0), told('c', 0)]
    const now = [
      told('a', 0, { toldAt: 4 * SECOND }),
      told('b', 0, { toldAt: 30 * SECOND }),
      told('c', 0, { toldAt: 11 * SECOND }),
    ]
    const { earlier, later, same } = differenceOf(now, before)
    expect(earlier).toMatchObject([{ told: { labels: { device: 'a' } }, byMs: -6 * SECOND }])
    expect(later).toMatchObject([{ told: { labels: { device: 'b' } }, byMs: 20 * SECOND }])
    expect(same).toBe(1)
  })

  test('tell of one occurrence after another, each of which is compared with its own', () => {
    const before = [told('a', 0), told('a', 1_000 * SECOND)]
    const now = [told('a', 1_000 * SECOND)]
    const { gone, same } = differenceOf(now, before)
    expect(gone).toEqual([before[0]])
    expect(same).toBe(1)
  })

  test('one of which lasts still, are the same problem', () => {
    const { same } = differenceOf(
      [told('a', 50 * SECOND, { toldAt: 10 * SECOND, endedAt: null })],
      [told('a', 0)],
    )
    expect(same).toBe(1)
  })
})

describe('what was told', () => {
  const alert = notified({ alertname: 'Slow', device: 'a' }, 5 * SECOND, { activeAt: 0 })

  test('is told once, when the first receiver had it, and ends when a message says so', () => {
    const messages = [
      message(9 * SECOND, 'first notification', [alert]),
      message(10 * SECOND, 'first notification', [alert], { receiver: 'boss' }),
      message(90 * SECOND, 'all alerts resolved', [{ ...alert, endsAt: 88 * SECOND }], {
        fresh: [],
      }),
    ]
    expect(toldIn(messages)).toEqual([
      {
        labels: alert.labels,
        since: 0,
        startsAt: 5 * SECOND,
        toldAt: 9 * SECOND,
        endedAt: 88 * SECOND,
      },
    ])
  })

  test('is another problem when it begins anew', () => {
    const again = notified(alert.labels, 200 * SECOND)
    const messages = [alert, again].map((one) => message(one.startsAt, 'first notification', [one]))
    expect(toldIn(messages)).toHaveLength(2)
  })
})
