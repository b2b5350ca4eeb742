import { describe, expect, test } from 'vitest'
import { compileRouting, groupLabelsOf } from '../../../../alerting/notify/routing.ts'
import { configSchema } from '../../../../lib/config/schema.ts'
import type { Labels } from '../../../../lib/labels.ts'

const RECEIVERS = ['ops', 'chat', 'boss', 'db'].map((name) => ({
  name,
  groupBy: ['device'],
  repeatMs: 1,
}))

// The tree and the table of Alertmanager's documentation, in short.
const route = {
  receiver: 'ops',
  group_by: ['branch'],
  group_wait: '30s',
  repeat_interval: '4h',
  labels: { team: 'noc' },
  routes: [
    {
      matchers: ['service=~"db|cache"'],
      receiver: 'db',
      group_wait: '10s',
      routes: [
        { matchers: ['severity="critical"'], group_by: ['...'], labels: { page: 'yes' } },
        { matchers: ['owner="chat"'], receiver: 'chat', continue: true },
        { matchers: ['owner!=""'], receiver: 'boss' },
      ],
    },
    {
      matchers: ['severity="critical"'],
      receiver: 'chat',
      escalate: [{ after: '10m', receiver: 'boss' }],
    },
  ],
}

const routing = compileRouting(configSchema.parse({ route }), RECEIVERS)
const receiversOf = (labels: Labels) => routing.destinations(labels).map(({ receiver }) => receiver)

describe('an alert goes to', () => {
  test.each<[string, Labels, string[]]>([
    ['the first route, where none below matches', { service: 'web' }, ['ops']],
    ['the route that matches', { service: 'db' }, ['db']],
    [
      'the deepest route, whose receiver is inherited',
      { service: 'db', severity: 'critical' },
      ['db'],
    ],
    [
      'the next sibling too, where a route continues',
      { service: 'db', owner: 'chat' },
      ['chat', 'boss'],
    ],
    [
      'the first sibling alone, where it does not',
      { service: 'db', severity: 'critical', owner: 'chat' },
      ['db'],
    ],
    ['whom it escalates to, too', { severity: 'critical' }, ['chat', 'boss']],
    ['a whole value only, by a regular expression', { service: 'dbx' }, ['ops']],
  ])('%s', (_, labels, expected) => {
    expect(receiversOf(labels)).toEqual(expected)
  })
})

test('a route takes from its parent what it leaves out', () => {
  const [destination] = routing.destinations({ service: 'db', severity: 'critical' })
  expect(destination).toMatchObject({
    routeKey: '{}/{service=~"db|cache"}/{severity="critical"}',
    routeLabels: { team: 'noc', page: 'yes' },
    groupBy: ['...'],
    groupWaitMs: 10_000,
    groupIntervalMs: 0,
    repeatMs: 4 * 3_600_000,
    escalateAfterMs: null,
  })
})

test('a step of escalation has groups of its own', () => {
  const keys = routing.destinations({ severity: 'critical' }).map(({ routeKey }) => routeKey)
  expect(keys).toEqual(['{}/{severity="critical"}', '{}/{severity="critical"}/after 10m'])
})

test('routes with the same matchers have groups of their own', () => {
  const twice = { matchers: ['a="b"'], receiver: 'chat', continue: true }
  const { destinations } = compileRouting(
    configSchema.parse({ route: { receiver: 'ops', routes: [twice, twice] } }),
    RECEIVERS,
  )
  const keys = destinations({ a: 'b' }).map(({ routeKey }) => routeKey)
  expect(new Set(keys).size).toBe(2)
})

test('without a route each receiver is told of everything, as it says itself', () => {
  const { destinations } = compileRouting({}, RECEIVERS)
  expect(destinations({ any: 'thing' })).toMatchObject(
    RECEIVERS.map(({ name, groupBy, repeatMs }) => ({
      receiver: name,
      routeKey: '{}',
      groupBy,
      repeatMs,
      groupWaitMs: 0,
      groupIntervalMs: 0,
    })),
  )
})

test.each<[readonly string[], Labels]>([
  [['a'], { a: '1' }],
  [['a', 'c'], { a: '1' }],
  [['...'], { a: '1', b: '2' }],
  [[], {}],
])('grouped by %j the labels are %j', (groupBy, expected) => {
  expect(groupLabelsOf({ a: '1', b: '2' }, groupBy)).toEqual(expected)
})
