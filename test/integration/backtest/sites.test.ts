import { expect, test } from 'vitest'
import { backtest } from '../../../alerting/backtest/run.ts'
import { toldIn } from '../../../alerting/backtest/told.ts'
import { receiverOf } from '../../../alerting/notify/receivers/index.ts'
import { builtInRules } from '../../../alerting/rules/index.ts'
import { receiverSchema } from '../../../lib/config/receivers.ts'
import { configSchema } from '../../../lib/config/schema.ts'
import { identityLabels } from '../../../lib/inventory.ts'
import { type Sample, encodeLine } from '../../../lib/line-protocol.ts'
import { createLog } from '../../../lib/log.ts'
import { COLLECTOR_INFO } from '../../../lib/sites.ts'
import { device } from '../../fakes/inventory.ts'
import { startStores } from '../../stores.ts'

const SECOND = 1_000
const MINUTE = 60_000
const START = Date.UTC(2026, 2, 28, 21)
const END = START + 90 * MINUTE
const SITES = { 'dc-1': 'tbilisi', 'dc-2': 'batumi' } as const
type Vantage = keyof typeof SITES

/** Minutes from the start during which a site gets no answer from a device, or has no collector. */
type Spans = Partial<Record<Vantage, readonly (readonly [number, number])[]>>
const SILENT: Readonly<Record<string, Spans>> = {
  'one-sided': { 'dc-1': [[12, 31]] },
  'in-turns': { 'dc-1': [[12, 20]], 'dc-2': [[19.9, 26]] },
  dead: { 'dc-1': [[35, 90]], 'dc-2': [[35, 90]] },
  'behind-the-end': { 'dc-1': [[61, 66]] },
}
const ENDED: Spans = { 'dc-2': [[60, 90]] }

const devices = ['good', ...Object.keys(SILENT)].map((id) => device(id))
const isWithin = (spans: Spans | undefined, vantage: Vantage, at: number): boolean =>
  spans?.[vantage]?.some(([from, to]) => at >= START + from * MINUTE && at < START + to * MINUTE) ??
  false

/** The first failed probe is followed by three more, a second apart, of that site alone. */
const isBurst = (id: string, vantage: Vantage, at: number, afterSlotMs: number): boolean =>
  afterSlotMs <= 3 * SECOND && !isWithin(SILENT[id], vantage, at - afterSlotMs - 10 * SECOND)

/** What the collectors of two sites wrote: each asks every device every 10 s. */
function* history(): Generator<Sample> {
  for (let at = START; at < END; at += SECOND)
    for (const [vantage, site] of Object.entries(SITES) as [Vantage, string][]) {
      if (isWithin(ENDED, vantage, at)) continue
      if ((at - START) % MINUTE === 0)
        yield { measurement: '', labels: { vantage, site }, fields: { [COLLECTOR_INFO]: 1 }, at }
      for (const [index, each] of devices.entries()) {
        const up = !isWithin(SILENT[each.id], vantage, at)
        const afterSlotMs = (at - START - index * SECOND) % (10 * SECOND)
        if (afterSlotMs !== 0 && (up || !isBurst(each.id, vantage, at, afterSlotMs))) continue
        const labels = { ...identityLabels(each), vantage }
        yield { measurement: 'ping', labels, fields: { up: Number(up) }, at }
      }
    }
}

test('what one site alone gets no answer to is told as no outage, as alerting tells none', async () => {
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
      ruleSets: [builtInRules(config).filter(({ name }) => name === 'availability')],
      from: START - 1,
      to: END,
      warmUpMs: 0,
      log: createLog('silent'),
    },
    new AbortController().signal,
  )
  const told = toldIn(messages.flat()).map(({ labels, since, endedAt }) => [
    labels['device'],
    since,
    endedAt === null ? null : Math.floor((endedAt - START) / MINUTE),
  ])
  const slotOf = (id: string): number => devices.findIndex((each) => each.id === id) * SECOND
  expect(told).toEqual([
    ['dead', START + 35 * MINUTE + slotOf('dead'), null],
    // The other site has ended: nobody waits for it.
    ['behind-the-end', START + 61 * MINUTE + slotOf('behind-the-end'), 66],
  ])
})
