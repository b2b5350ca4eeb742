import { expect, test } from 'vitest'
import type { Message } from '../../../alerting/backtest/world.ts'
import { backtest } from '../../../alerting/backtest/run.ts'
import { receiverOf } from '../../../alerting/notify/receivers/index.ts'
import type { RuleGroup } from '../../../alerting/rule.ts'
import { builtInRules } from '../../../alerting/rules/index.ts'
import { createRandom } from '../../../lab/random.ts'
import { receiverSchema } from '../../../lib/config/receivers.ts'
import { configSchema } from '../../../lib/config/schema.ts'
import { type Labels, labelsKey } from '../../../lib/labels.ts'
import { createLog } from '../../../lib/log.ts'
import { device } from '../../fakes/inventory.ts'
import { type ToldAlert, startReceiver } from '../alerting/receiver.ts'
import { type PingFact, START, simulate } from '../alerting/simulation.ts'

const SECOND = 1_000
const MINUTE = 60_000
const END = START + 24 * MINUTE

const random = createRandom('backtest')
const fleet = [
  device('router'),
  ...['a', 'b', 'c', 'd'].map((name) => device(`behind-${name}`, { parents: ['router'] })),
  device('flapper', { branch: 'Saburtalo' }),
  device('isp', { role: 'isp', branch: 'Saburtalo' }),
  ...Array.from({ length: 8 }, (_, index) => device(`alone-${index}`, { branch: 'Gldani' })),
]
const phases = new Map(fleet.map(({ id }) => [id, random.integer(0, 9) * SECOND]))

/** Minutes from the start during which a device doesn't answer. */
const OUTAGES: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  router: [[5, 9.3]],
  'behind-b': [[5, 15]],
  'behind-c': [[2, 12]],
  flapper: Array.from({ length: 6 }, (_, index): [number, number] => [6 + index, 6.5 + index]),
  isp: [
    [3, 3.6],
    [4.2, 4.9],
  ],
  'alone-0': [[0, 4]],
  'alone-1': [[7.05, 7.1]],
  'alone-2': [[10, 30]],
  'alone-3': [
    [8, 9],
    [14, 16],
  ],
}
/** The collector is away. */
const BLIND: readonly [number, number] = [19, 20.5]

const minutesOf = (at: number): number => (at - START) / MINUTE
const isWithin = ([from, to]: readonly [number, number], at: number): boolean =>
  minutesOf(at) >= from && minutesOf(at) < to

function answers(id: string, at: number): boolean {
  const outages = [...(OUTAGES[id] ?? [])]
  if (id.startsWith('behind')) outages.push(...(OUTAGES['router'] ?? []))
  return !outages.some((outage) => isWithin(outage, at))
}

/** As a collector samples: each device in its own second, three more after a first failure, its parents at once. */
function collect(): PingFact[] {
  const facts: PingFact[] = []
  const extra = new Map<string, number>()
  const failing = new Set<string>()
  for (let at = START; at < END; at += SECOND) {
    if (isWithin(BLIND, at)) continue
    for (const each of fleet) {
      const isPlanned = (at - START) % (10 * SECOND) === phases.get(each.id)
      const more = extra.get(each.id) ?? 0
      if (!isPlanned && more === 0) continue
      if (more > 0) extra.set(each.id, more - 1)
      const up = answers(each.id, at)
      const rttSeconds = each.id === 'alone-4' && isWithin([6, 11], at) ? 0.5 : 0.01
      facts.push({ device: each, at, up, rttSeconds })
      if (!up && !failing.has(each.id)) {
        extra.set(each.id, 3)
        for (const parent of each.parents) extra.set(parent, Math.max(1, extra.get(parent) ?? 0))
      }
      if (up) failing.delete(each.id)
      else failing.add(each.id)
    }
  }
  return facts
}

