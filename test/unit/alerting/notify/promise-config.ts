import { configSchema } from '../../../../lib/config/schema.ts'
import type { Labels } from '../../../../lib/labels.ts'

export const MINUTE = 60_000
export const HOUR = 3_600_000
export const T = Date.UTC(2026, 5, 1, 8)

/** `few` takes one alert in a message, and hears of the others by their number. */
export const RECEIVERS = ['ops', 'chat', 'boss', 'few'] as const
export type ReceiverName = (typeof RECEIVERS)[number]

/** What a receiver does with messages. `mute` takes them, and its answers get lost; `deaf` lets one wait for that, too. */
export type Manner = 'well' | 'failing' | 'refusing' | 'mute' | 'deaf' | 'overloaded'

const device = (name: string, branch: string): Labels => ({ device: name, branch })
const R1 = device('r1', 'Vake')
const A = device('a', 'Vake')
const B = device('b', 'Saburtalo')

/** The alerts of this world: two rule groups, sources and targets of inhibition, one problem in two severities. */
export const ALERTS: readonly { readonly groupId: string; readonly labels: Labels }[] = [
  { groupId: 'availability', labels: { alertname: 'RouterDown', severity: 'critical', ...R1 } },
  { groupId: 'availability', labels: { alertname: 'DeviceDown', severity: 'critical', ...A } },
  { groupId: 'availability', labels: { alertname: 'DeviceDown', severity: 'critical', ...B } },
  { groupId: 'quality', labels: { alertname: 'Loss', severity: 'warning', ...A } },
  { groupId: 'quality', labels: { alertname: 'Loss', severity: 'critical', ...A } },
  { groupId: 'quality', labels: { alertname: 'Loss', severity: 'warning', ...B } },
]

const inhibitRules = [
  {
    source_matchers: ['alertname="RouterDown"'],
    target_matchers: ['alertname=~"DeviceDown|Loss"'],
    equal: ['branch'],
  },
]
const timeIntervals = [
  { name: 'lunch', time_intervals: [{ times: [{ start_time: '12:00', end_time: '13:00' }] }] },
]

/** Configurations between which the world changes: other routes, other groups, other patience. */
export const CONFIGS = [
  {},
  {
    route: {
      receiver: 'ops',
      group_by: ['branch'],
      group_wait: '30s',
      group_interval: '2m',
      routes: [
        { receiver: 'few', continue: true },
        { receiver: 'chat', matchers: ['severity="critical"'], continue: true },
        { receiver: 'ops', repeat_interval: '1h' },
      ],
    },
  },
  {
    route: {
      receiver: 'chat',
      group_by: ['...'],
      mute_time_intervals: ['lunch'],
      escalate: [{ after: '10m', receiver: 'boss' }],
      routes: [{ matchers: ['alertname="Loss"'], receiver: 'ops', group_by: [] }],
    },
  },
  {
    route: {
      receiver: 'boss',
      group_by: ['alertname'],
      routes: [
        { matchers: ['branch="Vake"'], receiver: 'ops', continue: true, group_by: ['device'] },
        { matchers: ['branch=~"Vake|Saburtalo"'], receiver: 'ops', group_by: ['severity'] },
      ],
    },
  },
].map((config) =>
  configSchema.parse({ ...config, inhibit_rules: inhibitRules, time_intervals: timeIntervals }),
)
