import { CANARY_DEVICE, CANARY_PROBE_MS } from '../../lib/canary.ts'
import type { AlertRule, EvaluationContext, Result } from '../rule.ts'

/** Samples that are older say nothing of now. */
const FRESH_MS = 10 * CANARY_PROBE_MS

/** The canary's own outage: routed to its receiver alone, and shown to nobody. */
export const canaryRule: AlertRule = {
  alert: 'Canary',
  severity: 'info',
  expr: canaryDown,
  annotations: {
    summary: () => 'The canary is down: the way of an outage to you is tried',
  },
}

function canaryDown({ fleet, at }: EvaluationContext): Result[] {
  const { state, lastSampleAt } = fleet.canary
  if (state === null || state.up || at - (lastSampleAt ?? 0) > FRESH_MS) return []
  return [{ labels: { device: CANARY_DEVICE }, value: state.since / 1000, at, since: state.since }]
}
