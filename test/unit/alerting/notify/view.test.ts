import { expect, test } from 'vitest'
import { alertOf } from './alerts.ts'
import { RULES, T, setUp } from './notifier-stand.ts'

const silence = {
  id: 's1',
  matchers: [{ name: 'branch', value: 'Vake', isRegex: false, isEqual: true }],
  startsAt: T,
  endsAt: T + 3_600_000,
  createdBy: 'ann',
  comment: '',
  updatedAt: T,
}

test('the view has what fires, by receiver and group, with what holds it back', async () => {
  const { notifier, update, decide } = setUp({})
  await update()
  await update(alertOf('a', T), alertOf('b', T, T + 1_000))
  await decide({ silences: [silence] })

  const { alerts, groups } = notifier.view()
  expect(alerts).toMatchObject([
    {
      alert: { labels: { device: 'a' }, groupId: RULES },
      receivers: ['ops'],
      suppressions: [{ by: 'silence', cause: 's1', until: silence.endsAt }],
    },
  ])
  expect(groups).toMatchObject([
    { receiver: 'ops', groupLabels: { device: 'a' }, alerts: [{ labels: { device: 'a' } }] },
  ])
})

test('the canary is told to its receiver, and neither shown nor counted as held back', async () => {
  const { notifier, update, decide, tries } = setUp({})
  await update()
  await update(alertOf('wardline-canary', T))
  await decide({ silences: [silence] })

  expect(tries).toHaveLength(1)
  expect(notifier.view()).toEqual({ alerts: [], groups: [] })
  expect(notifier.heldSeries()).toEqual([])
})

test('a silence of everything holds back all but the canary: its way is tried, not its news', async () => {
  const { update, decide, tries } = setUp({})
  await update()
  await decide({
    silences: [
      { ...silence, matchers: [{ name: 'branch', value: '.*', isRegex: true, isEqual: true }] },
    ],
  })
  await update(alertOf('wardline-canary', T), alertOf('a', T))

  expect(tries.map(({ notification }) => notification.groupLabels['device'])).toEqual([
    'wardline-canary',
  ])
})
