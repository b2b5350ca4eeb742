import { expect, test } from 'vitest'
import type { EvaluationContext, Result } from '../../../../alerting/rule.ts'
import { availabilityRules } from '../../../../alerting/rules/availability.ts'
import { type Seen, fleetOf } from '../../../fakes/fleet.ts'
import { device } from '../../../fakes/inventory.ts'

const SECOND = 1_000
const NOW = Date.UTC(2026, 10, 22, 12)
const BLIND = [{ vantage: 'dc', since: NOW - 4 * SECOND, devices: 2 }]

const router = device('router')
const child = device('child', { parents: ['router'] })

/** What a rule gives of these two. */
async function results(
  alert: 'DeviceDown' | 'MonitoringBlind' | 'MonitoringLate',
  seen: Readonly<Record<string, Seen>>,
  { blind = BLIND, firing = [] }: { blind?: typeof BLIND; firing?: readonly string[] } = {},
): Promise<readonly Result[]> {
  const rule = availabilityRules(2_000).rules.find((one) => 'alert' in one && one.alert === alert)
  if (typeof rule?.expr !== 'function') throw new Error(`expected ${alert} to be code`)
  const context: EvaluationContext = {
    at: NOW,
    signal: new AbortController().signal,
    query: async () => [],
    firing: new Set(firing),
    fleet: fleetOf([router, child], seen, NOW, { blind }),
  }
  return rule.expr(context)
}

const up = (given: Partial<Seen> = {}): Seen => ({
  state: { up: true, since: NOW - 3_600 * SECOND },
  ...given,
})
const down = (given: Partial<Seen> = {}): Seen => ({
  state: { up: false, since: NOW - 60 * SECOND },
  ...given,
})

test('a collector that lost its network is one alert, since then, with how many devices that are (C13)', async () => {
  const seen = { router: up({ isBlind: true }), child: up({ isBlind: true }) }
  expect(await results('MonitoringBlind', seen)).toEqual([
    { labels: { vantage: 'dc' }, value: 2, at: NOW - 4 * SECOND, since: NOW - 4 * SECOND },
  ])
  expect(await results('MonitoringBlind', seen, { blind: [] })).toEqual([])
})

test('meanwhile no outage begins, and none ends that was told', async () => {
  const seen = { router: down({ isBlind: true }), child: down({ isBlind: true }) }
  const told = await results('DeviceDown', seen, { firing: ['router'] })
  expect(told.map(({ labels }) => labels['device'])).toEqual(['router'])
})

test('what is unknown for that reason is not late as well', async () => {
  const old = { lastSampleAt: NOW - 60 * SECOND, isBlind: true }
  expect(await results('MonitoringLate', { router: up(old), child: up(old) })).toEqual([])
})

test('what came in without saying anything is not late afterwards', async () => {
  const old = { lastSampleAt: NOW - 60 * SECOND, voidAt: NOW - 5 * SECOND }
  const seen = { router: up(old), child: up(old) }
  expect(await results('MonitoringLate', seen, { blind: [] })).toEqual([])
})
