import { expect, test } from 'vitest'
import { backtest } from '../../../alerting/backtest/run.ts'
import { receiverOf } from '../../../alerting/notify/receivers/index.ts'
import type { RuleGroup } from '../../../alerting/rule.ts'
import { builtInRules } from '../../../alerting/rules/index.ts'
import { receiverSchema } from '../../../lib/config/receivers.ts'
import { configSchema } from '../../../lib/config/schema.ts'
import { identityLabels } from '../../../lib/inventory.ts'
import { encodeLine } from '../../../lib/line-protocol.ts'
import { createLog } from '../../../lib/log.ts'
import { device } from '../../fakes/inventory.ts'
import { startStores } from '../../stores.ts'

const SECOND = 1_000
const MINUTE = 60_000
const START = Date.UTC(2026, 2, 28, 21)
const MINUTES = 180
const snmp = { modules: [], credentials: ['c'], port: 161, intervalMs: MINUTE, timeoutMs: SECOND }
const router = device('router', { snmp })

/** What a poll reads of each uplink in a minute; null: no answer. */
function polled(minute: number): Readonly<Record<'isp-a' | 'isp-b', number>> | null {
  if (minute >= 60 && minute < 64) return null // silent with one lost
  if (minute >= 150) return null // and for good, with both up
  const isLost = (from: number, to: number): boolean => minute >= from && minute < to
  return {
    'isp-a': isLost(20, 40) || isLost(58, 70) || isLost(100, 120) ? 2 : 1,
    'isp-b': isLost(30, 35) || isLost(110, 130) ? 2 : 1,
  }
}

function* lines(): Generator<string> {
  const labels = identityLabels(router)
  for (let minute = 0; minute < MINUTES; minute++) {
    const at = START + minute * MINUTE + 3 * SECOND
    const read = polled(minute)
    yield encodeLine({ measurement: 'snmp', labels, fields: { up: Number(read !== null) }, at })
    for (const [index, [uplink, oper]] of Object.entries(read ?? {}).entries()) {
      const own = { ...labels, uplink, ifIndex: String(index + 1), ifName: `wan-${uplink}` }
      const fields = { ifOperStatus: oper, ifAdminStatus: 1 }
      yield encodeLine({ measurement: '', labels: own, fields, at })
    }
  }
}

test('uplinks that are looked at only where something may have changed are told as if looked at at every turn', async () => {
  await using stores = await startStores()
  const { victoriaMetrics } = stores
  await victoriaMetrics.writeLines([...lines()].join('\n'))
  await victoriaMetrics.flush()
  const config = configSchema.parse({})
  const webhook = receiverSchema.parse({ name: 'ops', webhook: { url: 'http://127.0.0.1/' } })
  const externals = { externalUrl: '', externalLabels: {} }

  async function replay(change: (group: RuleGroup) => RuleGroup) {
    const groups = builtInRules(config).filter(({ name }) => name === 'uplinks')
    const { messages, evaluations, problems } = await backtest(
      {
        victoriaMetrics,
        inventory: new Map([[router.id, router]]),
        config,
        receivers: [receiverOf(webhook, externals)],
        ruleSets: [groups.map(change)],
        from: START,
        to: START + MINUTES * MINUTE,
        warmUpMs: 0,
        log: createLog('silent'),
      },
      new AbortController().signal,
    )
    expect(problems).toEqual([])
    const story = messages
      .flat()
      .map(({ at, notification: { reason, alerts } }) =>
        [
          at,
          reason,
          ...alerts.map(
            ({ labels, startsAt, endsAt }) =>
              `${labels['alertname']} ${labels['uplink'] ?? ''} ${startsAt} ${endsAt}`,
          ),
        ].join(' '),
      )
    return { story, evaluations }
  }

  const watched = await replay((group) => group)
  // Under another name nobody knows what the group watches: its queries are answered from the past, turn by turn.
  const always = await replay((group) => ({ ...group, name: 'others' }))
  expect(watched.story).toEqual(always.story)
  expect(
    watched.story.filter((line) => line.includes('first notification')).length,
  ).toBeGreaterThan(4)
  expect(watched.story.some((line) => line.includes('BranchUplinksDown'))).toBe(true)
  expect(watched.evaluations).toBeLessThan(always.evaluations / 4)
})
