import { describe, expect, test } from 'vitest'
import type { Alert } from '../../../../alerting/alert.ts'
import { settle } from '../../../fakes/clock.ts'
import { alertOf } from './alerts.ts'
import {
  HOUR,
  type Manners,
  RULES,
  SECOND,
  T,
  type Try,
  busy,
  refuse,
  said,
  setUp,
} from './notifier-stand.ts'

describe('a receiver that is well', () => {
  test('is told when an alert fires and when it ends, and nothing between', async () => {
    const { update, tries, store } = setUp({})
    await update(alertOf('a', T))
    await update(alertOf('a', T))
    await update(alertOf('a', T, T + 5))
    await update(alertOf('a', T, T + 5))
    await update()
    expect(said(tries)).toEqual(['a fires', 'a ended'])
    expect(store.size()).toBe(0)
  })

  test('is told of an end whose alert nobody has any more', async () => {
    const { update, tries } = setUp({})
    await update(alertOf('a', T))
    await update()
    expect(said(tries)).toEqual(['a fires', 'a ended'])
  })

  test('is told of an end when the alert is pending anew', async () => {
    const { update, tries } = setUp({})
    await update(alertOf('a', T))
    await update({ ...alertOf('a', T), state: 'pending', startsAt: 0 })
    expect(said(tries)).toEqual(['a fires', 'a ended'])
  })

  test('is told nothing of alerts that are pending, or that ended before they were told', async () => {
    const { update, tries } = setUp({})
    await update({ ...alertOf('a', T), state: 'pending', startsAt: 0 }, alertOf('b', T, T + 1))
    expect(tries).toEqual([])
  })

  test.each([
    [[], ['a fires, b fires']],
    [['branch'], ['a fires, b fires']],
    [['device'], ['a fires', 'b fires']],
    [['no such label'], ['a fires, b fires']],
  ])('gets the alerts that share %j in one message', async (groupBy, expected) => {
    const { update, tries } = setUp({ receivers: [{ name: 'ops', groupBy }] })
    await update(alertOf('a', T), alertOf('b', T))
    expect(said(tries)).toEqual(expected)
  })

  test('is told again of what lasts, each time under another key', async () => {
    const { update, tries, clock } = setUp({})
    for (let hour = 0; hour <= 12; hour++) {
      await update(alertOf('a', T))
      await clock.advance(HOUR)
    }
    expect(tries.map(({ at }) => at / HOUR)).toEqual([0, 4, 8, 12])
    expect(new Set(tries.map(({ key }) => key)).size).toBe(4)
  })

  test('two rule groups in one alert group: an evaluation of one says nothing about the other’s', async () => {
    const { notifier, tries } = setUp({ receivers: [{ name: 'ops', groupBy: [] }] })
    await notifier.restore()
    const slow = {
      ...alertOf('a', T),
      groupId: 'quality',
      labels: { ...alertOf('a', T).labels, alertgroup: 'quality' },
      key: 'slow',
    }
    notifier.update(RULES, [alertOf('a', T)])
    await settle()
    notifier.update('quality', [slow])
    await settle()
    notifier.update(RULES, [])
    await settle()
    expect(said(tries)).toEqual(['a fires', 'a fires, a fires', 'a fires, a ended'])
  })
})

