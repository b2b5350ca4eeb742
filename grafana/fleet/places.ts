import { type Row, bars, byThreshold, instant, rows, table, thresholds } from '../panels.ts'
import { descending, deviceCount, now, ofType, worst } from '../queries.ts'
import { STATUS_COLOURS } from './colours.ts'

const DOWN_SHARE = thresholds([
  [null, 'green'],
  [0.01, 'orange'],
  [0.5, 'red'],
])

/** Where the trouble is. */
export const placesRow = (): Row => ({
  title: 'Branches and regions',
  panels: [
    bars({
      title: 'Branches by share of devices down',
      description:
        'Devices that are down or unreachable, as a share of those with a known state. A branch at 100 % has probably lost its uplink.',
      unit: 'percentunit',
      width: 12,
      height: 10,
      queries: [instant(descending(worst(20, downShare('branch'))), '{{branch}}')],
    })
      .max(1)
      .thresholds(DOWN_SHARE),
    regions(),
  ],
})

const downShare = (by: string): string =>
  `1 - avg by (${by}) (${ofType(`max by (device, ${by}) (${now('device_up')})`)})`

function regions() {
  const columns = ['devices', 'up', 'down', 'unreachable', 'unknown'] as const
  const letters = ['A', 'B', 'C', 'D', 'E']
  const panel = table({
    title: 'Regions',
    description: 'Devices of each region by status, and the share that is down or unreachable.',
    unit: 'short',
    width: 12,
    height: 10,
    queries: [
      ...columns.map((column) =>
        rows(
          column === 'devices'
            ? deviceCount('', 'region')
            : deviceCount(`status="${column}"`, 'region'),
        ),
      ),
      rows(downShare('region')),
    ],
  })
    .decimals(0)
    .transformations([
      { id: 'merge', options: {} },
      {
        id: 'organize',
        options: {
          excludeByName: { Time: true },
          renameByName: {
            ...Object.fromEntries(letters.map((letter, i) => [`Value #${letter}`, columns[i]])),
            'Value #F': 'share down',
          },
        },
      },
    ])
    .overrideByName('share down', [
      { id: 'unit', value: 'percentunit' },
      { id: 'decimals', value: 1 },
      { id: 'thresholds', value: DOWN_SHARE.build() },
      { id: 'custom.cellOptions', value: { type: 'color-text' } },
    ])
    .colorScheme(byThreshold())
  for (const status of ['down', 'unreachable', 'unknown'] as const) {
    const steps = thresholds([
      [null, 'text'],
      [1, STATUS_COLOURS[status]],
    ])
    panel.overrideByName(status, [
      { id: 'thresholds', value: steps.build() },
      { id: 'custom.cellOptions', value: { type: 'color-text' } },
    ])
  }
  return panel
}