const OWN: RuleGroup = {
  name: 'links',
  file: 'links.yml',
  intervalMs: 10 * SECOND,
  evalAlignment: true,
  labels: { team: 'noc' },
  rules: [
    {
      alert: 'SlowLink',
      expr: 'max by (device) (avg_over_time(ping_rtt_seconds[30s])) > 0.1',
      forMs: 30 * SECOND,
      keepFiringForMs: 40 * SECOND,
      annotations: {},
    },
    // Without a window: as far back as an instant query looks.
    {
      alert: 'NoAnswer',
      expr: 'ping_up{device=~"alone.*|isp"} == 0',
      forMs: 50 * SECOND,
      labels: { severity: 'info' },
      annotations: {},
    },
  ],
}

type Story = { readonly reason: string; readonly groupKey: string; readonly alerts: string[] }

const told = (status: string, labels: Labels, startsAt: number, endsAt: number): string =>
  `${status} ${labelsKey(labels)} ${startsAt} ${endsAt}`

function storyOf({ notification }: Message): Story {
  const { reason, groupKey, alerts } = notification
  const texts = alerts.map(({ labels, startsAt, endsAt }) =>
    told(endsAt === 0 ? 'firing' : 'resolved', labels, startsAt, endsAt),
  )
  return { reason, groupKey, alerts: texts.sort() }
}

function storyOfWebhook(body: string): Story {
  const { notification_reason, groupKey, alerts } = JSON.parse(body) as {
    notification_reason: string
    groupKey: string
    alerts: ToldAlert[]
  }
  const texts = alerts.map(({ status, labels, startsAt, endsAt }) =>
    told(status, labels, Date.parse(startsAt), status === 'firing' ? 0 : Date.parse(endsAt)),
  )
  return { reason: notification_reason, groupKey, alerts: texts.sort() }
}

const inOrder = (stories: readonly Story[]): string[] =>
  stories.map((story) => JSON.stringify(story)).sort()

test('a replay tells what was told live, for the same samples: each message, alert by alert', async () => {
  const config = configSchema.parse({})
  const isOurs = ({ name }: RuleGroup): boolean => name === 'availability'
  const settings = { groupBy: ['alertname', 'branch'], repeatMs: 4 * MINUTE + 7 * SECOND }
  await using receiver = await startReceiver()
  await using sim = await simulate({
    devices: fleet,
    receivers: [{ url: receiver.url, ...settings }],
    groups: (defaults) => [...defaults.filter(isOurs), OWN],
  })
  const facts = collect()
  for (let at = START; at < END; at += 2 * SECOND) {
    const due = facts.filter((fact) => fact.at >= at && fact.at < at + 2 * SECOND)
    if (due.length > 0) await sim.ping(due)
    if (at === START) await sim.start()
    await sim.runUntil(at + 2 * SECOND)
  }
  await sim.stop()
  const live = receiver.requests.map(({ body }) => storyOfWebhook(body))

  const webhook = receiverSchema.parse({ name: 'ops', webhook: { url: receiver.url } })
  const externals = { externalUrl: 'http://wardline.example', externalLabels: {} }
  const { messages, problems } = await backtest(
    {
      victoriaMetrics: sim.stores.victoriaMetrics,
      inventory: sim.inventory.current,
      config,
      receivers: [{ ...receiverOf(webhook, externals), ...settings }],
      ruleSets: [[...builtInRules(config).filter(isOurs), OWN]],
      from: START - 1,
      to: END,
      warmUpMs: 0,
      hints: false,
      latency: () => 1,
      log: createLog('silent'),
    },
    new AbortController().signal,
  )
  expect(problems).toEqual([])
  const replayed = messages.flat().map(storyOf)
  expect(inOrder(replayed)).toEqual(inOrder(live))
  const names = new Set(
    live.flatMap(({ alerts }) => alerts.map((text) => /alertname","(\w+)/.exec(text)?.[1] ?? '')),
  )
  expect([...names].toSorted()).toEqual([
    'DeviceDown',
    'DeviceFlapping',
    'MonitoringLate',
    'NoAnswer',
    'SlowLink',
  ])
  expect(new Set(live.map(({ reason }) => reason)).size).toBeGreaterThan(3)
})