describe('a receiver that is ill', () => {
  test('for an hour gets each message once, in order, under the key of its first try (C10)', async () => {
    const { update, tries, clock, behave, outcomes } = setUp({ manners: { ops: busy } })
    await update(alertOf('a', T))
    await clock.advance(HOUR / 2)
    await update(alertOf('a', T, T + HOUR / 2))
    await clock.advance(HOUR / 2)
    const inVain = tries.length
    behave('ops', () => {})
    await clock.advance(2 * 60 * SECOND)
    await update(alertOf('a', T, T + HOUR / 2))

    expect(said(tries.slice(inVain))).toEqual(['a fires', 'a ended'])
    expect(new Set(tries.slice(0, inVain + 1).map(({ key }) => key)).size).toBe(1)
    expect(tries.at(-1)?.key).not.toBe(tries[0]?.key)
    expect(outcomes.slice(-2)).toEqual(['ops accepted', 'ops accepted'])
    expect(outcomes.filter((outcome) => outcome === 'ops failed')).toHaveLength(inVain)
  })

  test('is tried after 1 s, 2 s, 4 s … and then every minute, a quarter more or less', async () => {
    const { update, tries, clock } = setUp({ manners: { ops: busy } })
    await update(alertOf('a', T))
    await clock.advance(HOUR)
    const waits = tries.slice(1).map(({ at }, index) => (at - (tries[index]?.at ?? 0)) / SECOND)
    const expected = [1, 2, 4, 8, 16, 32, ...Array<number>(waits.length - 6).fill(60)]
    for (const [index, wait] of waits.entries()) {
      expect(wait).toBeGreaterThanOrEqual((expected[index] ?? 0) * 0.75)
      expect(wait).toBeLessThanOrEqual((expected[index] ?? 0) * 1.25)
    }
    expect(tries.length).toBeGreaterThan(45)
  })

  test('and refuses is asked again in 5 minutes: what it missed is not taken for told', async () => {
    const { update, tries, outcomes, log, clock, behave } = setUp({ manners: { ops: refuse } })
    await update(alertOf('a', T))
    await update(alertOf('a', T))
    expect(tries).toHaveLength(1)
    expect(outcomes).toEqual(['ops given_up'])
    expect(log.lines.at(-1)).toMatchObject({ receiver: 'ops', reason: 'answered 400' })

    behave('ops', () => undefined)
    await clock.advance(5 * 60 * SECOND)
    await update(alertOf('a', T))
    await update(alertOf('a', T, T + 400 * SECOND))
    expect(said(tries.slice(1))).toEqual(['a fires', 'a ended'])
  })

  test('and refused an outage that is over is told nothing of it', async () => {
    const { update, tries, clock, behave } = setUp({ manners: { ops: refuse } })
    await update(alertOf('a', T))
    behave('ops', () => undefined)
    await update(alertOf('a', T, T + 10 * SECOND))
    await clock.advance(5 * 60 * SECOND)
    expect(said(tries)).toEqual(['a fires'])
  })

  test('for longer than retry_for is told no more of it, and that is counted', async () => {
    const { update, clock, outcomes } = setUp({
      manners: { ops: busy },
      receivers: [{ name: 'ops', retryForMs: 10 * 60 * SECOND }],
    })
    await update(alertOf('a', T))
    await clock.advance(14 * 60 * SECOND)
    expect(outcomes.filter((outcome) => outcome === 'ops given_up')).toHaveLength(1)
    expect(outcomes.at(-1)).toBe('ops given_up')
  })

  test('is warned of once, not at each try', async () => {
    const { update, clock, log } = setUp({ manners: { ops: busy } })
    await update(alertOf('a', T))
    await clock.advance(HOUR)
    expect(log.lines).toHaveLength(1)
  })

  test('holds up no other receiver', async () => {
    const { update, tries } = setUp({
      receivers: [{ name: 'ops' }, { name: 'chat' }],
      manners: { ops: () => new Promise(() => {}) },
    })
    for (const name of 'abcdefghijklmnop') await update(alertOf(name, T))
    const chat = tries.filter(({ key }) => tries.some((other) => other.key !== key))
    expect(chat.length).toBeGreaterThan(16)
  })

  test('with one group that it never answers takes the others, at most eight at once', async () => {
    let hanging = 0
    const { update, tries } = setUp({
      manners: {
        ops: ({ notification }) =>
          notification.groupLabels['device'] === 'stuck'
            ? new Promise(() => hanging++)
            : Promise.resolve(),
      },
    })
    await update(alertOf('stuck', T), alertOf('a', T), alertOf('b', T))
    expect(said(tries)).toEqual(['stuck fires', 'a fires', 'b fires'])
    expect(hanging).toBe(1)
  })

  test('whose every answer hangs has eight messages under way, not hundreds', async () => {
    const { update, tries } = setUp({ manners: { ops: () => new Promise(() => {}) } })
    await update(...Array.from({ length: 100 }, (_, index) => alertOf(`d${index}`, T)))
    expect(tries).toHaveLength(8)
  })

  test('in a way that nobody thought of is tried again like any other, not in a tight loop', async () => {
    const { update, tries, log, clock } = setUp({
      manners: {
        ops: () => {
          throw new TypeError('undefined is not a function')
        },
      },
    })
    await update(alertOf('a', T))
    expect(tries).toHaveLength(1)
    await clock.advance(1.25 * SECOND)
    expect(tries).toHaveLength(2)
    expect(tries[1]?.key).toBe(tries[0]?.key)
    expect(log.lines[0]?.msg).toBe('notification failed')
  })
})

