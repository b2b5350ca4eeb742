import { describe, expect, test } from 'vitest'
import { type AlertStates, type Facts, evaluateGroup } from '../../../alerting/evaluate.ts'
import type { RecordRule, Result } from '../../../alerting/rule.ts'
import { answerOf, answering, factsAt, fleet, gives, groupOf, point, rule } from './facts.ts'

const SECOND = 1_000

type Told = { readonly state: string; readonly labels: Readonly<Record<string, string>> }

const firing = (alerts: readonly Told[]) =>
  alerts
    .filter(({ state }) => state === 'firing')
    .map(({ labels }) => `${labels['alertname']} ${labels['device'] ?? ''}`.trim())

const devices = (alerts: readonly Told[]) => alerts.map(({ labels }) => labels['device'])

describe('an evaluation of a group', () => {
  test('gives its alerts the labels of the configuration; what a rule or a series says goes on top', async () => {
    const group = groupOf([
      rule('Plain', gives(point({ device: 'a' }))),
      rule('Own', gives(point({ device: 'a', site: 'series' })), { labels: { rack: 'r2' } }),
    ])
    const externalLabels = { site: 'tbilisi', rack: 'r1' }
    const { alerts } = await evaluateGroup(group, new Map(), { ...factsAt(0), externalLabels })
    expect(alerts.map(({ labels }) => labels)).toMatchObject([
      { alertname: 'Plain', site: 'tbilisi', rack: 'r1' },
      { alertname: 'Own', site: 'series', rack: 'r2' },
    ])
  })

  test('asks MetricsQL for a text, and calls a function with what it needs', async () => {
    const asked: string[] = []
    const facts = factsAt(5_000, async (expr) => {
      asked.push(expr)
      return answerOf(point({ device: 'a' }))
    })
    const group = groupOf([
      rule('Text', 'up == 0'),
      rule('Code', ({ at, fleet: given }) => [
        point({ device: given === fleet ? `at ${at}` : '' }),
      ]),
    ])
    const { alerts, errors } = await evaluateGroup(group, new Map(), facts)
    expect(asked).toEqual(['up == 0'])
    expect(firing(alerts)).toEqual(['Text a', 'Code at 5000'])
    expect(errors).toEqual([])
  })

  test('gives a rule the devices that it fires for already', async () => {
    const states: AlertStates = new Map()
    const seen: string[][] = []
    const group = groupOf([
      rule('Down', (context) => {
        seen.push([...context.firing])
        return [point({ device: 'a' })]
      }),
    ])
    await evaluateGroup(group, states, factsAt(0))
    await evaluateGroup(group, states, factsAt(15_000))
    expect(seen).toEqual([[], ['a']])
  })

  test('an abort is no failure of a rule', async () => {
    const stop = new AbortController()
    const group = groupOf([
      rule('Slow', () => {
        stop.abort(new Error('enough'))
        throw stop.signal.reason as Error
      }),
    ])
    const facts = { ...factsAt(0), signal: stop.signal }
    await expect(evaluateGroup(group, new Map(), facts)).rejects.toThrow('enough')
  })

  test.each([
    [1, 1],
    [3, 3],
  ])('with a concurrency of %i has %i rules under way at once', async (concurrency, most) => {
    let running = 0
    let seen = 0
    const query: Facts['query'] = async () => {
      seen = Math.max(seen, ++running)
      await new Promise((resolve) => setImmediate(resolve))
      running--
      return answerOf()
    }
    const rules = Array.from({ length: 9 }, (_, index) => rule(`R${index}`, 'up'))
    await evaluateGroup(groupOf(rules, { concurrency }), new Map(), factsAt(0, query))
    expect(seen).toBe(most)
  })

  test('says of each rule what its answer had in it', async () => {
    const query: Facts['query'] = async () => ({
      vector: [point({ device: 'a' })],
      isPartial: false,
      seriesFetched: 12,
    })
    const group = groupOf([rule('A', 'a'), { record: 'b', expr: 'b' }])
    const { rules } = await evaluateGroup(group, new Map(), factsAt(0, query))
    expect(rules.map(({ samples, seriesFetched }) => [samples, seriesFetched])).toEqual([
      [1, 12],
      [1, 12],
    ])
  })
})

