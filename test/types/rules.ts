/**
 * What the compiler must refuse in a rule file, and what it must take: checked by `tsc`, which reports an
 * `@ts-expect-error` that has nothing to expect. Nothing runs this.
 */
import {
  alert,
  derive,
  group,
  matching,
  metricsql,
  not,
  record,
  series,
} from '../../alerting/define.ts'

const rtt = series('ping_rtt_seconds', { vantage: 'hq', device: not('core'), branch: ['A', 'B'] })
const status = series('ifOperStatus', { ifName: matching('ge-.*'), uplink: 'isp-a' })

// @ts-expect-error there is no such metric
series('ping_rtt')
// @ts-expect-error ping has no such label
series('ping_up', { ifName: 'ge-0/0/0' })
// @ts-expect-error a device's state is on the device alone, without its branch
series('device_state_up', { branch: 'Vake' })
// @ts-expect-error a window has a unit
rtt.avg('5')
// @ts-expect-error a window has a unit that there is
rtt.avg('5min')
// @ts-expect-error a selector alone isn't an expression: its window is missing
rtt.above(0.2)

const slow = rtt.avg('5m').maxBy('device', 'branch').above(0.2)
// @ts-expect-error no such label to aggregate by
rtt.avg('5m').maxBy('ifName')
// @ts-expect-error what was aggregated away is gone
slow.maxBy('region')
// @ts-expect-error both sides must have the label that they are matched by
slow.and(series('device_state_up').last('10m'), ['branch'])
slow.and(series('device_state_up').last('10m').equalTo(1), ['device'])
// @ts-expect-error the other side lacks the label branch
slow.above(series('device_state_up').last('10m'))

const annotations = { summary: 'x' }

alert('Slow', {
  expr: slow,
  severity: 'warning',
  for: '1h30m',
  labels: { team: ({ labels }) => labels.branch },
  annotations: {
    summary: ({ labels, value }) => `${labels.device} in ${labels.branch}: ${value.toFixed(2)} s`,
    description: ({ device, activeAt }) => `${device?.address} since ${activeAt}`,
  },
})
alert('Gone', {
  expr: slow,
  severity: 'warning',
  annotations: {
    // @ts-expect-error the label was aggregated away
    summary: ({ labels }) => labels.region,
  },
})
// @ts-expect-error there is no such severity
alert('Loud', { expr: slow, severity: 'loud', annotations })
// @ts-expect-error an alert has a summary
alert('Mute', { expr: slow, severity: 'info', annotations: {} })
// @ts-expect-error a text is no expression: metricsql`…` says its labels
alert('Text', { expr: 'up == 0', severity: 'info', annotations })
// @ts-expect-error a key that there isn't
alert('Key', { expr: slow, severity: 'info', annotations, fro: '5m' })

const other = metricsql<'instance'>`up{job="node"} == ${0}`
alert('Other', {
  expr: other,
  severity: 'critical',
  annotations: { summary: ({ labels }) => labels.instance },
})
alert('OtherLabel', {
  expr: other,
  severity: 'critical',
  annotations: {
    // @ts-expect-error not one of the labels that were said
    summary: ({ labels }) => labels.device,
  },
})

const loss = derive(
  {
    sent: series('ping_sent').sum('5m').sumBy('device', 'branch'),
    received: series('ping_received').sum('5m').sumBy('device', 'branch'),
  },
  {
    by: ['device', 'branch'],
    value: ({ sent, received }, labels) =>
      sent === undefined || labels.branch === '' ? null : 1 - (received ?? 0) / sent,
  },
)
alert('Loss', {
  expr: loss,
  severity: 'warning',
  annotations: { summary: ({ labels }) => labels.device },
})
derive(
  { sent: series('ping_sent').sum('5m'), state: series('device_state_up').last('10m') },
  // @ts-expect-error not a label of all of them
  { by: ['branch'], value: () => 1 },
)
derive(
  { sent: series('ping_sent').sum('5m') },
  {
    by: ['device'],
    // @ts-expect-error no such part
    value: ({ received }) => received,
  },
)

export default group('links', { interval: '30s', offset: '-5s' }, [
  record('branch:rtt_seconds:avg', { expr: rtt.avg('5m').avgBy('branch') }),
  alert('Down', {
    expr: status.now('5m').equalTo(2).maxBy('device', 'ifName'),
    severity: 'critical',
    annotations: { summary: ({ labels }) => `${labels.device} ${labels.ifName}` },
  }),
])
// @ts-expect-error an interval has a unit
group('links', { interval: '30' }, [])
// @ts-expect-error rules are what alert and record give
group('links', {}, [{ alert: 'x' }])
