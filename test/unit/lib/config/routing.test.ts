import { describe, expect, test } from 'vitest'
import { contradictions } from '../../../../lib/config/contradictions.ts'
import { formatPath, validate } from '../../../../lib/config/explain.ts'
import { configSchema } from '../../../../lib/config/schema.ts'

const receivers = ['ops', 'chat'].map((name) => ({ name, webhook: { url: 'http://127.0.0.1:1/' } }))
const stores = {
  victoriametrics: { url: 'http://127.0.0.1:8428' },
  redis: { url: 'redis://127.0.0.1' },
}

/** Every problem of a configuration, as `path: message`. */
function problems(config: object): string[] {
  const checked = validate(configSchema, { ...stores, receivers, ...config })
  const findings = checked.ok ? contradictions(checked.data) : checked.findings
  return findings.map(({ path, message }) => `${formatPath(path)}: ${message}`)
}

describe('a route tree', () => {
  test('in which all that is named is there has no problem', () => {
    const route = {
      receiver: 'ops',
      group_by: ['...'],
      group_wait: '0s',
      routes: [
        {
          matchers: ['severity="critical"', 'branch=~"Vake|Saburtalo"'],
          receiver: 'chat',
          mute_time_intervals: ['night'],
          escalate: [{ after: '15m', receiver: 'ops' }],
        },
      ],
    }
    const time_intervals = [
      { name: 'night', time_intervals: [{ times: [{ start_time: '00:00', end_time: '06:00' }] }] },
    ]
    expect(problems({ route, time_intervals })).toEqual([])
  })

  test.each<[string, object, string[]]>([
    [
      'names a receiver that is not there',
      { receiver: 'ops', routes: [{ receiver: 'chatt' }, { receiver: 'chat' }] },
      ['route.routes[0].receiver: no receiver has the name "chatt", did you mean chat?'],
    ],
    [
      'has nobody for the rest',
      { routes: [{ receiver: 'ops' }, { receiver: 'chat' }] },
      ['route.receiver: expected the name of a receiver: who is told of what no route below takes'],
    ],
    [
      'leaves a receiver out',
      { receiver: 'ops' },
      ['receivers[1].name: no route leads to "chat": it would be told of nothing'],
    ],
    [
      'names times that are not there',
      { receiver: 'ops', routes: [{ receiver: 'chat', active_time_intervals: ['office'] }] },
      ['route.routes[0].active_time_intervals[0]: no time interval has the name "office"'],
    ],
    [
      'escalates to whom it tells anyway',
      {
        receiver: 'ops',
        routes: [{ receiver: 'chat', escalate: [{ after: '5m', receiver: 'chat' }] }],
      },
      [
        'route.routes[0].escalate[0].receiver: "chat" was told by this route before: a step of escalation tells somebody else',
      ],
    ],
    [
      'begins with matchers',
      { receiver: 'ops', matchers: ['severity="critical"'], routes: [{ receiver: 'chat' }] },
      ['route.matchers: the first route takes every alert: matchers belong to the routes below it'],
    ],
  ])('that %s is refused', (_, route, expected) => {
    expect(problems({ route })).toEqual(expected)
  })

  test('with a matcher that cannot be read is refused, with its place', () => {
    const [problem = ''] = problems({
      route: { receiver: 'ops', routes: [{ matchers: ['a=~"("'] }] },
    })
    expect(problem).toMatch(/^route\.routes\[0\]\.matchers\[0\]: expected a regular expression/)
  })
})

describe('time intervals', () => {
  const inSpan = (span: object) =>
    problems({ time_intervals: [{ name: 'x', time_intervals: [span] }] })

  test.each<[object, RegExp]>([
    [{ weekdays: ['friday:monday'] }, /weekdays\[0\]: expected days of the week/],
    [{ weekdays: ['fryday'] }, /weekdays\[0\]: expected days of the week/],
    [{ months: ['13'] }, /months\[0\]: expected months/],
    [{ days_of_month: ['0'] }, /days_of_month\[0\]: expected days of the month/],
    [{ days_of_month: ['-1:1'] }, /days_of_month\[0\]: expected days of the month/],
    [{ years: ['2028:2026'] }, /years\[0\]: expected years/],
    [{ times: [{ start_time: '25:00', end_time: '26:00' }] }, /expected a time of day/],
    [{ times: [{ start_time: '22:00', end_time: '06:00' }] }, /over midnight, give two/],
    [{ location: 'Asia/Tiflis2' }, /location: expected a time zone/],
  ])('%j are refused', (span, expected) => {
    expect(inSpan(span).join('\n')).toMatch(expected)
  })

  test('of one name are refused', () => {
    const time_intervals = [{ name: 'x' }, { name: 'x' }]
    expect(problems({ time_intervals })).toEqual([
      'time_intervals[1].name: "x" is the name of time_intervals[0] already',
    ])
  })
})

test('an inhibition rule with a matcher that cannot be read is refused, with its place', () => {
  const inhibit_rules = [{ source_matchers: ['a="b"'], target_matchers: ['nonsense'] }]
  expect(problems({ inhibit_rules }).join()).toMatch(/^inhibit_rules\[0\]\.target_matchers\[0\]: /)
})
