import { StackingConfigBuilder, StackingMode } from '@grafana/grafana-foundation-sdk/common'
import { deviceOfSeries } from '../links.ts'
import { type Row, bars, fixedColour, instant, range, thresholds, timeSeries } from '../panels.ts'
import {
  availability,
  butDown,
  descending,
  named,
  now,
  ofType,
  perDevice,
  scoped,
  worst,
} from '../queries.ts'
import { STATUS_COLOURS } from './colours.ts'

/** How the fleet fares over time, and who fares worst. */
export const trendsRow = (): Row => ({
  title: 'Reachability',
  panels: [
    statusOverTime(),
    roundTripOverTime(),
    ranking({
      title: 'Slowest devices, last 10 min',
      description: 'Mean round-trip time of the answered probes.',
      unit: 's',
      expr: worst(10, perDevice(`avg_over_time(${scoped('ping_rtt_seconds')}[10m])`)),
      steps: [
        [null, 'green'],
        [0.1, 'orange'],
        [0.2, 'red'],
      ],
    }),
    ranking({
      title: 'Packet loss, last 10 min',
      description:
        'Mean share of echoes that were lost. Devices that are down are left out: they lose all.',
      unit: 'percentunit',
      expr: worst(10, butDown(perDevice(`avg_over_time(${scoped('ping_loss_ratio')}[10m])`))),
      steps: [
        [null, 'green'],
        [0.05, 'orange'],
        [0.1, 'red'],
      ],
    }).max(1),
    ranking({
      title: 'Worst availability, 24 h',
      description: 'Share of the last 24 hours in which the device was up.',
      unit: 'percentunit',
      expr: `bottomk(10, ${availability()})`,
      order: 'sort',
      steps: [
        [null, 'red'],
        [0.95, 'orange'],
        [0.99, 'green'],
      ],
    }).max(1),
    ranking({
      title: 'Most changes of state, 24 h',
      description: 'How many times the device went down or came back in the last 24 hours.',
      unit: 'short',
      expr: worst(10, perDevice(`changes(${scoped('device_up')}[24h])`)),
      steps: [
        [null, 'green'],
        [3, 'orange'],
        [10, 'red'],
      ],
    }).decimals(0),
  ],
})

function statusOverTime() {
  const panel = timeSeries({
    title: 'Devices by status',
    description: 'How many devices had each status. A hole means that no status was written.',
    unit: 'short',
    width: 12,
    height: 9,
    queries: [
      range(
        `count by (status) (${ofType(`max by (device, status) (${now('device_status')})`)})`,
        '{{status}}',
      ),
    ],
  })
    .decimals(0)
    .lineWidth(0)
    .fillOpacity(80)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'))
  for (const [status, colour] of Object.entries(STATUS_COLOURS)) {
    panel.overrideByName(status, fixedColour(colour))
  }
  return panel
}

function roundTripOverTime() {
  const perDeviceRtt = perDevice(`avg_over_time(${scoped('ping_rtt_seconds')}[$__rate_interval])`)
  return timeSeries({
    title: 'Round-trip time of the fleet',
    description: 'Median and 95th percentile over the devices that answered.',
    unit: 's',
    width: 12,
    height: 9,
    queries: [
      range(`quantile(0.5, ${perDeviceRtt})`, 'p50'),
      range(`quantile(0.95, ${perDeviceRtt})`, 'p95'),
    ],
  })
}

type Ranking = {
  readonly title: string
  readonly description: string
  readonly unit: string
  readonly expr: string
  readonly order?: 'sort' | 'sort_desc'
  readonly steps: readonly (readonly [number | null, string])[]
}

function ranking({ title, description, unit, expr, order = 'sort_desc', steps }: Ranking) {
  const sorted = order === 'sort' ? `sort(${named(expr)})` : descending(named(expr))
  return bars({
    title,
    description,
    unit,
    width: 6,
    height: 9,
    queries: [instant(sorted, '{{name}} · {{branch}}')],
  })
    .thresholds(thresholds(steps))
    .dataLinks(deviceOfSeries())
}
