import { describe, expect, test } from 'vitest'
import { type AlertStates, type Facts, evaluateGroup } from '../../../alerting/evaluate.ts'
import { VictoriaMetricsError } from '../../../lib/victoriametrics.ts'
import { answerOf, answering, factsAt, gives, groupOf, point, rule } from './facts.ts'

const SECOND = 1_000

describe('labels and texts', () => {
  test('the group’s labels, the rule’s before them, then alertname and alertgroup', async () => {
    const group = groupOf(
      [rule('Down', gives(point({ device: 'a' })), { labels: { team: 'noc' } })],
      { labels: { team: 'all', site: 'tbilisi' } },
    )
    const { alerts } = await evaluateGroup(group, new Map(), factsAt(0))
    expect(alerts[0]?.labels).toEqual({
      device: 'a',
      team: 'noc',
      site: 'tbilisi',
      severity: 'warning',
      alertname: 'Down',
      alertgroup: 'g',
    })
  })

  const asksForEach = rule('Down', gives(point({ device: 'a' }), point({ device: 'b' })), {
    annotations: {
      same: async ({ query }) => `${(await query('role')).length}`,
      own: async ({ query, labels }) => `${(await query(`of ${labels['device']}`)).length}`,
    },
  })

  test('what several texts ask is asked once', async () => {
    const asked: string[] = []
    const query: Facts['query'] = async (expr) => {
      asked.push(expr)
      return answerOf(point({ role: 'core' }))
    }
    const { alerts } = await evaluateGroup(groupOf([asksForEach]), new Map(), factsAt(0, query))
    expect(alerts.map(({ annotations }) => annotations)).toEqual([
      { same: '1', own: '1' },
      { same: '1', own: '1' },
    ])
    expect(asked.toSorted()).toEqual(['of a', 'of b', 'role'])
  })

  test('a VictoriaMetrics that did not answer is not asked again for the next alert', async () => {
    const asked: string[] = []
    const query: Facts['query'] = async (expr) => {
      asked.push(expr)
      throw new VictoriaMetricsError('no answer in time', 'timeout')
    }
    const { alerts } = await evaluateGroup(groupOf([asksForEach]), new Map(), factsAt(0, query))
    expect(alerts.map(({ annotations }) => annotations['own'])).toEqual([
      'failed: no answer in time',
      'failed: no answer in time',
    ])
    expect(asked).toEqual(['role', 'of a'])
  })

  test('a rule without a severity has no such label', async () => {
    const { severity: _, ...bare } = rule('Down', gives(point({ device: 'a' })))
    const { alerts } = await evaluateGroup(groupOf([bare]), new Map(), factsAt(0))
    expect(alerts[0]?.labels).not.toHaveProperty('severity')
  })

  test('of a label may come from the result as it was, and from another query', async () => {
    const seen: unknown[] = []
    const group = groupOf([
      rule('Down', 'up', {
        labels: {
          job: 'rules',
          who: ({ labels, value, expr }) => {
            seen.push(labels, value, expr)
            return `${labels['job']}`
          },
          role: async ({ query }) => (await query('role'))[0]?.labels['role'] ?? '',
        },
      }),
    ])
    const own = { __name__: 'up', job: 'ping' }
    const query = answering({ up: [point(own, 7)], role: [point({ role: 'isp' })] })
    const { alerts } = await evaluateGroup(group, new Map(), factsAt(0, query))
    expect(alerts[0]?.labels).toMatchObject({
      job: 'rules',
      exported_job: 'ping',
      who: 'ping',
      role: 'isp',
    })
    expect(seen).toEqual([own, 7, 'up'])
  })

  test('an annotation sees the result’s own labels, those that were added, and when it began', async () => {
    const states: AlertStates = new Map()
    const group = groupOf([
      rule('Down', 'up', {
        forMs: 60 * SECOND,
        labels: { job: 'rules', team: 'noc' },
        annotations: {
          text: ({ labels, activeAt, at, forMs, device: known, groupId, alertId }) =>
            [
              `${labels['job']} ${labels['team']} ${labels['alertname']}`,
              `${activeAt} ${at} ${forMs} ${known?.name}`,
              `${/^\d+$/.test(groupId)} ${/^\d+$/.test(alertId)}`,
            ].join(', '),
          url: ({ externalUrl, externalLabels }) => externalUrl + externalLabels['site'],
        },
      }),
    ])
    const query = answering({ up: [point({ job: 'ping', device: 'a' })] })
    const more = { externalUrl: 'http://w/', externalLabels: { site: 't' } }
    await evaluateGroup(group, states, factsAt(0, query, more))
    const { alerts } = await evaluateGroup(group, states, factsAt(15 * SECOND, query, more))
    expect(alerts[0]?.annotations).toEqual({
      text: 'ping noc Down, 0 15000 60000 Core, true true',
      url: 'http://w/t',
    })
  })

  test('one that fails says so in its own place, for that alert alone', async () => {
    const failsForA = ({ labels }: { labels: Readonly<Record<string, string>> }) => {
      if (labels['device'] === 'a') throw new Error('no such field')
      return `of ${labels['device']}`
    }
    const group = groupOf([
      rule('Down', gives(point({ device: 'a' }), point({ device: 'b' })), {
        labels: { who: failsForA },
        annotations: {
          summary: ({ value }) => String(value),
          sync: failsForA,
          async: async (context) => failsForA(context),
        },
      }),
    ])
    const { alerts, rules } = await evaluateGroup(group, new Map(), factsAt(0))
    const failed = 'failed: no such field'
    expect(alerts.map(({ labels, annotations }) => [labels['who'], annotations])).toEqual([
      [failed, { summary: '1', sync: failed, async: failed }],
      ['of b', { summary: '1', sync: 'of b', async: 'of b' }],
    ])
    expect(rules[0]).toMatchObject({ failed: false, skipped: 0 })
    expect(rules[0]?.error?.message).toMatch(/with an annotation that failed, sync: no such field/)
  })

  test('a revision is kept with the alert', async () => {
    const states: AlertStates = new Map()
    const counts = [7, 8]
    const group = groupOf([
      rule('Down', () => [point({ device: 'a' }, counts.shift())], {
        revision: ({ value }) => String(value),
      }),
    ])
    await evaluateGroup(group, states, factsAt(0))
    const { alerts } = await evaluateGroup(group, states, factsAt(15_000))
    expect(alerts.map(({ revision, activeAt }) => [revision, activeAt])).toEqual([['8', 0]])
  })
})
