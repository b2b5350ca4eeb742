import {
  DashboardLinkBuilder,
  DashboardLinkType,
  type DynamicConfigValue,
} from '@grafana/grafana-foundation-sdk/dashboard'

const TITLE = 'Open in wardline'

/** From a bar or a line to its device on wardline's page. */
export const deviceOfSeries = (): DashboardLinkBuilder[] => [
  new DashboardLinkBuilder(TITLE).url(deviceUrl('__field.labels.device')).targetBlank(true),
]

/** From a cell of a table to the device of its row. */
export const deviceOfRow = (): DynamicConfigValue[] => [
  {
    id: 'links',
    value: [{ title: TITLE, url: deviceUrl('__data.fields.device'), targetBlank: true }],
  },
]

/** From the head of the dashboard to the page itself. */
export const page = (): DashboardLinkBuilder =>
  new DashboardLinkBuilder('wardline')
    .type(DashboardLinkType.Link)
    .icon('external link')
    .tooltip('The live page')
    .url('${wardline:raw}')
    .targetBlank(true)

const deviceUrl = (device: string): string => `\${wardline:raw}/?q=\${${device}:percentencode}`
