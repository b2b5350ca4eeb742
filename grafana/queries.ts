/**
 * The texts that the panels' expressions are made of. Every window is written out: a bare selector looks five
 * minutes back and would show a device as up long after its samples ended.
 */

const SCOPE = 'region=~"$region",branch=~"$branch"'

/** The series of a metric inside the chosen regions and branches. */
export const scoped = (metric: string, matchers = ''): string =>
  `${metric}{${SCOPE}${matchers === '' ? '' : `,${matchers}`}}`

/**
 * What a dense series (written every 15 s, ended by a staleness marker) says now. `default_rollup` is the one
 * rollup that honours the marker: `last_over_time` would count a device under its old and its new status for
 * a minute after each change.
 */
export const now = (metric: string, matchers = ''): string =>
  `default_rollup(${scoped(metric, matchers)}[1m])`

/**
 * Leaves out the devices that are known to be of another type. The other way round, a join that keeps what is
 * known to be of this type, would hide every device once the collector that writes device_info is gone, and
 * would cost a join even for "All", where this selector matches nothing. (The parentheses matter:
 * VictoriaMetrics 1.79 takes `!~".*"`, which should match nothing, for "has no such label".)
 */
export const ofType = (expr: string): string =>
  `((${expr}) unless on (device) default_rollup(device_info{type!~"($type)"}[15m]))`

/** One series for each device, although one that moved has series of two branches for a while. */
export const perDevice = (expr: string): string => ofType(`max by (device) (${expr})`)

/**
 * Adds labels of the newest device_info, which may have changed and then has two series for a device. A device
 * without one stays, its id as its name.
 */
export const named = (expr: string, labels = 'name, branch'): string =>
  `((${expr}) * on (device) group_left (${labels}) ` +
  `group by (device, ${labels}) (topk by (device) (1, tlast_over_time(device_info[1d]))) ` +
  `or on (device) label_copy(${expr}, "device", "name"))`

/**
 * How many devices have a status (or any), of the fleet or in each region. Zero only while statuses are being
 * written at all: when nothing derives them the answer is empty and the panel says so, rather than "0 down".
 */
export function deviceCount(matcher = '', by = ''): string {
  const grouping = by === '' ? '' : ` by (${by})`
  const among = by === '' ? 'device' : `device, ${by}`
  const count = (matchers: string): string =>
    `count${grouping} (${ofType(`max by (${among}) (${now('device_status', matchers)})`)})`
  return matcher === '' ? count('') : `(${count(matcher)} or 0 * ${count('')})`
}

/**
 * Share of the last 24 hours in which each device was up. From `device_up`, which has one sample every 15 s:
 * `ping_up` has more of them while a device fails, because a failure is confirmed by extra probes.
 */
export const availability = (): string =>
  ofType(
    `sum by (device) (sum_over_time(${scoped('device_up')}[24h])) / ` +
      `sum by (device) (count_over_time(${scoped('device_up')}[24h]))`,
  )

/** Takes the devices that are down out of an expression: what they lose says nothing new. */
export const butDown = (expr: string): string =>
  `((${expr}) unless on (device) ${now('device_down_since_seconds')})`

/** The highest `count` values, the highest first. */
export const worst = (count: number, expr: string): string => `topk(${count}, ${expr})`
export const descending = (expr: string): string => `sort_desc(${expr})`
