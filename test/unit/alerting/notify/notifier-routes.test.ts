import { describe, expect, test } from 'vitest'
import { type Alert, alertKey } from '../../../../alerting/alert.ts'
import { fingerprint } from '../../../../lib/fingerprint.ts'
import { NotifyError } from '../../../../alerting/notify/notify-error.ts'
import type { Acknowledgement } from '../../../../lib/decisions/acknowledgement.ts'
import type { Silence } from '../../../../lib/decisions/silence.ts'
import { settle } from '../../../fakes/clock.ts'
import { alertOf } from './alerts.ts'
import { HOUR, RULES, SECOND, T, type Try, busy, said, setUp } from './notifier-stand.ts'

const MINUTE = 60 * SECOND

const silenceOf = (device: string, until: number): Silence => ({
  id: 's1',
  matchers: [{ name: 'device', value: device, isRegex: false, isEqual: true }],
  startsAt: T,
  endsAt: until,
  createdBy: 'ann',
  comment: '',
  updatedAt: T,
})

const acknowledged = (alert: Alert, more: Partial<Acknowledgement> = {}): Acknowledgement => ({
  id: fingerprint(alert.labels),
  labels: alert.labels,
  startsAt: alert.startsAt,
  createdBy: 'ann',
  comment: '',
  at: T + MINUTE,
  expiresAt: null,
  sticky: false,
  ...more,
})

const times = (tries: readonly Try[]): string[] =>
  tries.map((one, index) => `${one.at / SECOND}s ${one.receiver}: ${said(tries)[index]}`)

describe('a group', () => {
  const config = {
    route: { receiver: 'ops', group_by: ['branch'], group_wait: '30s', group_interval: '5m' },
  }

  test('waits for others before its first message, and keeps its distance after that', async () => {
    const { update, clock, tries } = setUp({ config })
    await update()
    await update(alertOf('a', T))
    await clock.advance(10 * SECOND)
    await update(alertOf('a', T), alertOf('b', T))
    await clock.advance(MINUTE)
    await update(alertOf('a', T), alertOf('b', T), alertOf('c', T))
    await clock.advance(10 * MINUTE)
    expect(times(tries)).toEqual([
      '30s ops: a fires, b fires',
      '330s ops: a fires, b fires, c fires',
    ])
  })

  test('that is over before its first message is told to nobody', async () => {
    const { update, clock, tries } = setUp({ config })
    await update()
    await update(alertOf('a', T))
    await update(alertOf('a', T, T + SECOND))
    await clock.advance(HOUR)
    expect(tries).toEqual([])
  })

  test('that waited before a restart does not wait anew', async () => {
    const { update, clock, tries } = setUp({ config })
    await clock.advance(MINUTE)
    await update(alertOf('a', T))
    expect(said(tries)).toEqual(['a fires'])
  })

  test('of another configuration is ended under its own key, and told no more (C11)', async () => {
    const first = setUp({ config })
    await first.update(alertOf('a', T))
    await first.clock.advance(30 * SECOND)
    await first.notifier[Symbol.asyncDispose]()
    const next = setUp({
      clock: first.clock,
      store: first.store,
      config: { route: { receiver: 'ops', group_by: ['device'] } },
    })
    await next.update(alertOf('a', T), alertOf('b', T + MINUTE))
    await next.update(alertOf('a', T, T + HOUR), alertOf('b', T + MINUTE))
    expect(next.tries.map(({ notification }) => notification.groupKey)).toEqual([
      '{}:{device="b"}',
      '{}:{branch="Vake"}',
    ])
    expect(said(next.tries)).toEqual(['b fires', 'a ended'])
    expect(next.store.size()).toBe(1)
  })

  test('of more alerts than a message may hold names those, counts the others, and owes ends for what it named', async () => {
    const { update, tries } = setUp({ receivers: [{ name: 'ops', groupBy: [], maxAlerts: 2 }] })
    const all = ['a', 'b', 'c', 'd']
    await update(...all.map((name) => alertOf(name, T)))
    await update(...all.map((name) => alertOf(name, T)))
    expect(said(tries)).toEqual(['a fires, b fires'])
    expect(tries[0]?.notification.truncatedAlerts).toBe(2)

    await update(...all.map((name) => alertOf(name, T, name === 'a' ? T + SECOND : 0)))
    await update(...all.map((name) => alertOf(name, T, T + SECOND)))
    const ends = tries.flatMap(({ notification }) =>
      notification.alerts.filter(({ endsAt }) => endsAt > 0),
    )
    const fires = tries.flatMap(({ notification }) =>
      notification.alerts.filter(({ endsAt }) => endsAt === 0),
    )
    expect(ends.map(({ key }) => key).sort()).toEqual(
      [...new Set(fires.map(({ key }) => key))].sort(),
    )
  })
})

