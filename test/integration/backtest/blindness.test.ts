import { expect, test } from 'vitest'
import { backtest } from '../../../alerting/backtest/run.ts'
import { toldIn } from '../../../alerting/backtest/told.ts'
import { receiverOf } from '../../../alerting/notify/receivers/index.ts'
import { builtInRules } from '../../../alerting/rules/index.ts'
import { markSample } from '../../../lib/blindness.ts'
import { receiverSchema } from '../../../lib/config/receivers.ts'
import { configSchema } from '../../../lib/config/schema.ts'
import { identityLabels } from '../../../lib/inventory.ts'
import { type Sample, encodeLine } from '../../../lib/line-protocol.ts'
import { createLog } from '../../../lib/log.ts'
import { device } from '../../fakes/inventory.ts'
import { startStores } from '../../stores.ts'

const SECOND = 1_000
const MINUTE = 60_000
const START = Date.UTC(2026, 2, 28, 21)
const END = START + 90 * MINUTE
const DEAD_AT = START + 15 * MINUTE
const BLIND_AT = START + 33 * MINUTE
const SEES_AT = BLIND_AT + 24 * MINUTE

const dead = device('dead')
const devices = [...Array.from({ length: 9 }, (_, index) => device(`good-${index}`)), dead]

/** What the collector wrote: each device every 10 s in a second of its own, and its marks. */
function* history(): Generator<Sample> {
  for (let at = START; at < END; at += SECOND) {
    const isBlind = at >= BLIND_AT && at < SEES_AT
    if (isBlind || at === SEES_AT)
      yield markSample({ vantage: 'dc', at, since: isBlind ? BLIND_AT : null })
    for (const [index, each] of devices.entries()) {
      if ((at - START) % (10 * SECOND) !== index * SECOND) continue
      const up = !isBlind && !(each === dead && at >= DEAD_AT)
      const labels = { ...identityLabels(each), vantage: 'dc' }
      const fields = { up: Number(up), sent: 2, received: up ? 2 : 0 }
      yield { measurement: 'ping', labels, fields, at }
    }
  }
}

test('what a blind collector got no answer to is told as blindness, once, and as no outage (C13)', async () => {
  await using stores = await startStores()
  const { victoriaMetrics } = stores
  await victoriaMetrics.writeLines(Array.from(history(), encodeLine).join('\n'))
  await victoriaMetrics.flush()
  const config = configSchema.parse({})
  const webhook = receiverSchema.parse({ name: 'ops', webhook: { url: 'http://127.0.0.1/' } })

  const { messages } = await backtest(
    {
      victoriaMetrics,
      inventory: new Map(devices.map((each) => [each.id, each])),
      config,
      receivers: [receiverOf(webhook, { externalUrl: '', externalLabels: {} })],
      ruleSets: [
        builtInRules(config).filter(({ name }) => name === 'availability' || name === 'quality'),
      ],
      from: START - 1,
      to: END,
      warmUpMs: 0,
      log: createLog('silent'),
    },
    new AbortController().signal,
  )

  const told = toldIn(messages.flat()).map(({ labels, since, endedAt }) => [
    labels['alertname'],
    labels['device'] ?? labels['vantage'],
    since,
    endedAt !== null && endedAt >= SEES_AT && endedAt < SEES_AT + 10 * SECOND,
  ])
  expect(told).toEqual([
    ['DeviceDown', 'dead', DEAD_AT + 9 * SECOND, false],
    ['MonitoringBlind', 'dc', BLIND_AT, true],
  ])
})