describe('C8 a rule that fails', () => {
  const failing = (fails: boolean): Facts['query'] => {
    return async (expr) => {
      if (fails && expr === 'broken(') throw new Error('422: unparsed tail')
      return answerOf(point({ device: 'a' }))
    }
  }

  test('reports it and keeps its alerts, and the others go on', async () => {
    const states: AlertStates = new Map()
    const group = groupOf([rule('Broken', 'broken('), rule('Fine', 'fine')])
    await evaluateGroup(group, states, factsAt(0, failing(false)))
    const { alerts, errors } = await evaluateGroup(group, states, factsAt(15_000, failing(true)))
    expect(errors.map(({ rule: name, error }) => [name, error.message])).toEqual([
      ['Broken', '422: unparsed tail'],
    ])
    expect(firing(alerts)).toEqual(['Broken a', 'Fine a'])
  })

  test('a pending alert stays pending since when it was, and fires when it would have', async () => {
    const states: AlertStates = new Map()
    const group = groupOf([rule('Broken', 'broken(', { forMs: 30 * SECOND })])
    const seen = []
    for (const [at, fails] of [
      [0, false],
      [15 * SECOND, true],
      [30 * SECOND, false],
    ] as const) {
      const { alerts } = await evaluateGroup(group, states, factsAt(at, failing(fails)))
      seen.push(alerts.map(({ state, activeAt }) => `${state} since ${activeAt}`).join())
    }
    expect(seen).toEqual(['pending since 0', 'pending since 0', 'firing since 0'])
  })

  test('a function that throws is no different', async () => {
    const group = groupOf([
      rule('Broken', () => {
        throw new TypeError('not a function')
      }),
      rule('Fine', gives(point({ device: 'b' }))),
    ])
    const { alerts, errors } = await evaluateGroup(group, new Map(), factsAt(0))
    expect(errors).toHaveLength(1)
    expect(firing(alerts)).toEqual(['Fine b'])
  })

  test('a recording rule that fails says nothing about its series', async () => {
    const group = groupOf([{ record: 'r', expr: 'broken(' }])
    const { rules } = await evaluateGroup(group, new Map(), factsAt(0, failing(true)))
    expect(rules[0]).toMatchObject({ failed: true, recorded: null })
  })
})