describe('a silence', () => {
  test('holds a problem back and lets it pass at its end, without waiting for an evaluation', async () => {
    const { update, decide, clock, tries } = setUp({})
    await decide({ silences: [silenceOf('a', T + 10 * MINUTE)] })
    await update(alertOf('a', T), alertOf('b', T))
    await clock.advance(HOUR)
    expect(times(tries)).toEqual(['0s ops: b fires', '600s ops: a fires'])
  })

  test('that is taken back lets it pass at once', async () => {
    const { update, decide, tries } = setUp({})
    await decide({ silences: [silenceOf('a', T + HOUR)] })
    await update(alertOf('a', T))
    await decide({ silences: [] })
    expect(said(tries)).toEqual(['a fires'])
  })

  test('holds no resolution back, and no problem is ended that it held (C11)', async () => {
    const { update, decide, clock, tries } = setUp({})
    await update(alertOf('a', T))
    await decide({ silences: [silenceOf('a', T + HOUR), silenceOf('b', T + HOUR)] })
    await update(alertOf('a', T), alertOf('b', T))
    await update(alertOf('a', T, T + SECOND), alertOf('b', T, T + SECOND))
    await clock.advance(2 * HOUR)
    expect(said(tries)).toEqual(['a fires', 'a ended'])
  })

  test('holds back what would be told again, and lets that go on afterwards', async () => {
    const { update, decide, clock, tries } = setUp({})
    await update(alertOf('a', T))
    await decide({ silences: [silenceOf('a', T + 6 * HOUR)] })
    await clock.advance(12 * HOUR)
    expect(tries.map(({ at }) => at / HOUR)).toEqual([0, 6, 10])
  })

  test('shows in the view and as a series, with its cause', async () => {
    const { update, decide, notifier } = setUp({})
    await decide({ silences: [silenceOf('a', T + HOUR)] })
    await update(alertOf('a', T))
    expect(notifier.view().alerts).toMatchObject([
      {
        fingerprint: fingerprint(alertOf('a', T).labels),
        receivers: ['ops'],
        suppressions: [{ by: 'silence', cause: 's1', until: T + HOUR }],
      },
    ])
    expect(notifier.heldSeries()).toMatchObject([
      {
        name: 'wardline_alert_held',
        labels: { device: 'a', by: 'silence', cause: 's1' },
        value: 1,
      },
    ])
    await decide({ silences: [] })
    expect(notifier.heldSeries()).toEqual([])
  })
})

describe('a maintenance window', () => {
  test('holds a problem back while it lasts', async () => {
    const { update, decide, clock, tries } = setUp({})
    const { matchers, ...rest } = silenceOf('a', 0)
    const schedule = { kind: 'once' as const, startsAt: T + MINUTE, endsAt: T + HOUR }
    await decide({ windows: [{ ...rest, name: 'works', matchers, schedule }] })
    await clock.advance(2 * MINUTE)
    await update(alertOf('a', T + MINUTE))
    await clock.advance(2 * HOUR)
    expect(times(tries)).toEqual(['3600s ops: a fires'])
  })
})

test('outside its times a route tells no problem, but every end', async () => {
  const office = [{ times: [{ start_time: '15:00', end_time: '18:00' }] }]
  const { update, clock, tries, notifier } = setUp({
    config: {
      route: { receiver: 'ops', active_time_intervals: ['office'] },
      time_intervals: [{ name: 'office', time_intervals: office }],
    },
  })
  const until = (instant: string) => clock.advance(Date.parse(instant) - clock.now())
  await update(alertOf('a', T)) // at 14:13
  expect(notifier.view().alerts[0]?.suppressions).toEqual([
    { by: 'time-interval', cause: 'office', until: null },
  ])
  await until('2026-09-21T17:00:00Z')
  await until('2026-09-21T18:00:00Z')
  await update(alertOf('a', T), alertOf('b', clock.now()))
  await update(alertOf('a', T, clock.now()), alertOf('b', clock.now()))
  await until('2026-09-22T14:59:59Z')
  const minutes = tries.map(({ at }) => new Date(T + at).toISOString().slice(11, 16))
  expect([minutes, said(tries)]).toEqual([
    ['15:00', '18:00'],
    ['a fires', 'a ended'],
  ])
})

