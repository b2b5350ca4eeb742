import type { Alert } from './alert.ts'
import type { LiveSeries } from './series.ts'

/** The series that show alerts in VictoriaMetrics, as vmalert and Prometheus write them. */
export function* alertSeries(alerts: Iterable<Alert>): Generator<LiveSeries> {
  for (const { labels, state, activeAt } of alerts) {
    if (state === 'resolved') continue
    yield { name: 'ALERTS', labels: { ...labels, alertstate: state }, value: 1 }
    yield { name: 'ALERTS_FOR_STATE', labels, value: Math.floor(activeAt / 1000) }
  }
}