describe('C9 a result that can’t be one', () => {
  test.each<[string, Result[], (string | undefined)[], RegExp]>([
    [
      'equal labels: one counts',
      [point({ device: 'a' }, 1), point({ device: 'a' }, 2), point({ device: 'b' }, 3)],
      ['a', 'b'],
      /^1 result left out, it has the labels of another one: .*"device":"a"/,
    ],
    [
      'equal labels without the metric’s name',
      [point({ __name__: 'x', device: 'a' }), point({ __name__: 'y', device: 'a' })],
      ['a'],
      /^1 result left out, it has the labels of another one/,
    ],
    [
      'no number',
      [point({ device: 'a' }, Number.NaN), point({ device: 'b' })],
      ['b'],
      /^1 result left out, its value is NaN: .*"device":"a"/,
    ],
    [
      'a label that is no text',
      [point({ device: undefined as unknown as string }), point({ device: 'b' })],
      ['b'],
      /^1 result left out, its label device is no text/,
    ],
    [
      'ten of them: five are named',
      Array.from({ length: 10 }, (_, index) => point({ device: `d${index}` }, Number.NaN)),
      [],
      /^10 results left out, its value is NaN: (\{[^}]+\}, ){5}…$/,
    ],
  ])('%s, is left out alone, counted and named', async (_, results, expected, message) => {
    const group = groupOf([rule('Odd', gives(...results)), rule('Fine', gives(point({})))])
    const { alerts, rules } = await evaluateGroup(group, new Map(), factsAt(0))
    const odd = alerts.filter(({ labels }) => labels['alertname'] === 'Odd')
    expect(devices(odd)).toEqual(expected)
    expect(rules[0]?.skipped).toBe(results.length - expected.length)
    expect(rules[0]?.error?.message).toMatch(message)
    expect(rules[1]?.error).toBeNull()
  })

  test('that has no end fires all the same: a ratio to nothing is above its threshold', async () => {
    const group = groupOf([rule('Ratio', gives(point({ device: 'a' }, Infinity)))])
    const { alerts, rules } = await evaluateGroup(group, new Map(), factsAt(0))
    expect(alerts).toMatchObject([{ state: 'firing', value: Infinity }])
    expect(rules[0]).toMatchObject({ skipped: 0, error: null })
  })

  test('leaves its alert as it was', async () => {
    const states: AlertStates = new Map()
    const values = [1, Number.NaN, 1]
    const group = groupOf([
      rule('Slow', () => [point({ device: 'a' }, values.shift()), point({ device: 'b' })], {
        forMs: 30 * SECOND,
      }),
    ])
    const seen = []
    for (const at of [0, 15 * SECOND, 30 * SECOND]) {
      const { alerts } = await evaluateGroup(group, states, factsAt(at))
      seen.push(alerts.map(({ labels, state }) => `${labels['device']} ${state}`).join())
    }
    expect(seen).toEqual(['a pending,b pending', 'a pending,b pending', 'a firing,b firing'])
  })

  test('is left out by a recording rule too', async () => {
    const results = [point({ device: 'a' }, Infinity), point({ x: '1' }), point({ x: '1' }, 2)]
    const group = groupOf([{ record: 'r', expr: gives(...results) }])
    const { recorded, rules } = await evaluateGroup(group, new Map(), factsAt(0))
    expect(recorded).toEqual([{ name: 'r', labels: { x: '1' }, value: 1 }])
    expect(rules[0]).toMatchObject({ skipped: 2, failed: false })
    expect(rules[0]?.error?.message).toMatch(/its value is Infinity.*; .*labels of another one/)
  })
})