describe('an acknowledgement', () => {
  const alert = alertOf('a', T)
  const config = {
    route: {
      receiver: 'ops',
      group_by: ['device'],
      escalate: [{ after: '15m', receiver: 'boss' }],
    },
  }
  const receivers = [{ name: 'ops' }, { name: 'boss' }]

  test('that nobody gives: the next in line is told after a while, and of the end', async () => {
    const { update, clock, tries } = setUp({ config, receivers })
    await update(alert)
    await clock.advance(HOUR)
    await update(alertOf('a', T, T + HOUR))
    expect(times(tries)).toEqual([
      '0s ops: a fires',
      '900s boss: a fires',
      '3600s ops: a ended',
      '3600s boss: a ended',
    ])
  })

  test('ends escalation and what would be told again, not the end', async () => {
    const { update, decide, clock, tries } = setUp({ config, receivers })
    await update(alert)
    await decide({ acknowledgements: [acknowledged(alert)] })
    await clock.advance(24 * HOUR)
    await update(alertOf('a', T, T + 24 * HOUR))
    expect(said(tries)).toEqual(['a fires', 'a ended'])
  })

  test('that expires lets both go on', async () => {
    const { update, decide, clock, tries } = setUp({ config, receivers })
    await update(alert)
    await decide({ acknowledgements: [acknowledged(alert, { expiresAt: T + HOUR })] })
    await clock.advance(4.5 * HOUR)
    expect(times(tries)).toEqual(['0s ops: a fires', '3600s boss: a fires', '14400s ops: a fires'])
  })

  test('ends when the revision changes, over a restart too, unless it is sticky', async () => {
    for (const sticky of [false, true]) {
      const given = [acknowledged(alert, sticky ? { sticky, expiresAt: T + 24 * HOUR } : {})]
      const first = setUp({})
      await first.update(alert)
      await first.decide({ acknowledgements: given })
      await first.clock.advance(2 * MINUTE)
      await first.update({ ...alert, revision: '7' })
      await first.notifier[Symbol.asyncDispose]()

      const next = setUp({ clock: first.clock, store: first.store })
      await next.decide({ acknowledgements: given })
      await next.update({ ...alert, revision: '7' })
      await next.clock.advance(5 * HOUR)
      expect(said(next.tries)).toEqual(sticky ? [] : ['a fires'])
    }
  })

  test('of one occurrence says nothing about the next, unless it is sticky', async () => {
    for (const sticky of [false, true]) {
      const { update, decide, tries } = setUp({})
      await update(alert)
      await decide({
        acknowledgements: [acknowledged(alert, sticky ? { sticky, expiresAt: T + HOUR } : {})],
      })
      await update(alertOf('a', T, T + MINUTE))
      await update(alertOf('a', T + 2 * MINUTE))
      expect(said(tries)).toEqual(['a fires', 'a ended', ...(sticky ? [] : ['a fires'])])
    }
  })
})

describe('one problem in two severities (C4)', () => {
  const of = (severity: string, resolvedAt = 0): Alert => {
    const alert = alertOf('a', T, resolvedAt)
    const labels = { ...alert.labels, severity }
    return { ...alert, labels, key: alertKey(labels) }
  }
  const told = (tries: readonly Try[]) =>
    tries.map(({ notification: { alerts } }) =>
      alerts
        .map(({ labels, endsAt }) => `${labels['severity']} ${endsAt === 0 ? 'fires' : 'ended'}`)
        .join(', '),
    )

  test('is told as the graver one', async () => {
    const { update, tries } = setUp({})
    await update(of('warning'), of('critical'))
    expect(told(tries)).toEqual(['critical fires'])
  })

  test('that gets worse is told again, and each is ended once', async () => {
    const { update, tries } = setUp({})
    await update(of('warning'))
    await update(of('warning'), of('critical'))
    await update(of('warning', T + SECOND), of('critical', T + SECOND))
    expect(told(tries)).toEqual([
      'warning fires',
      'warning fires, critical fires',
      'warning ended, critical ended',
    ])
  })
})