describe('over a restart', () => {
  type Run = ReturnType<typeof setUp>
  async function restart(run: Run, manners: Record<string, Manners> = {}, more = {}) {
    await run.notifier[Symbol.asyncDispose]()
    const next = setUp({ clock: run.clock, store: run.store, manners, ...more })
    return { ...next, told: await next.notifier.restore() }
  }

  test('what was told is told no more, and its end is (C3)', async () => {
    let run: Run = setUp({})
    const tries: Try[] = []
    await run.update(alertOf('a', T))
    for (let count = 0; count < 20; count++) {
      tries.push(...run.tries)
      run = await restart(run)
      await run.update(alertOf('a', T))
    }
    await run.update(alertOf('a', T, T + 5))
    expect(said([...tries, ...run.tries])).toEqual(['a fires', 'a ended'])
  })

  test('the end of what was told and fires no more is told', async () => {
    const first = setUp({})
    await first.update(alertOf('a', T))
    const second = await restart(first)
    expect(second.told.map(({ labels }) => labels['device'])).toEqual(['a'])
    await second.update()
    expect(said(second.tries)).toEqual(['a ended'])
  })

  test('nothing is decided before the rules were evaluated', async () => {
    const first = setUp({})
    await first.update(alertOf('a', T))
    const second = await restart(first)
    second.notifier.update('another group', [])
    await settle()
    expect(second.tries).toEqual([])
  })

  test('in the middle of a retry the same message goes on under the same key (C10)', async () => {
    const first = setUp({ manners: { ops: busy } })
    await first.update(alertOf('a', T))
    await first.clock.advance(90 * SECOND)
    const second = await restart(first)
    await second.update(alertOf('a', T, T + 60 * SECOND))
    expect(said(second.tries)).toEqual(['a fires', 'a ended'])
    expect(second.tries[0]?.key).toBe(first.tries[0]?.key)
    expect(second.tries[0]?.notification).toEqual(first.tries[0]?.notification)
  })

  test('while a receiver hangs: it ends at once, and what may have arrived is sent again under its key', async () => {
    const first = setUp({ manners: { ops: () => new Promise(() => {}) } })
    await first.update(alertOf('a', T))
    const second = await restart(first)
    await second.update(alertOf('a', T))
    expect(second.tries.map(({ key }) => key)).toEqual([first.tries[0]?.key])
  })

  test('a receiver that wants no ends is owed nothing for what ended', async () => {
    const receivers = [{ name: 'ops', sendResolved: false }]
    const first = setUp({ receivers })
    await first.update(alertOf('a', T))
    await first.update(alertOf('a', T, T + 5))
    const second = await restart(first, {}, { receivers })
    expect(second.told).toEqual([])
    expect(said(first.tries)).toEqual(['a fires'])
  })

  test('what is owed an end is kept for longer than it takes to tell it again', async () => {
    const receivers = [{ name: 'ops', repeatMs: 30 * 24 * HOUR }]
    const { update, store } = setUp({ receivers })
    await update(alertOf('a', T))
    expect(Math.min(...store.keptMs)).toBeGreaterThan(30 * 24 * HOUR)
  })
})

