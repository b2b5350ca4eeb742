import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Alert } from '../../../../alerting/alert.ts'
import { decide } from '../../../../alerting/notify/decide.ts'
import {
  type LogEntry,
  accepted,
  emptyEntry,
  withoutResolved,
} from '../../../../alerting/notify/log-entry.ts'
import type { NotifiedAlert, Notification } from '../../../../alerting/notify/notification.ts'
import { GROUP, alertOf } from './alerts.ts'

const HOUR = 3_600_000
const OPTIONS = { sendResolved: true, repeatMs: 4 * HOUR }
const T = 1_790_000_000_000

/** The entry of a receiver that was told of these at `T`. */
const toldOf = (...alerts: readonly Alert[]): LogEntry => ({
  ...emptyEntry(GROUP),
  told: alerts.map((alert) => ({ ...alert, revisedAt: 0 })),
  toldAt: T,
})

const said = (notification: Notification | null): string[] | null =>
  notification === null
    ? null
    : [
        notification.reason,
        ...notification.alerts.map(
          ({ labels, startsAt, endsAt }) =>
            `${labels['device']}@${startsAt - T} ${endsAt === 0 ? 'fires' : `ended ${endsAt - T}`}`,
        ),
      ]

describe('what a receiver is told', () => {
  test.each<[string, LogEntry, Alert[], number, string[] | null]>([
    ['nothing while nothing fires', emptyEntry(GROUP), [], 0, null],
    [
      'nothing of what was resolved before it was told',
      emptyEntry(GROUP),
      [alertOf('a', T, T + 9)],
      0,
      null,
    ],
    [
      'the first alert',
      emptyEntry(GROUP),
      [alertOf('a', T)],
      5,
      ['first notification', 'a@0 fires'],
    ],
    ['nothing while it stays', toldOf(alertOf('a', T)), [alertOf('a', T)], 5, null],
    [
      'one that came later, with those that stay',
      toldOf(alertOf('a', T)),
      [alertOf('a', T), alertOf('b', T + 5)],
      5,
      ['new alerts added', 'a@0 fires', 'b@5 fires'],
    ],
    [
      'one that ended, with those that stay',
      toldOf(alertOf('a', T), alertOf('b', T)),
      [alertOf('a', T, T + 7), alertOf('b', T)],
      9,
      ['some alerts resolved', 'b@0 fires', 'a@0 ended 7'],
    ],
    [
      'that all ended',
      toldOf(alertOf('a', T)),
      [alertOf('a', T, T + 7)],
      9,
      ['all alerts resolved', 'a@0 ended 7'],
    ],
    [
      'one that came and one that ended',
      toldOf(alertOf('a', T)),
      [alertOf('a', T, T + 7), alertOf('b', T + 8)],
      9,
      ['new alerts added', 'b@8 fires', 'a@0 ended 7'],
    ],
    [
      'an end that nobody remembers, as of now',
      toldOf(alertOf('a', T)),
      [],
      9,
      ['all alerts resolved', 'a@0 ended 9'],
    ],
    [
      'the end of the last occurrence before the next one',
      toldOf(alertOf('a', T)),
      [alertOf('a', T + 8)],
      9,
      ['all alerts resolved', 'a@0 ended 9'],
    ],
    [
      'the end of an occurrence, not that of the next one',
      toldOf(alertOf('a', T)),
      [alertOf('a', T + 5, T + 8)],
      9,
      ['all alerts resolved', 'a@0 ended 9'],
    ],
    [
      'a lasting problem again after the repeat interval',
      toldOf(alertOf('a', T)),
      [alertOf('a', T)],
      4 * HOUR,
      ['repeat interval elapsed', 'a@0 fires'],
    ],
    ['not before it', toldOf(alertOf('a', T)), [alertOf('a', T)], 4 * HOUR - 1, null],
  ])('%s', (_, entry, current, later, expected) => {
    expect(said(decide(entry, current, OPTIONS, T + later))).toEqual(expected)
  })

  test('a pending alert is told to nobody', () => {
    const pending: Alert = { ...alertOf('a', T), state: 'pending', startsAt: 0 }
    expect(decide(emptyEntry(GROUP), [pending], OPTIONS, T)).toBeNull()
  })

  test('the end is in the words that it was told in', () => {
    const renamed = { ...alertOf('a', T, T + 7), annotations: { summary: 'other words' } }
    const notification = decide(toldOf(alertOf('a', T)), [renamed], OPTIONS, T + 9)
    expect(notification?.alerts[0]?.annotations).toEqual({ summary: 'a is down' })
  })

  test('with send_resolved off, ends are not told, and what fires anew is', () => {
    const current = [alertOf('a', T + 8)]
    const entry = withoutResolved(toldOf(alertOf('a', T)), current, T)
    const quiet = { ...OPTIONS, sendResolved: false }
    expect(said(decide(entry, current, quiet, T + 9))).toEqual(['first notification', 'a@8 fires'])
    expect(decide(withoutResolved(toldOf(alertOf('a', T)), [], T), [], quiet, T + 9)).toBeNull()
  })

  test('once accepted, the entry holds what fires and owes nothing for what ended', () => {
    const entry = toldOf(alertOf('a', T), alertOf('b', T))
    const current = [alertOf('a', T, T + 7), alertOf('b', T)]
    const notification = decide(entry, current, OPTIONS, T + 9) as Notification
    const next = accepted({ ...entry, pending: notification }, notification, T + 10)
    expect(next).toMatchObject({ groupLabels: GROUP, toldAt: T + 10, pending: null })
    expect(next.told.map(({ labels }) => labels['device'])).toEqual(['b'])
  })

  test('once accepted, what the message did not speak of is still owed its end', () => {
    const entry = toldOf(alertOf('a', T))
    const current = [alertOf('a', T + 8)]
    const spoke = decide(emptyEntry(GROUP), current, OPTIONS, T) as Notification
    const next = accepted(entry, spoke, T + 10)
    expect(next.told.map(({ startsAt }) => startsAt - T)).toEqual([8, 0])
  })
})