describe('a message that is edited in place', () => {
  const receivers = [{ name: 'chat', updatesInPlace: true }, { name: 'ops' }]

  test('is told what changed, with the reference that it was given; others are not', async () => {
    const { update, clock, tries } = setUp({
      receivers,
      manners: { chat: ({ at }) => `message of ${at}` },
    })
    const alert = alertOf('a', T)
    await update({ ...alert, revision: '7 behind it' })
    await clock.advance(MINUTE)
    await update({ ...alert, revision: '8 behind it' })
    await update({ ...alert, revision: '9 behind it' })
    await clock.advance(MINUTE)
    await update(alertOf('a', T, T + 2 * MINUTE))
    const toChat = tries.filter(({ receiver }) => receiver === 'chat')
    expect(
      toChat.map(({ at, reference, notification }) => [at, notification.reason, reference]),
    ).toEqual([
      [0, 'first notification', null],
      [MINUTE, 'updated', 'message of 0'],
      [MINUTE + 5 * SECOND, 'updated', `message of ${MINUTE}`],
      [2 * MINUTE, 'all alerts resolved', `message of ${MINUTE + 5 * SECOND}`],
    ])
    expect(new Set(toChat.map(({ key }) => key)).size).toBe(4)
    expect(said(tries.filter(({ receiver }) => receiver === 'ops'))).toEqual(['a fires', 'a ended'])
  })
})

describe('a receiver in trouble', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => alertOf(`d${index}`, T))

  test('with a hundred messages waiting is asked once a minute, and gets them all when it is well again (C10)', async () => {
    const { update, clock, tries, behave } = setUp({ manners: { ops: busy } })
    await update(...hundred)
    await clock.advance(HOUR)
    expect(tries.length).toBeGreaterThan(50)
    expect(tries.length).toBeLessThan(100)
    const inVain = tries.length
    behave('ops', () => {})
    await clock.advance(MINUTE)
    expect(tries.length - inVain).toBe(100)
    expect(new Set(tries.slice(inVain).map(({ key }) => key)).size).toBe(100)
  })

  test('that asks for patience is left alone for as long, with all of its messages', async () => {
    let patience = true
    const { update, clock, tries } = setUp({
      manners: {
        ops: () => {
          if (!patience) return
          patience = false
          throw new NotifyError('answered 429', {
            retryable: true,
            reason: 'overloaded',
            retryAfterMs: 90_000,
          })
        },
      },
    })
    await update(alertOf('a', T))
    await update(alertOf('a', T), alertOf('b', T))
    await clock.advance(5 * MINUTE)
    expect(tries.map(({ at }) => at / SECOND)).toEqual([0, 90, 90])
  })

  test('that never answers in time, and has it all the same, is told of the end once it is given up', async () => {
    const late = () => {
      throw new NotifyError('no answer within 10 s', { retryable: true, reason: 'timeout' })
    }
    const { update, clock, tries, behave } = setUp({
      manners: { ops: late },
      receivers: [{ name: 'ops', retryForMs: 10 * MINUTE }],
    })
    await update(alertOf('a', T))
    await clock.advance(13 * MINUTE)
    behave('ops', () => {})
    await update(alertOf('a', T, T + 12 * MINUTE))
    expect(said(tries).at(-1)).toBe('a ended')
  })
})

test('every attempt is a sample, and so is the time from an outage to its first telling', async () => {
  const { update, clock, samples, behave } = setUp({ manners: { ops: busy } })
  await clock.advance(7 * SECOND)
  await update(alertOf('a', T))
  behave('ops', () => {})
  await clock.advance(2 * SECOND)
  const fields = samples.map(({ labels, fields: given }) => [
    labels['result'],
    labels['reason'],
    ...Object.keys(given),
  ])
  expect(fields).toEqual([
    ['failed', 'failed', 'wardline_notification_seconds'],
    ['accepted', 'first notification', 'wardline_notification_seconds'],
    [undefined, undefined, 'wardline_outage_to_delivery_seconds'],
  ])
  expect(samples[0]?.labels).toMatchObject({
    receiver: 'ops',
    alertname: 'DeviceDown',
    device: 'a',
  })
  const seconds = samples[2]?.fields['wardline_outage_to_delivery_seconds'] ?? 0
  expect(seconds).toBeGreaterThan(7.7)
  expect(seconds).toBeLessThan(8.3)
})

test('with ten thousand alerts firing, an evaluation in which nothing changed looks at no group', async () => {
  const { update, tries, notifier } = setUp({})
  const all = Array.from({ length: 10_000 }, (_, index) => alertOf(`d${index}`, T))
  await update(...all)
  for (let turn = 0; tries.length < 10_000 && turn < 10_000; turn++) await settle()
  const before = process.cpuUsage()
  notifier.update(RULES, all)
  const { user, system } = process.cpuUsage(before)
  expect((user + system) / 1_000).toBeLessThan(500)
  expect(tries).toHaveLength(10_000)
}, 60_000)
