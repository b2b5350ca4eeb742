import { describe, expect, test } from 'vitest'
import type { Alert } from '../../../../alerting/alert.ts'
import { settle } from '../../../fakes/clock.ts'
import { alertOf } from './alerts.ts'
import { RULES, SECOND, T, createStore, said, setUp } from './notifier-stand.ts'

describe('told while the log was away, by a process that is gone since', () => {
  async function presuming(alerts: readonly Alert[], store = createStore()) {
    const stand = setUp({ store })
    stand.store.away = true
    await expect(stand.notifier.restore()).rejects.toThrow('away')
    for (const { state: _, resolvedAt: __, keepFiringSince: ___, ...alert } of alerts)
      stand.notifier.presume('ops', { ...alert, revisedAt: 0 })
    const turn = async (...now: Alert[]) => {
      stand.notifier.update(RULES, now)
      await settle()
      await stand.clock.advance(10 * SECOND)
    }
    return { ...stand, turn }
  }
  const over = alertOf('a', T, T + 5)

  test('and over by now: its end is told, once, when the log is read too (C11)', async () => {
    const first = setUp({})
    await first.update(alertOf('a', T))
    await first.notifier[Symbol.asyncDispose]()

    const next = await presuming([alertOf('a', T)], first.store)
    await next.turn(over)
    await next.turn(over)
    expect(said(next.tries)).toEqual(['a ended'])
    next.store.away = false
    for (let count = 0; count < 3; count++) await next.turn(over)
    expect(said(next.tries)).toEqual(['a ended'])
  })

  test('and over without a trace: its end is told', async () => {
    const next = await presuming([alertOf('a', T)])
    await next.turn()
    expect(said(next.tries)).toEqual(['a ended'])
  })

  test('and lasting: it is told again under its key, and ended once', async () => {
    const first = setUp({})
    await first.update(alertOf('a', T))
    const next = await presuming([alertOf('a', T)])
    await next.turn(alertOf('a', T))
    await next.turn(alertOf('a', T))
    await next.turn(over)
    await next.turn(over)
    expect(said(next.tries)).toEqual(['a fires', 'a ended'])
    expect(next.tries[0]?.key).toBe(first.tries[0]?.key)
  })

  test('and ended by it, as the log says: nothing is told', async () => {
    const first = setUp({})
    await first.update(alertOf('a', T))
    await first.update(over)
    await first.notifier[Symbol.asyncDispose]()

    const next = await presuming([alertOf('a', T)], first.store)
    next.store.away = false
    await next.clock.advance(6 * SECOND)
    for (let count = 0; count < 3; count++) await next.turn(over)
    expect(next.tries).toEqual([])
  })

  test('nobody is told the end of what nobody was told of', async () => {
    const next = await presuming([])
    await next.turn(over)
    await next.turn()
    expect(next.tries).toEqual([])
  })
})
