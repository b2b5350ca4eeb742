import type { Evidence } from '../../../../api/explain/ask.ts'
import type { Probe } from '../../../../api/explain/confirmation.ts'
import { AT } from '../fleet-vectors.ts'

/** Evidence of nothing at AT, with what a test adds. */
export const evidence = (given: Partial<Evidence> = {}): Evidence => ({
  at: AT,
  states: new Map(),
  newest: new Map(),
  blind: new Map(),
  late: new Map(),
  alerts: [],
  held: [],
  recordedStatus: null,
  flappingScore: null,
  probes: [],
  isWhole: true,
  lookout: { sites: new Map(), blindSince: new Map() },
  deliveries: [],
  ...given,
})

/** A probe so many seconds before AT; without a round trip it was not answered. */
export const probe = (
  secondsAgo: number,
  rttSeconds: number | null = null,
  vantage = 'v1',
): Probe => ({
  at: AT - secondsAgo * 1_000,
  up: rttSeconds !== null,
  rttSeconds,
  lossRatio: rttSeconds === null ? 1 : 0,
  vantage,
})
