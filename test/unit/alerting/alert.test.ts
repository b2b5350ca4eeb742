import { describe, expect, test } from 'vitest'
import {
  type Alert,
  type AlertInput,
  type AlertTiming,
  advanceAlert,
  alertKey,
} from '../../../alerting/alert.ts'

const MINUTE = 60_000
const labels = { alertname: 'HighLatency', device: 'router-1' }

const input = (since?: number): AlertInput => ({
  key: alertKey(labels),
  labels,
  value: 1,
  ...(since === undefined ? {} : { since }),
})

type Turn = { readonly at: number; readonly holds: boolean; readonly since?: number }
type Timing = Partial<AlertTiming>

const timingOf = (given: Timing): AlertTiming => ({
  groupId: 'group',
  ruleId: 'rule',
  forMs: 0,
  keepFiringForMs: 0,
  ...given,
})

/** The alert after each of these evaluations. */
function course(rule: Timing, turns: readonly Turn[]): (Alert | undefined)[] {
  let alert: Alert | undefined
  return turns.map(({ at, holds, since }) => {
    alert = advanceAlert(alert, holds ? input(since) : undefined, timingOf(rule), at)
    return alert
  })
}

const states = (rule: Timing, turns: readonly Turn[]): (string | undefined)[] =>
  course(rule, turns).map((alert) => alert?.state)

/** One evaluation a minute: `x` the condition holds, `.` it doesn't. */
const minutes = (text: string): Turn[] =>
  text.split('').map((mark, index) => ({ at: index * MINUTE, holds: mark === 'x' }))

const SHORT: Record<string, string> = { '-': 'none', p: 'pending', f: 'firing', r: 'resolved' }
const spelled = (text: string): (string | undefined)[] =>
  text.split('').map((letter) => (letter === '-' ? undefined : SHORT[letter]))

describe('the state of an alert, evaluated every minute', () => {
  test.each<[string, Timing, string, string]>([
    ['nothing holds, nothing is', {}, '...', '---'],
    ['without for it fires in the same pass', {}, '.x', '-f'],
    ['for: 0 is the same as none', { forMs: 0 }, 'x', 'f'],
    ['it fires once the condition held for as long as for', { forMs: 2 * MINUTE }, 'xxx', 'ppf'],
    ['one miss while pending begins anew', { forMs: 2 * MINUTE }, 'xx.xxx', 'pp-ppf'],
    ['it is resolved when the condition is gone', {}, 'xx.', 'ffr'],
    ['resolved, it comes back as pending', { forMs: MINUTE }, 'xx.xx', 'pfrpf'],
    ['resolved, it comes back as firing without for', {}, 'x.x', 'frf'],
    ['it keeps firing', { keepFiringForMs: 2 * MINUTE }, 'x....', 'fffrr'],
    [
      'a return within that time begins the time anew',
      { keepFiringForMs: 2 * MINUTE },
      'x..x...',
      'ffffffr',
    ],
    ['a resolved alert is kept for 15 minutes', {}, `x${'.'.repeat(18)}`, `f${'r'.repeat(16)}--`],
  ])('%s', (_, rule, conditions, expected) => {
    expect(states(rule, minutes(conditions))).toEqual(spelled(expected))
  })
})

describe('the instants of an alert', () => {
  test('activeAt is when the condition was seen first, startsAt when it fired', () => {
    const [pending, , firing, later] = course({ forMs: 2 * MINUTE }, minutes('xxxx'))
    expect(pending).toMatchObject({ state: 'pending', activeAt: 0, startsAt: 0, resolvedAt: 0 })
    expect(firing).toMatchObject({ activeAt: 0, startsAt: 2 * MINUTE })
    expect(later).toMatchObject({ activeAt: 0, startsAt: 2 * MINUTE })
  })

  test('both are when the condition began, where the rule knows that', () => {
    const [alert] = course({}, [{ at: 90_000, holds: true, since: 61_234 }])
    expect(alert).toMatchObject({ state: 'firing', activeAt: 61_234, startsAt: 61_234 })
  })

  test('a condition that began long enough ago fires at once', () => {
    expect(states({ forMs: MINUTE }, [{ at: 90_000, holds: true, since: 20_000 }])).toEqual([
      'firing',
    ])
  })

  test('resolvedAt is the evaluation that missed it, and stays', () => {
    const [, resolved, later] = course({}, minutes('x..'))
    expect(resolved).toMatchObject({ state: 'resolved', startsAt: 0, resolvedAt: MINUTE })
    expect(later).toEqual(resolved)
  })

  test('resolvedAt after keep firing is when it stopped firing', () => {
    const resolved = course({ keepFiringForMs: 2 * MINUTE }, minutes('x...')).at(-1)
    expect(resolved).toMatchObject({ state: 'resolved', resolvedAt: 3 * MINUTE })
  })

  test('firing again after a resolution is another occurrence, with an activeAt of its own', () => {
    const [first, , again] = course({}, minutes('x.x'))
    expect(first).toMatchObject({ activeAt: 0, startsAt: 0 })
    expect(again).toMatchObject({ activeAt: 2 * MINUTE, startsAt: 2 * MINUTE, resolvedAt: 0 })
  })

  test('keepFiringSince is the first miss, and forgotten when the condition is back', () => {
    const alerts = course({ keepFiringForMs: 3 * MINUTE }, minutes('x..x'))
    expect(alerts.map((alert) => alert?.keepFiringSince)).toEqual([null, MINUTE, MINUTE, null])
  })
})

describe('an alert that moves to another rule', () => {
  const [firing] = course({ groupId: 'old', ruleId: 'old' }, minutes('x'))

  test.each([
    ['goes on there', input(), 'firing'],
    ['is resolved there', undefined, 'resolved'],
  ])('%s', (_, next, state) => {
    const alert = advanceAlert(firing, next, timingOf({}), MINUTE)
    expect(alert).toMatchObject({ groupId: 'group', ruleId: 'rule', state, activeAt: 0 })
  })
})

describe('a condition that began anew while nobody looked', () => {
  const told = course({}, [{ at: 10_000, holds: true, since: 5_400 }]).at(0)

  test('is another occurrence', () => {
    expect(advanceAlert(told, input(8_000), timingOf({}), 20_000)).toMatchObject({
      state: 'firing',
      activeAt: 8_000,
      startsAt: 8_000,
    })
  })

  test('is the same one when it began in the same second: a restart keeps no more than that', () => {
    expect(advanceAlert(told, input(5_000), timingOf({}), 20_000)).toMatchObject({
      startsAt: 5_400,
    })
  })
})