/** A receiver that believes what it is told, and notices when that makes no sense. */
function createBeliever() {
  const open = new Map<string, number>()
  const ended = new Set<string>()
  let lastMessage = ''
  const problems: string[] = []
  function apply({ labels, startsAt, endsAt }: NotifiedAlert): void {
    const device = labels['device'] ?? ''
    const name = `${device}@${startsAt}`
    if (endsAt === 0) {
      if (ended.has(name)) problems.push(`${name} fires after its end`)
      const other = open.get(device)
      if (other !== undefined && other !== startsAt) problems.push(`${name} before ${other} ended`)
      open.set(device, startsAt)
      return
    }
    if (open.get(device) !== startsAt) problems.push(`${name} ends without having fired`)
    if (ended.has(name)) problems.push(`${name} ends twice`)
    open.delete(device)
    ended.add(name)
  }
  return {
    open,
    problems,
    take(notification: Notification): void {
      const message = JSON.stringify(notification)
      if (message === lastMessage) return // the same key: already known
      lastMessage = message
      // Ends first: a message is one moment, and its order says nothing.
      const ends = notification.alerts.filter(({ endsAt }) => endsAt > 0)
      for (const alert of [...ends, ...notification.alerts.filter(({ endsAt }) => endsAt === 0)])
        apply(alert)
    },
  }
}

type Step =
  | { readonly kind: 'fires' | 'ends' | 'anew' | 'forgotten'; readonly device: number }
  | { readonly kind: 'evaluated'; readonly outcome: 'taken' | 'taken, not noted' | 'not taken' }
  | { readonly kind: 'restarted' }
  | { readonly kind: 'waits'; readonly ms: number }

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constantFrom('fires', 'ends', 'anew', 'forgotten'),
      device: fc.integer({ min: 0, max: 3 }),
    }),
    fc.record({
      kind: fc.constant('evaluated' as const),
      outcome: fc.constantFrom('taken', 'taken', 'taken, not noted', 'not taken'),
    }),
    fc.record({ kind: fc.constant('restarted' as const) }),
    fc.record({ kind: fc.constant('waits' as const), ms: fc.integer({ min: 1, max: 6 * HOUR }) }),
  ) as fc.Arbitrary<Step>,
  { maxLength: 80 },
)

