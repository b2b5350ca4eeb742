import { Histogram, type Registry } from '../../lib/metrics.ts'

/** What the notifier tells of its work. */
export type NotifierMeter = {
  sent(receiver: string, outcome: 'accepted' | 'failed' | 'given_up'): void
  attempted(receiver: string, result: string, seconds: number): void
  /** `seconds` since an occurrence began, when a receiver had it for the first time. */
  delivered(receiver: string, seconds: number): void
}

const ATTEMPT_BUCKETS = [0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30]
const OUTAGE_BUCKETS = [1, 2.5, 5, 10, 15, 30, 60, 120, 300, 900, 3_600]

/** The histograms; single deliveries are samples of the same names. */
export function createDeliveryMetrics(
  registry: Registry,
): Pick<NotifierMeter, 'attempted' | 'delivered'> {
  const registers = [registry]
  const attempts = new Histogram({
    name: 'wardline_notification_seconds',
    help: 'How long attempts to hand a notification over took',
    labelNames: ['receiver', 'result'],
    buckets: ATTEMPT_BUCKETS,
    registers,
  })
  const outages = new Histogram({
    name: 'wardline_outage_to_delivery_seconds',
    help: 'From the beginning of an outage until a receiver was told of it',
    labelNames: ['receiver'],
    buckets: OUTAGE_BUCKETS,
    registers,
  })
  return {
    attempted: (receiver, result, seconds) => attempts.observe({ receiver, result }, seconds),
    delivered: (receiver, seconds) => outages.observe({ receiver }, seconds),
  }
}
