import type { RuleGroup } from '../rule.ts'
import { IS_UP, unchangedFor } from './conditions.ts'
import { overProbes } from './interval.ts'
import { deviceName, milliseconds, percent } from './text.ts'

// default_rollup, unlike last_over_time, sees that a series ended: a device that is no longer isp isn't for 10 minutes.
const ISP = 'default_rollup(device_info{role="isp"}[10m])'

/** Links that answer, but badly. Thresholds are the predecessor's; those of role `isp` are stricter. */
export function qualityRules(intervalMs: number): RuleGroup {
  return {
    name: 'quality',
    file: '',
    intervalMs,
    rules: [
      {
        alert: 'HighLatency',
        severity: 'warning',
        expr: overProbes(
          ({ ping }) => ping.intervalMs,
          highLatency,
          (pingMs) => 5 * pingMs,
        ),
        forMs: 30_000,
        annotations: {
          summary: (context) => `${deviceName(context)} answers slowly`,
          description: ({ value }) => `Round trip of ${milliseconds(value)} over the last 5 probes`,
        },
      },
      {
        alert: 'PacketLoss',
        severity: 'warning',
        expr: overProbes(
          ({ ping }) => ping.intervalMs,
          packetLoss,
          (pingMs) => 10 * pingMs,
        ),
        forMs: 30_000,
        annotations: {
          summary: (context) => `${deviceName(context)} loses packets`,
          description: ({ value }) =>
            `${percent(value)} of the echoes of the last 10 probes were lost`,
        },
      },
    ],
  }
}

function highLatency(pingMs: number): string {
  const rtt = byDevice(`avg_over_time(ping_rtt_seconds[${5 * pingMs}ms])`)
  return `${above(rtt, { isp: 0.1, others: 0.2 })} and on(device) (${IS_UP})`
}

function packetLoss(pingMs: number): string {
  const lastTen = `[${10 * pingMs}ms]`
  // Not 1 - received / sent: 1 - 19/20 is a little more than 5 %.
  const sent = `sum_over_time(ping_sent${lastTen})`
  const loss = byDevice(`(${sent} - sum_over_time(ping_received${lastTen})) / ${sent}`)
  // One lost echo of a device's first probe is no half of its traffic. (A slot may have been missed.)
  const enough = `max by (device) (count_over_time(ping_sent${lastTen})) >= 9`
  const conditions = [IS_UP, enough, unchangedFor(10 * pingMs)].map(
    (condition) => `and on(device) (${condition})`,
  )
  return `${above(loss, { isp: 0.05, others: 0.1 })} ${conditions.join(' ')}`
}

/** One value for each device, also while it moves from one branch to another. */
const byDevice = (expr: string): string => `max by (device, branch, region) (${expr})`

/** Above the threshold of its role. */
const above = (expr: string, { isp, others }: { isp: number; others: number }): string =>
  `((${expr} > ${others}) or ((${expr} > ${isp}) and on(device) ${ISP}))`
