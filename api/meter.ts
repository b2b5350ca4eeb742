import { Counter, Gauge, Histogram, type Registry } from '../lib/metrics.ts'
import { NO_ROOM, type NoRoom } from './events/room.ts'

/** What the API says of itself. */
export type ApiMeter = {
  request(of: { method: string; route: string; status: number }, seconds: number): void
  refreshed(seconds: number): void
  refreshFailed(): void
  dropped(): void
  refused(reason: NoRoom): void
}

export function createApiMeter(
  registry: Registry,
  { viewAgeSeconds, streams }: { viewAgeSeconds: () => number; streams: () => number },
): ApiMeter {
  const registers = [registry]
  const requests = new Histogram({
    name: 'wardline_http_request_seconds',
    help: 'Time to answer a request, by route and status',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  })
  const refreshes = new Histogram({
    name: 'wardline_view_refresh_seconds',
    help: 'Time to ask VictoriaMetrics for the status of the fleet',
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  })
  const failures = new Counter({
    name: 'wardline_view_refresh_failures_total',
    help: 'Refreshes of the status view that failed',
    registers,
  })
  const dropped = new Counter({
    name: 'wardline_event_streams_dropped_total',
    help: 'Event streams cut because their reader was too slow',
    registers,
  })
  const refused = new Counter({
    name: 'wardline_event_streams_refused_total',
    help: 'Event streams that there was no room for, by whose share was used up',
    labelNames: ['reason'],
    registers,
  })
  // There from the start: the first one is an increase, too.
  for (const reason of NO_ROOM) refused.inc({ reason }, 0)
  new Gauge({
    name: 'wardline_view_age_seconds',
    help: 'Age of the status view that answers are made from',
    registers,
    collect() {
      this.set(viewAgeSeconds())
    },
  })
  new Gauge({
    name: 'wardline_event_streams',
    help: 'Event streams that are open',
    registers,
    collect() {
      this.set(streams())
    },
  })
  return {
    request({ method, route, status }, seconds) {
      requests.observe({ method, route, status: String(status) }, seconds)
    },
    refreshed: (seconds) => refreshes.observe(seconds),
    refreshFailed: () => failures.inc(),
    dropped: () => dropped.inc(),
    refused: (reason) => refused.inc({ reason }),
  }
}
