import { isCanary } from '../lib/canary.ts'
import type { Labels } from '../lib/labels.ts'
import type { Alert } from './alert.ts'
import type { LiveSeries } from './series.ts'

/** Since when an alert fires on without its condition: what a restart needs besides vmalert's series. */
export const KEEP_FIRING_SINCE = 'wardline_alert_keep_firing_since_seconds'

/** The series that show alerts in VictoriaMetrics, as vmalert and Prometheus write them. */
export function* alertSeries(alerts: Iterable<Alert>): Generator<LiveSeries> {
  for (const { labels, state, activeAt, keepFiringSince } of alerts) {
    // The canary's outages are no news: a count of ALERTS must not know them.
    if (state === 'resolved' || isCanary(labels)) continue
    yield { name: 'ALERTS', labels: withState(labels, state), value: 1 }
    yield { name: 'ALERTS_FOR_STATE', labels, value: Math.floor(activeAt / 1000) }
    if (keepFiringSince !== null)
      yield { name: KEEP_FIRING_SINCE, labels, value: Math.floor(keepFiringSince / 1000) }
  }
}

const states = new WeakMap<Labels, Map<string, Labels>>()

/** The same value for the same labels: whoever keeps series has their key at hand. */
function withState(labels: Labels, alertstate: string): Labels {
  let known = states.get(labels)
  if (known === undefined) states.set(labels, (known = new Map()))
  let found = known.get(alertstate)
  if (found === undefined) known.set(alertstate, (found = { ...labels, alertstate }))
  return found
}
