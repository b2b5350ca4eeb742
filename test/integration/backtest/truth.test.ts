import { expect, test } from 'vitest'
import { backtest } from '../../../alerting/backtest/run.ts'
import { toldIn } from '../../../alerting/backtest/told.ts'
import { receiverOf } from '../../../alerting/notify/receivers/index.ts'
import { builtInRules } from '../../../alerting/rules/index.ts'
import { receiverSchema } from '../../../lib/config/receivers.ts'
import { configSchema } from '../../../lib/config/schema.ts'
import { encodeLine } from '../../../lib/line-protocol.ts'
import { createLog } from '../../../lib/log.ts'
import { identityLabels } from '../../../lib/inventory.ts'
import { startStores } from '../../stores.ts'
import { scriptFleet } from '../alerting/truth.ts'

const HOUR = 3_600_000
const START = Date.UTC(2026, 2, 28, 21)
const END = START + 5 * HOUR

test('every outage of a scripted fleet is told with its first failed probe, and ended, over hours of quiet', async () => {
  const fleet = scriptFleet({
    seed: 'replayed',
    count: 30,
    transitions: 60,
    start: START,
    end: END,
  })
  await using stores = await startStores()
  const { victoriaMetrics } = stores
  const lines = fleet.samples(START, END).map(({ device, at, up }) =>
    encodeLine({
      measurement: 'ping',
      labels: identityLabels(device),
      fields: { up: up ? 1 : 0 },
      at,
    }),
  )
  for (let from = 0; from < lines.length; from += 10_000)
    await victoriaMetrics.writeLines(lines.slice(from, from + 10_000).join('\n'))
  await victoriaMetrics.flush()

  const config = configSchema.parse({})
  const webhook = receiverSchema.parse({ name: 'ops', webhook: { url: 'http://127.0.0.1/' } })
  const externals = { externalUrl: '', externalLabels: {} }
  const shares: number[] = []
  const { messages, evaluations } = await backtest(
    {
      victoriaMetrics,
      inventory: new Map(fleet.devices.map((device) => [device.id, device])),
      config,
      receivers: [receiverOf(webhook, externals)],
      ruleSets: [builtInRules(config).filter(({ name }) => name === 'availability')],
      from: START - 1,
      to: END,
      warmUpMs: 0,
      progress: (share) => shares.push(share),
      log: createLog('silent'),
    },
    new AbortController().signal,
  )
  const told = toldIn(messages.flat()).filter(({ labels }) => labels['alertname'] === 'DeviceDown')
  const inOrder = (rows: readonly (readonly [string, number, boolean])[]): string[] =>
    rows.map(([id, since, isOver]) => `${id} ${since} ${isOver}`).sort()
  const outages = fleet.devices.flatMap(({ id }) =>
    fleet
      .outages(id, END)
      .map(({ since, until }) => [id, since, until !== null && until < END - 1_000] as const),
  )
  expect(outages.length).toBeGreaterThan(25)
  expect(
    inOrder(
      told.map(({ labels, since, endedAt }) => [labels['device'] ?? '', since, endedAt !== null]),
    ),
  ).toEqual(inOrder(outages))
  // A turn every 2 s would be 9,000.
  expect(evaluations).toBeLessThan(800)
  expect(shares.at(-1)).toBeLessThanOrEqual(1)
  expect([...shares].sort((one, other) => one - other)).toEqual(shares)
})
