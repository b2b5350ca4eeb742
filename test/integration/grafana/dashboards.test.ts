import type { Dashboard, Panel, VariableModel } from '@grafana/grafana-foundation-sdk/dashboard'
import type { Dataquery } from '@grafana/grafana-foundation-sdk/prometheus'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DASHBOARDS } from '../../../grafana/catalog.ts'
import { STATUSES } from '../../../lib/status.ts'
import { type Stores, startStores } from '../../stores.ts'
import { type View, interpolate } from './interpolate.ts'
import { type RecordedDevice, recordFleet, recordedFleet } from './recorded-fleet.ts'

const now = Math.floor(Date.now() / 1000) * 1000
const devices: readonly RecordedDevice[] = recordedFleet(now)
let stores: Stores

beforeAll(async () => {
  stores = await startStores()
  await recordFleet(stores.victoriaMetrics, devices, now)
})
afterAll(() => stores?.[Symbol.asyncDispose]())

const view = (chosen: Partial<View['chosen']> = {}): View => ({
  from: now - 3_600_000,
  to: now,
  chosen: { region: 'all', branch: 'all', type: 'all', ...chosen },
})

const VIEWS: readonly (readonly [string, View])[] = [
  ['everything', view()],
  ['the region North', view({ region: ['North'] })],
  ['two branches', view({ branch: ['Beta', 'Delta (old)'] })],
  ['two types', view({ type: ['router', 'switch'] })],
]

const panelsOf = (dashboard: Dashboard): Panel[] =>
  (dashboard.panels ?? []).filter((panel): panel is Panel => panel.type !== 'row')
const variablesOf = (dashboard: Dashboard): VariableModel[] => dashboard.templating.list ?? []

/** The values that a query's answer holds, run as Grafana would run it at `to`. */
async function answer(target: Dataquery, dashboard: Dashboard, at: View) {
  const { text, step } = interpolate(target.expr, at, variablesOf(dashboard), target.interval)
  if (target.instant === true) {
    const vector = await stores.victoriaMetrics.query(text, { at: at.to })
    return vector.map(({ labels, value }) => ({ labels, value }))
  }
  const span = { start: at.from, end: at.to, stepMs: step * 1000 }
  const series = await stores.victoriaMetrics.queryRange(text, span)
  return series.flatMap(({ labels, points }) => points.map(([, value]) => ({ labels, value })))
}

describe.each(Object.entries(DASHBOARDS))('%s', (_file, make) => {
  const dashboard = make()
  const targets = panelsOf(dashboard).flatMap((panel) =>
    (panel.targets ?? []).map((target) => {
      const query = target as Dataquery
      return { panel: `${panel.title} (${query.refId})`, query }
    }),
  )

  describe.each(VIEWS)('showing %s', (_name, at) => {
    test.each(targets)('$panel has an answer', async ({ query }) => {
      const values = await answer(query, dashboard, at)
      expect(values.filter(({ value }) => Number.isFinite(value))).not.toEqual([])
    })

    test.each(variablesOf(dashboard).filter(({ type }) => type === 'query'))(
      'the variable $name has choices',
      async ({ query }) => {
        const [, series = '', label = ''] =
          /^label_values\((.+), (\w+)\)$/.exec(String(query)) ?? []
        const match = interpolate(series, at, variablesOf(dashboard)).text
        const form = new URLSearchParams({
          'match[]': match,
          start: String(at.from / 1000),
          end: String(at.to / 1000),
        })
        const response = await fetch(`${stores.vmUrl}/api/v1/label/${label}/values?${form}`)
        const { data } = (await response.json()) as { data: string[] }
        expect(data).not.toEqual([])
      },
    )
  })
})

