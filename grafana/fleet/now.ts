import { TableSortByFieldStateBuilder } from '@grafana/grafana-foundation-sdk/common'
import { type DynamicConfigValue, MappingType } from '@grafana/grafana-foundation-sdk/dashboard'
import { deviceOfRow } from '../links.ts'
import { type Row, byThreshold, instant, rows, stat, table, thresholds } from '../panels.ts'
import { availability, descending, deviceCount, named, now, ofType, perDevice } from '../queries.ts'
import { STATUS_COLOURS } from './colours.ts'

/** What is wrong at this moment. */
export const nowRow = (): Row => ({
  title: 'Now',
  panels: [
    statusCount('up', 'Devices whose newest probes were answered.', null),
    statusCount(
      'down',
      'Devices whose failure is confirmed and that have a parent which is up, or none.',
      1,
    ),
    statusCount(
      'unreachable',
      'Devices that are down behind parents that are all down: look at the parents.',
      1,
    ),
    statusCount(
      'unknown',
      'Devices without a recent sample: nothing can be said about them. Look at the pipeline below.',
      1,
    ),
    stat({
      title: 'Devices',
      description: 'Devices of the inventory that are not disabled.',
      unit: 'short',
      width: 4,
      height: 4,
      queries: [instant(deviceCount(), 'devices')],
    })
      .decimals(0)
      .thresholds(thresholds([[null, 'blue']])),
    stat({
      title: 'Availability, 24 h',
      description: 'Mean over the devices of the share of the last 24 hours in which they were up.',
      unit: 'percentunit',
      width: 4,
      height: 4,
      queries: [instant(`avg (${availability()})`, 'availability')],
    })
      .decimals(2)
      .thresholds(
        thresholds([
          [null, 'red'],
          [0.95, 'orange'],
          [0.99, 'green'],
        ]),
      ),
    downDevices(),
    firingAlerts(),
  ],
})

function statusCount(
  status: keyof typeof STATUS_COLOURS,
  description: string,
  alarmFrom: number | null,
) {
  const colour = STATUS_COLOURS[status]
  return stat({
    title: status.replace(/^./, (letter) => letter.toUpperCase()),
    description,
    unit: 'short',
    width: 4,
    height: 4,
    queries: [instant(deviceCount(`status="${status}"`), status)],
  })
    .decimals(0)
    .noValue('no status written')
    .thresholds(
      thresholds(
        alarmFrom === null
          ? [[null, colour]]
          : [
              [null, 'green'],
              [alarmFrom, colour],
            ],
      ),
    )
}

function downDevices() {
  const since = perDevice(now('device_down_since_seconds'))
  const status = ofType(
    `max by (device, status) (${now('device_status', 'status=~"down|unreachable"')})`,
  )
  return table({
    title: 'Devices that are down',
    description:
      'Down since is the stamp of the first probe that failed, not of the evaluation that noticed. The longest outage comes first.',
    unit: 'short',
    width: 17,
    height: 10,
    queries: [
      rows(named(`1000 * (${since})`, 'name, branch, region, address, type')),
      rows(`time() - (${since})`),
      rows(status),
    ],
  })
    .noValue('no device is down')
    .transformations([
      { id: 'merge', options: {} },
      {
        id: 'organize',
        options: {
          excludeByName: { Time: true, 'Value #C': true },
          indexByName: Object.fromEntries(
            [
              'status',
              'name',
              'branch',
              'region',
              'address',
              'type',
              'Value #A',
              'Value #B',
              'device',
            ].map((column, index) => [column, index]),
          ),
          renameByName: { 'Value #A': 'down since', 'Value #B': 'down for' },
        },
      },
    ])
    .sortBy([new TableSortByFieldStateBuilder().displayName('down for').desc(true)])
    .overrideByName('down since', [{ id: 'unit', value: 'dateTimeAsIso' }])
    .overrideByName('down for', [{ id: 'unit', value: 'dtdurations' }])
    .overrideByName('name', deviceOfRow())
    .overrideByName('device', deviceOfRow())
    .overrideByName('status', colouredText(STATUS_COLOURS))
}

function firingAlerts() {
  return table({
    title: 'Firing alerts',
    description:
      'Alerts that are firing, by name. Type does not narrow this panel: some alerts are about the monitoring itself and name no device.',
    unit: 'short',
    width: 7,
    height: 10,
    queries: [
      rows(descending(`count by (alertname, severity) (${now('ALERTS', 'alertstate="firing"')})`)),
    ],
  })
    .noValue('no alert is firing')
    .decimals(0)
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true },
        indexByName: { Value: 0, alertname: 1, severity: 2 },
        renameByName: { Value: 'firing', alertname: 'alert' },
      },
    })
    .colorScheme(byThreshold())
    .overrideByName('severity', colouredText({ critical: 'red', warning: 'orange', info: 'blue' }))
}

function colouredText(colours: Readonly<Record<string, string>>): DynamicConfigValue[] {
  const options = Object.fromEntries(
    Object.entries(colours).map(([text, color], index) => [text, { text, color, index }]),
  )
  return [
    { id: 'mappings', value: [{ type: MappingType.ValueToText, options }] },
    { id: 'custom.cellOptions', value: { type: 'color-text' } },
  ]
}