/** One alert group and one receiver, through all that may happen to them. */
function createWorld(sendResolved: boolean) {
  const receiver = createBeliever()
  const alerts = new Map<string, Alert>()
  const notifications: Notification[] = []
  let entry = emptyEntry(GROUP)
  let at = T

  function evaluate(outcome: 'taken' | 'taken, not noted' | 'not taken'): boolean {
    at += 1_000
    const current = [...alerts.values()]
    if (!sendResolved) entry = withoutResolved(entry, current, T)
    const notification =
      entry.pending ?? decide(entry, current, { sendResolved, repeatMs: 4 * HOUR }, at)
    if (notification === null) return false
    entry = { ...entry, pending: notification }
    if (outcome === 'not taken') return true
    receiver.take(notification)
    notifications.push(notification)
    if (outcome === 'taken') entry = accepted(entry, notification, at)
    return true
  }

  return {
    receiver,
    notifications,
    entry: () => entry,
    firing: () =>
      new Map(
        [...alerts.values()]
          .filter(({ state }) => state === 'firing')
          .map(({ labels, startsAt }) => [labels['device'] ?? '', startsAt]),
      ),
    take(step: Step): void {
      at += 1
      if (step.kind === 'evaluated') evaluate(step.outcome)
      else if (step.kind === 'restarted') entry = JSON.parse(JSON.stringify(entry)) as LogEntry
      else if (step.kind === 'waits') at += step.ms
      else {
        const name = `device-${step.device}`
        const alert = alerts.get(name)
        const fires = alert?.state === 'firing'
        if (step.kind === 'fires' && !fires) alerts.set(name, alertOf(name, at))
        if (step.kind === 'ends' && fires) alerts.set(name, alertOf(name, alert.startsAt, at))
        if (step.kind === 'anew') alerts.set(name, alertOf(name, at))
        if (step.kind === 'forgotten' && !fires) alerts.delete(name)
      }
    },
    /** Evaluates until there is nothing left to tell. */
    settle(): void {
      for (let turn = 0; evaluate('taken'); turn++) {
        if (turn > 10) throw new Error('there is always more to tell')
      }
    },
  }
}

describe('through any history of firing, ending, restarts and messages that got lost,', () => {
  test('each problem is told once and ended once, in order (C11)', () => {
    fc.assert(
      fc.property(steps, (history) => {
        const world = createWorld(true)
        for (const step of history) world.take(step)
        world.settle()
        expect(world.receiver.problems).toEqual([])
        expect(world.receiver.open).toEqual(world.firing())

        for (let device = 0; device < 4; device++) world.take({ kind: 'ends', device })
        world.settle()
        expect(world.receiver.problems).toEqual([])
        expect(world.receiver.open.size).toBe(0)
        expect(world.entry()).toMatchObject({ told: [], pending: null })
      }),
      { numRuns: 2_000 },
    )
  })

  test('a receiver that wants no ends hears of none, and nothing is kept for it', () => {
    fc.assert(
      fc.property(steps, (history) => {
        const world = createWorld(false)
        for (const step of history) world.take(step)
        world.settle()
        const told = world.notifications.flatMap(({ alerts }) => alerts)
        expect(told.every(({ endsAt }) => endsAt === 0)).toBe(true)
        const kept = world.entry().told.map((alert) => [alert.labels['device'], alert.startsAt])
        expect(new Map(kept as [string, number][])).toEqual(world.firing())
      }),
      { numRuns: 1_000 },
    )
  })
})