describe('the Fleet dashboard tells the truth', () => {
  const dashboard = DASHBOARDS['fleet.json']?.() ?? expect.unreachable('no Fleet dashboard')
  const query = (title: string, refId = 'A'): Dataquery => {
    const panel = panelsOf(dashboard).find((candidate) => candidate.title === title)
    const target = panel?.targets?.find((candidate) => (candidate as Dataquery).refId === refId)
    return (target ?? expect.unreachable(`no query ${refId} in a panel "${title}"`)) as Dataquery
  }
  const valueOf = async (title: string, at = view()) =>
    (await answer(query(title), dashboard, at)).map(({ value }) => value)
  const having = (status: string, among = devices) =>
    among.filter((device) => device.status === status).length
  const branchOf = (id: string) => devices.flatMap((one) => (one.id === id ? [one.branch] : []))
  const counted = devices.filter(({ status }) => status !== 'disabled')

  test.each(['Up', 'Down', 'Unreachable', 'Unknown'])(
    '%s counts each device once',
    async (title) => {
      expect(await valueOf(title)).toEqual([having(title.toLowerCase())])
    },
  )

  test('a disabled device is left out of Devices (A6)', async () => {
    expect(await valueOf('Devices')).toEqual([counted.length])
  })

  test('a status that nobody has counts 0', async () => {
    expect(await valueOf('Unreachable', view({ type: ['router'] }))).toEqual([0])
  })

  test('two minutes after the last written status there is no count, not a count of 0', async () => {
    const later = { ...view(), to: now + 120_000 }
    expect(await valueOf('Down', later)).toEqual([])
  })

  test('a region counts its own devices, one that moved included', async () => {
    const alpha = devices.filter(({ branch }) => branch === 'Alpha')
    expect(await valueOf('Up', view({ branch: ['Alpha'] }))).toEqual([having('up', alpha)])
  })

  test('a type that is chosen leaves out the devices of other types', async () => {
    const routers = devices.filter(({ type }) => type === 'router')
    expect(await valueOf('Up', view({ type: ['router'] }))).toEqual([having('up', routers)])
  })

  test('the table of down devices has each of them once, with its name and to the millisecond', async () => {
    const rows = await answer(query('Devices that are down'), dashboard, view())
    const down = devices.filter(({ downSince }) => downSince !== null)
    const seen = rows.map(({ labels, value }) => [
      labels['device'],
      labels['name'],
      labels['branch'],
      Math.round(value),
    ])
    expect(new Set(seen)).toEqual(
      new Set(down.map(({ id, name, branch, downSince }) => [id, name, branch, downSince])),
    )
    expect(seen).toHaveLength(down.length)
  })

  test('a device that moved and was renamed appears once, under its newest name and branch (F4)', async () => {
    const losing = await answer(query('Packet loss, last 10 min'), dashboard, view())
    const moved = losing.filter(({ labels }) => labels['device'] === 'dev-13')
    expect(moved.map(({ labels }) => [labels['name'], labels['branch']])).toEqual([
      ['Device 13', 'Alpha'],
    ])
  })

  test('at every instant the stacked statuses add up to the fleet', async () => {
    const target = query('Devices by status')
    const { text, step } = interpolate(target.expr, view(), variablesOf(dashboard), target.interval)
    const series = await stores.victoriaMetrics.queryRange(text, {
      start: now - 1_800_000,
      end: now,
      stepMs: step * 1000,
    })
    const totals = new Map<number, number>()
    for (const { labels, points } of series) {
      expect(STATUSES).toContain(labels['status'])
      for (const [at, value] of points) totals.set(at, (totals.get(at) ?? 0) + value)
    }
    expect(new Set(totals.values())).toEqual(new Set([counted.length]))
  })

  test('packet loss leaves out the devices that are down', async () => {
    const losing = await answer(query('Packet loss, last 10 min'), dashboard, view())
    const down = devices.filter(({ downSince }) => downSince !== null).map(({ id }) => id)
    expect(losing.filter(({ labels }) => down.includes(labels['device'] ?? ''))).toEqual([])
  })

  test('SNMP failing names the devices that answer to ping alone', async () => {
    const failing = await answer(query('SNMP failing'), dashboard, view())
    expect(new Set(failing.map(({ labels }) => labels['device']))).toEqual(
      new Set(['dev-01', 'dev-02']),
    )
  })

  test.each([
    ['64-bit', 'dev-19', 20],
    ['32-bit', 'dev-10', 11],
  ])('traffic of %s counters is in bits per second', async (_width, device, kilobytes) => {
    const points = await answer(
      query('Busiest interfaces, in'),
      dashboard,
      view({ branch: branchOf(device) }),
    )
    const second = points.filter(
      ({ labels }) => labels['device'] === device && labels['ifIndex'] === '2',
    )
    expect(second.at(-1)?.value).toBeCloseTo(kilobytes * 1_000 * 2 * 8, 0)
  })

  test('what was told is told of people: the slowest delivery is no canary (D3)', async () => {
    const rows = await answer(
      query('From outage to delivery, the slowest of 24 h'),
      dashboard,
      view(),
    )
    const down = devices.filter(({ status }) => status === 'down').map(({ id }) => id)
    expect(new Set(rows.map(({ labels }) => labels['device']))).toEqual(new Set(down))
    expect(Math.max(...rows.map(({ value }) => value))).toBe(9)
    expect(await valueOf('Told within 30 s, 24 h')).toEqual([1])
    const tried = await answer(query('Messages'), dashboard, view())
    expect(new Set(tried.map(({ labels }) => `${labels['receiver']} ${labels['result']}`))).toEqual(
      new Set(['ops failed', 'ops accepted']),
    )
  })

  test('what is held back has its cause', async () => {
    const rows = await answer(query('Held back now'), dashboard, view())
    const unreachable = devices.filter(({ status }) => status === 'unreachable')
    expect(rows.reduce((sum, { value }) => sum + value, 0)).toBe(unreachable.length)
    expect(new Set(rows.map(({ labels }) => `${labels['by']} ${labels['cause']}`))).toEqual(
      new Set(['parent dev-00', 'parent dev-03']),
    )
  })
})
