import { lateFrom } from '../../lib/lateness.ts'
import { inSlices } from '../../lib/slices.ts'
import type { VictoriaMetrics } from '../../lib/victoriametrics.ts'
import { type Selector, followSeries, stampsInSlices } from './followed-series.ts'
import {
  type Bounds,
  STATE_WINDOW_MS,
  type Vectors,
  type Windows,
  askAll,
  viewQueries,
} from './vectors.ts'

/** What `askVectors` answers, for views that follow one another. Rejects with VictoriaMetricsError. */
export type LiveVectors = (windows: Windows, at: number, bounds: Bounds) => Promise<Vectors>

// Each is read whole now and then, seldom two of them at once.
const FOLLOWED = {
  states: { match: '{__name__=~"device_state_(up|since)"}', wholeEveryMs: 31_000 },
  pings: {
    match: '{__name__=~"ping_(up|rtt_seconds|loss_ratio)"}',
    wholeEveryMs: 23_000,
  },
  polls: { match: 'snmp_up', wholeEveryMs: 37_000 },
} satisfies Record<string, Selector>

/** Samples are stamped when a probe began, and stored when it is over; those of a poll have until its deadline. */
const PING_OVERLAP_MS = 15_000
const POLL_OVERLAP_MS = 30_000
/** States of devices that are probed so seldom that confirming one takes longer may be told that of the next whole read. */
const MOST_STATE_OVERLAP_MS = 300_000

/** What there is one of for each device is followed; the rest, which is little, is asked for each time. */
export function createLiveVectors(
  victoriaMetrics: Pick<VictoriaMetrics, 'query' | 'exportCsv'>,
): LiveVectors {
  const texts = new Map<string, string>()
  const states = followSeries(victoriaMetrics, FOLLOWED.states, texts)
  const pings = followSeries(victoriaMetrics, FOLLOWED.pings, texts)
  const polls = followSeries(victoriaMetrics, FOLLOWED.polls, texts)
  let isLate = false

  return async (windows, at, bounds) => {
    const { uplinks, alerts, own } = viewQueries(windows)
    const wanted = { at, isWhole: isLate, ...bounds }
    const [asked, state, pinged, snmp] = await Promise.all([
      askAll({ uplinks, alerts, own }, (expr) => victoriaMetrics.query(expr, { at, ...bounds })),
      states.read({
        ...wanted,
        windowMs: STATE_WINDOW_MS,
        overlapMs: Math.min(windows.confirmMs, MOST_STATE_OVERLAP_MS),
      }),
      pings.read({ ...wanted, windowMs: windows.pingMs, overlapMs: PING_OVERLAP_MS }),
      polls.read({ ...wanted, windowMs: windows.snmpMs, overlapMs: POLL_OVERLAP_MS }),
    ])
    isLate = lateFrom(asked.own).size > 0
    const newest = await inSlices(stampsInSlices(pinged, 'ping_up'))
    const snmpNewest = await inSlices(stampsInSlices(snmp, 'snmp_up'))
    return { ...asked, state, newest, echoes: pinged, snmp, snmpNewest }
  }
}
