import { deviceOfRow } from '../links.ts'
import {
  type Row,
  bars,
  byThreshold,
  instant,
  range,
  rows,
  stat,
  table,
  thresholds,
  timeSeries,
} from '../panels.ts'
import { descending, named, now, perDevice, worst } from '../queries.ts'

/** The canary's messages try the way; they are told to nobody. */
const NOT_CANARY = 'device!="wardline-canary"'
const NOT_ITS_RECEIVER = 'receiver!="wardline-canary"'

/** What is told, how soon, and what is held back. Messages belong to no region, branch or type. */
export const alertsRow = (): Row => ({
  title: 'Alerts and delivery',
  panels: [
    stat({
      title: 'Told within 30 s, 24 h',
      description:
        'Share of the problems of the last 24 hours that a receiver had within 30 seconds of their beginning.',
      unit: 'percentunit',
      width: 4,
      height: 8,
      queries: [
        instant(
          `sum(increase(wardline_outage_to_delivery_seconds_bucket{le="30",${NOT_ITS_RECEIVER}}[24h])) / ` +
            `sum(increase(wardline_outage_to_delivery_seconds_count{${NOT_ITS_RECEIVER}}[24h]))`,
          'told within 30 s',
        ),
      ],
    })
      .decimals(2)
      .noValue('nothing was told')
      .thresholds(
        thresholds([
          [null, 'red'],
          [0.95, 'orange'],
          [0.99, 'green'],
        ]),
      ),
    slowestDeliveries(),
    messages(),
    heldBack(),
    flapping(),
    canary(),
  ],
})

function slowestDeliveries() {
  const seconds = `max_over_time(wardline_outage_to_delivery_seconds{${NOT_CANARY}}[24h])`
  return table({
    title: 'From outage to delivery, the slowest of 24 h',
    description:
      'From the beginning of a problem until a receiver had it: confirming it, deciding, a receiver in trouble, and what held it back.',
    unit: 's',
    width: 10,
    height: 8,
    queries: [rows(descending(worst(10, `max by (receiver, alertname, device) (${seconds})`)))],
  })
    .noValue('nothing was told')
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true },
        indexByName: { Value: 0, alertname: 1, device: 2, receiver: 3 },
        renameByName: { Value: 'took', alertname: 'alert' },
      },
    })
    .overrideByName('device', deviceOfRow())
}

function messages() {
  return timeSeries({
    title: 'Messages',
    description:
      'Attempts to hand a message over, by receiver and how they ended. What failed is tried again until it is given up.',
    unit: 'short',
    width: 10,
    height: 8,
    queries: [
      range(
        `sum by (receiver, result) (count_over_time(wardline_notification_seconds{${NOT_CANARY}}[$__rate_interval]))`,
        '{{receiver}} {{result}}',
        '1m',
      ),
    ],
  })
}

function heldBack() {
  return table({
    title: 'Held back now',
    description:
      'Alerts that are not told, or not told again, by what holds them: a parent that is down, flapping, a silence, a window.',
    unit: 'short',
    width: 8,
    height: 8,
    queries: [rows(descending(`count by (by, cause, alertname) (${now('wardline_alert_held')})`))],
  })
    .noValue('nothing is held back')
    .decimals(0)
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true },
        indexByName: { Value: 0, alertname: 1, by: 2, cause: 3 },
        renameByName: { Value: 'alerts', alertname: 'alert' },
      },
    })
    .colorScheme(byThreshold())
}

function flapping() {
  return bars({
    title: 'Flapping score',
    description:
      'How much devices change between up and down, in percent. One that flaps is told as that, until it settles.',
    unit: 'percent',
    width: 8,
    height: 8,
    queries: [
      instant(
        descending(named(worst(10, perDevice(now('device_flapping_score'))))),
        '{{name}} · {{branch}}',
      ),
    ],
  })
    .noValue('no device changes')
    .max(100)
    .thresholds(
      thresholds([
        [null, 'green'],
        [25, 'orange'],
        [30, 'red'],
      ]),
    )
}

function canary() {
  return timeSeries({
    title: 'Canary',
    description:
      'From a change of the device that is not there until it came out as a message: the whole way, tried every few minutes.',
    unit: 's',
    width: 8,
    height: 8,
    queries: [
      range(
        'max by (change) (max_over_time(wardline_canary_seconds[$__rate_interval]))',
        '{{change}}',
      ),
      range('max(max_over_time(wardline_canary_lost[$__rate_interval]))', 'lost'),
    ],
  })
}
