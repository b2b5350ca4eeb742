import { describe, expect, test } from 'vitest'
import { type AlertStates, type Facts, evaluateGroup } from '../../../alerting/evaluate.ts'
import type { AlertRule, Result, Rule, RuleGroup } from '../../../alerting/rule.ts'
import type { Fleet } from '../../../alerting/availability/watch.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'

const signal = new AbortController().signal
const fleet: Fleet = {
  inventory: inventoryOf(device('a', { name: 'Core' })).current,
  statuses: new Map(),
  evidence: () => undefined,
  isSuspect: () => false,
  newestAt: null,
  watchedSince: () => 0,
}

const factsAt = (at: number, query: Facts['query'] = async () => []): Facts => ({
  at,
  signal,
  fleet,
  query,
})

const point = (labels: Record<string, string>, value = 1): Result => ({ labels, value, at: 0 })

const rule = (
  alert: string,
  expr: AlertRule['expr'],
  more: Partial<AlertRule> = {},
): AlertRule => ({
  alert,
  severity: 'warning',
  annotations: {},
  expr,
  ...more,
})

const group = (...rules: Rule[]): RuleGroup => ({ name: 'g', intervalMs: 15_000, rules })

const firing = (alerts: readonly { state: string; labels: Readonly<Record<string, string>> }[]) =>
  alerts
    .filter(({ state }) => state === 'firing')
    .map(({ labels }) => `${labels['alertname']} ${labels['device'] ?? ''}`.trim())

describe('an evaluation of a group', () => {
  test('asks MetricsQL for a text, and calls a function with what it needs', async () => {
    const asked: string[] = []
    const facts = factsAt(5_000, async (expr) => {
      asked.push(expr)
      return [point({ device: 'a' })]
    })
    const rules = group(
      rule('Text', 'up == 0'),
      rule('Code', ({ at, fleet: given }) => [
        point({ device: given === fleet ? `at ${at}` : '' }),
      ]),
    )
    const { alerts, errors } = await evaluateGroup(rules, new Map(), facts)
    expect(asked).toEqual(['up == 0'])
    expect(firing(alerts)).toEqual(['Text a', 'Code at 5000'])
    expect(errors).toEqual([])
  })

  test('gives a rule the devices that it fires for already', async () => {
    const states: AlertStates = new Map()
    const seen: string[][] = []
    const rules = group(
      rule('Down', (context) => {
        seen.push([...context.firing])
        return [point({ device: 'a' })]
      }),
    )
    await evaluateGroup(rules, states, factsAt(0))
    await evaluateGroup(rules, states, factsAt(15_000))
    expect(seen).toEqual([[], ['a']])
  })

  test('a failing rule reports it and keeps its alerts, and the others go on (C8)', async () => {
    const states: AlertStates = new Map()
    const broken = async (at: number, fails: boolean) =>
      evaluateGroup(
        group(rule('Broken', 'broken('), rule('Fine', 'fine')),
        states,
        factsAt(at, async (expr) => {
          if (fails && expr === 'broken(') throw new Error('422: unparsed tail')
          return [point({ device: 'a' })]
        }),
      )
    await broken(0, false)
    const { alerts, errors } = await broken(15_000, true)
    expect(errors.map(({ rule: name, error }) => [name, error.message])).toEqual([
      ['Broken', '422: unparsed tail'],
    ])
    expect(firing(alerts)).toEqual(['Broken a', 'Fine a'])
  })

  test('a function that throws is no different', async () => {
    const rules = group(
      rule('Broken', () => {
        throw new TypeError('not a function')
      }),
      rule('Fine', () => [point({ device: 'b' })]),
    )
    const { alerts, errors } = await evaluateGroup(rules, new Map(), factsAt(0))
    expect(errors).toHaveLength(1)
    expect(firing(alerts)).toEqual(['Fine b'])
  })

  test('an abort is no failure of a rule', async () => {
    const stop = new AbortController()
    const rules = group(
      rule('Slow', () => {
        stop.abort(new Error('enough'))
        throw stop.signal.reason as Error
      }),
    )
    const facts = { ...factsAt(0), signal: stop.signal }
    await expect(evaluateGroup(rules, new Map(), facts)).rejects.toThrow('enough')
  })

  test('results with the same labels: one counts, the others are reported, and they alone (C9)', async () => {
    const rules = group(
      rule('Twice', () => [
        point({ device: 'a' }, 1),
        point({ device: 'a' }, 2),
        point({ device: 'b' }, 3),
      ]),
    )
    const { alerts, errors } = await evaluateGroup(rules, new Map(), factsAt(0))
    expect(alerts.map(({ labels, value }) => [labels['device'], value])).toEqual([
      ['a', 1],
      ['b', 3],
    ])
    expect(errors[0]?.error.message).toMatch(/^1 results .*"device":"a"/)
  })

  test('an annotation that throws says so in its own place', async () => {
    const rules = group(
      rule('Down', () => [point({ device: 'a' }, 7)], {
        annotations: {
          summary: (context) => `${context.device?.name} ${context.value}`,
          broken: () => {
            throw new Error('no such field')
          },
        },
      }),
    )
    const { alerts, errors } = await evaluateGroup(rules, new Map(), factsAt(0))
    expect(alerts[0]?.annotations).toEqual({
      summary: 'Core 7',
      broken: 'annotation failed: no such field',
    })
    expect(errors).toEqual([])
  })

  test('a record rule gives series under its name, with its labels', async () => {
    const rules = group({
      record: 'branch:up',
      expr: () => [point({ __name__: 'ping_up', branch: 'Vake' }, 4)],
      labels: { source: 'rule' },
    })
    const { recorded, alerts } = await evaluateGroup(rules, new Map(), factsAt(0))
    expect(recorded).toEqual([
      { name: 'branch:up', labels: { branch: 'Vake', source: 'rule' }, value: 4 },
    ])
    expect(alerts).toEqual([])
  })
})