describe('a limit', () => {
  const some = (...names: string[]) => names.map((name) => point({ device: name }))

  test('keeps what fits, and says what doesn’t', async () => {
    const group = groupOf([rule('Many', gives(...some('c', 'a', 'b')))], { limit: 2 })
    const { alerts, rules } = await evaluateGroup(group, new Map(), factsAt(0))
    expect(devices(alerts)).toEqual(['a', 'b'])
    expect(rules[0]?.error?.message).toMatch(/^1 result left out, only 2 fit in the group's limit/)
  })

  test('ends no alert for one that is new', async () => {
    const states: AlertStates = new Map()
    const results = [some('y', 'z'), some('a', 'b', 'y', 'z')]
    const group = groupOf([rule('Many', () => results.shift() ?? [])], { limit: 2 })
    await evaluateGroup(group, states, factsAt(0))
    const { alerts } = await evaluateGroup(group, states, factsAt(15_000))
    expect(firing(alerts)).toEqual(['Many y', 'Many z'])
  })

  test('is for each rule, and for recording rules too', async () => {
    const record: RecordRule = { record: 'r', expr: gives(...some('b', 'a')) }
    const group = groupOf([record, rule('One', gives(...some('c')))], { limit: 1 })
    const { recorded, alerts } = await evaluateGroup(group, new Map(), factsAt(0))
    expect(recorded.map(({ labels }) => labels['device'])).toEqual(['a'])
    expect(devices(alerts)).toEqual(['c'])
  })

  test('none is no limit', async () => {
    const group = groupOf([rule('Many', gives(...some('a', 'b')))], { limit: 0 })
    expect((await evaluateGroup(group, new Map(), factsAt(0))).alerts).toHaveLength(2)
  })
})

describe('rules of one name', () => {
  const pair = (high: Result[], low: Result[]) =>
    groupOf([
      rule('Latency', () => high, { severity: 'critical', forMs: 0 }),
      rule('Latency', () => low, { forMs: 60 * SECOND }),
    ])

  test('with other labels are alerts of their own', async () => {
    const states: AlertStates = new Map()
    const both = [point({ device: 'a' })]
    const { alerts } = await evaluateGroup(pair(both, both), states, factsAt(0))
    expect(alerts.map(({ labels, state }) => `${labels['severity']} ${state}`)).toEqual([
      'critical firing',
      'warning pending',
    ])
    const next = await evaluateGroup(pair([], both), states, factsAt(15 * SECOND))
    expect(next.alerts.map(({ labels, state }) => `${labels['severity']} ${state}`)).toEqual([
      'critical resolved',
      'warning pending',
    ])
  })

  test('that say the same are one alert: it lasts for as long as one of them says it', async () => {
    const states: AlertStates = new Map()
    const results: Record<string, Result[]> = { one: [point({ device: 'a' })], two: [] }
    const group = groupOf([rule('Down', 'one'), rule('Down', 'two')])
    const seen = []
    for (const [at, one, two] of [
      [0, true, false],
      [15_000, true, true],
      [30_000, false, true],
      [45_000, false, false],
    ] as const) {
      results['one'] = one ? [point({ device: 'a' })] : []
      results['two'] = two ? [point({ device: 'a' })] : []
      const { alerts } = await evaluateGroup(group, states, factsAt(at, answering(results)))
      seen.push(alerts.map(({ state, startsAt }) => `${state} since ${startsAt}`).join())
    }
    expect(seen).toEqual(['firing since 0', 'firing since 0', 'firing since 0', 'resolved since 0'])
  })
})

describe('a recording rule', () => {
  test('gives series under its name, with its labels and the group’s', async () => {
    const group = groupOf(
      [
        {
          record: 'branch:up',
          expr: gives(point({ __name__: 'ping_up', branch: 'Vake', source: 'ping', x: 'y' }, 4)),
          labels: { source: 'rule', x: '', text: '{{ $value }}' },
        },
      ],
      { labels: { site: 'tbilisi' } },
    )
    const { recorded, alerts } = await evaluateGroup(group, new Map(), factsAt(0))
    expect(recorded).toEqual([
      {
        name: 'branch:up',
        labels: {
          branch: 'Vake',
          source: 'rule',
          exported_source: 'ping',
          site: 'tbilisi',
          text: '{{ $value }}',
        },
        value: 4,
      },
    ])
    expect(alerts).toEqual([])
  })
})

describe('keep_firing_for', () => {
  const keeps = async (rulesMs: number | undefined, groupsMs: number | undefined) => {
    const states: AlertStates = new Map()
    const results = [[point({ device: 'a' })]]
    const given = rulesMs === undefined ? {} : { keepFiringForMs: rulesMs }
    const group = groupOf(
      [rule('Down', () => results.shift() ?? [], given)],
      groupsMs === undefined ? {} : { keepFiringForMs: groupsMs },
    )
    await evaluateGroup(group, states, factsAt(0))
    let at = 0
    for (;;) {
      const { alerts } = await evaluateGroup(group, states, factsAt((at += 15 * SECOND)))
      if (firing(alerts).length === 0) return at - 15 * SECOND
    }
  }

  test.each([
    ['the rule’s', 60 * SECOND, undefined, 60 * SECOND],
    ['the group’s, for rules without', undefined, 30 * SECOND, 30 * SECOND],
    ['the rule’s before the group’s', 0, 30 * SECOND, 0],
  ])('%s', async (_, rules, group, expected) => {
    expect(await keeps(rules, group)).toBe(expected)
  })
})