describe('a notification log that Redis takes or gives too late', () => {
  test('what it missed while telling is saved at the next evaluation: a restart tells nothing twice', async () => {
    const first = setUp({})
    await first.update()
    first.store.away = true
    await first.update(alertOf('a', T))
    first.store.away = false
    await first.update(alertOf('a', T))
    await first.notifier[Symbol.asyncDispose]()

    const next = setUp({ clock: first.clock, store: first.store })
    await next.update(alertOf('a', T))
    expect(said([...first.tries, ...next.tries])).toEqual(['a fires'])
  })

  test('what it missed while ending is saved at the next evaluation: a restart ends nothing twice', async () => {
    const first = setUp({})
    await first.update(alertOf('a', T))
    first.store.away = true
    await first.update(alertOf('a', T, T + 5))
    first.store.away = false
    await first.update()
    await first.notifier[Symbol.asyncDispose]()

    const next = setUp({ clock: first.clock, store: first.store })
    await next.update()
    expect(said([...first.tries, ...next.tries])).toEqual(['a fires', 'a ended'])
  })

  test('away at the start it is read later: what was told is ended once and not told again', async () => {
    const first = setUp({})
    await first.update(alertOf('a', T), alertOf('b', T))
    await first.notifier[Symbol.asyncDispose]()
    first.store.away = true

    const next = setUp({ clock: first.clock, store: first.store })
    const update = (...alerts: Alert[]) => next.notifier.update(RULES, alerts)
    await expect(next.notifier.restore()).rejects.toThrow('away')
    update(alertOf('a', T))
    await settle()
    first.store.away = false
    await next.clock.advance(5 * SECOND)
    update(alertOf('a', T))
    await settle()
    update(alertOf('a', T))
    await settle()
    expect(said(next.tries)).toEqual(['b ended'])
  })

  test('away for long it holds nothing back: after 10 s the outage is told', async () => {
    const { notifier, store, clock, tries } = setUp({})
    store.away = true
    notifier.update(RULES, [alertOf('a', T)])
    await settle()
    expect(tries).toEqual([])
    await clock.advance(10 * SECOND)
    notifier.update(RULES, [alertOf('a', T)])
    await settle()
    expect(said(tries)).toEqual(['a fires'])
  })

  test('away for long, what it holds is owed its end all the same (C11)', async () => {
    const first = setUp({})
    await first.update(alertOf('a', T))
    await first.notifier[Symbol.asyncDispose]()
    first.store.away = true

    const next = setUp({ clock: first.clock, store: first.store, manners: { ops: busy } })
    const anew = alertOf('a', T + 15 * SECOND)
    await next.clock.advance(20 * SECOND)
    next.notifier.update(RULES, [anew]) // another occurrence, told without knowing of the first
    await settle()
    first.store.away = false
    await next.clock.advance(6 * SECOND)
    next.behave('ops', () => {})
    for (let turn = 0; turn < 10; turn++) {
      next.notifier.update(RULES, [anew])
      await settle()
      await next.clock.advance(10 * SECOND)
    }
    const ends = next.tries.flatMap(({ notification: { alerts } }) =>
      alerts.filter(({ endsAt }) => endsAt > 0).map(({ startsAt }) => startsAt - T),
    )
    expect(ends).toEqual([0])
  })
})

describe('a clock that is set back by an hour (B5)', () => {
  test('holds up no message that is tried again, however long its receiver was in trouble', async () => {
    const { update, tries, clock, behave } = setUp({ manners: { ops: busy } })
    await update(alertOf('a', T))
    await clock.advance(HOUR / 2)
    behave('ops', () => {})
    const before = tries.length
    clock.set(T - HOUR)
    await update(alertOf('a', T))
    await clock.advance(60 * SECOND)
    expect(said(tries.slice(before))).toEqual(['a fires'])
  })

  test('holds up no end of a group that keeps its distance, and nothing ends before it began', async () => {
    const route = { receiver: 'ops', group_by: ['branch'], group_interval: '5m' }
    const { update, tries, clock } = setUp({ config: { route } })
    await update(alertOf('a', T))
    await clock.advance(60 * SECOND)
    clock.set(T - HOUR)
    await update(alertOf('a', T, T - HOUR))
    await clock.advance(5 * 60 * SECOND)
    expect(said(tries)).toEqual(['a fires', 'a ended'])
    expect(tries[1]?.notification.alerts[0]?.endsAt).toBe(T)
  })
})

describe('a process that died before it could write that an alert is over', () => {
  test.each([true, false])(
    'leaves one that takes it for firing, and tells nothing of it (sends ends: %s)',
    async (sendResolved) => {
      const receivers = [{ name: 'ops', sendResolved }]
      const first = setUp({ receivers })
      await first.update(alertOf('a', T + 300))
      await first.update(alertOf('a', T + 300, T + 5_000))
      const told = said(first.tries)

      const next = setUp({ receivers, store: first.store })
      await next.update({ ...alertOf('a', T), restored: true })
      await next.clock.advance(20 * SECOND)
      await next.update(alertOf('a', T, T + 20_000))
      await next.clock.advance(60 * SECOND)
      expect(told).toEqual(sendResolved ? ['a fires', 'a ended'] : ['a fires'])
      expect(next.tries).toEqual([])
    },
  )

  test('tells it all the same where it goes on firing, and what fires anew at once', async () => {
    const first = setUp({})
    await first.update(alertOf('a', T), alertOf('b', T))
    await first.update(alertOf('a', T, T + 5_000), alertOf('b', T, T + 5_000))

    const next = setUp({ store: first.store })
    const lasting: Alert = { ...alertOf('a', T), restored: true }
    await next.update(lasting, alertOf('b', T + 9_000))
    expect(said(next.tries)).toEqual(['b fires'])
    await next.clock.advance(60 * SECOND)
    expect(said(next.tries)).toEqual(['b fires', 'a fires'])
  })
})
