import { blindJson } from './blindness.ts'
import { assessDelivery } from './delivery-health.ts'
import { ageSeconds, isoOrNull } from './device-json.ts'
import { formatProblem } from '../lib/config/problem.ts'
import type { ReloadState } from '../lib/inventory.ts'
import type { Leader } from '../lib/lease.ts'
import { redisTroubles } from '../lib/redis/troubles.ts'
import type { RedisState } from '../lib/redis/watch.ts'
import type { HealthJson, SamplesJson } from './health-schema.ts'
import { samplesOf } from './stats.ts'
import type { View } from './view/build.ts'

export type HealthFacts = {
  /** Null: no view younger than the bound. */
  readonly view: View | null
  /** Why there is none. */
  readonly failure: string | null
  readonly redisOk: boolean
  /** As it was looked at lately; left out: nothing is known but whether it answers. */
  readonly redis?: RedisState
  /** The instance of alerting that leads, as Redis said last; null where that isn't known, or none does. */
  readonly leader?: Leader | null
  /** How the last reload of the inventory ended; null where there was none. */
  readonly reload: ReloadState | null
  /** How often the rules are evaluated. */
  readonly evaluationMs: number
  readonly mode: HealthJson['mode']
  readonly version: string
  readonly at: number
}

/** Share of devices without a recent sample above which samples are called late. */
const LATE_SHARE = 0.01

/** The alert of a loop that did nothing for a while. */
const STOPPED = 'LoopStopped'

/**
 * Pure: the health of the whole pipeline. Unhealthy: nothing can be said of the fleet. Degraded: something of what
 * is said may be old, or told late.
 */
export function assessHealth(facts: HealthFacts): HealthJson {
  const { view, failure, redisOk, reload, evaluationMs, mode, version, at } = facts
  const samples = view === null ? null : samplesOf(view)
  const samplesStatus = samples === null ? 'unknown' : assessSamples(samples)
  const evaluationAt = view?.pipeline.lastEvaluationAt ?? null
  const alertingStatus = view === null ? 'unknown' : assessAlerting(evaluationAt, evaluationMs, at)
  const delivery = assessDelivery(view?.pipeline.delivery ?? null, view?.at ?? at)

  const fatal: string[] = []
  const minor: string[] = []
  if (view === null) fatal.push(failure ?? 'VictoriaMetrics was not asked yet')
  if (samplesStatus === 'missing') fatal.push('no recent sample of any device')
  if (samples !== null && samplesStatus === 'late') {
    const silent = samples.late + samples.never
    minor.push(`${silent} of ${silent + samples.fresh} devices without a recent sample`)
  }
  const blind = view?.blind ?? []
  const unseen = blind.reduce((sum, { devices }) => sum + devices.length, 0)
  const watched = samples === null ? 0 : samples.fresh + samples.late + samples.never
  const blindReasons = view === null ? [] : blindJson(view).map(({ reason }) => reason)
  // Each device is one collector's at most: together they may be all there are.
  if (unseen > 0 && unseen >= watched) fatal.push(...blindReasons)
  else minor.push(...blindReasons)
  if (alertingStatus === 'late' && evaluationAt !== null) {
    minor.push(
      // The instant, not how long ago: a reason that stays the same isn't told again and again.
      `no rules evaluated since ${isoOrNull(evaluationAt)}: a status may be old`,
    )
  }
  if (alertingStatus === 'unknown' && view !== null) {
    minor.push('alerting has not reported: a status may be old')
  }
  if (view !== null) minor.push(...stoppedLoops(view))
  minor.push(...delivery.reasons)
  const troubles = facts.redis === undefined ? [] : redisTroubles(facts.redis, at)
  if (!redisOk && (facts.redis ?? REDIS_OK).status === 'ok')
    minor.push('Redis is away: changes show up to a second later')
  minor.push(...troubles)
  const [problem] = reload?.ok === false ? reload.problems : []
  if (problem !== undefined) {
    const refused = 'changed files were refused, the inventory before them is in force'
    // It names devices: those who may not see all are told that alone.
    const isTold = view !== null && !view.isPart
    minor.push(isTold ? `${refused}: ${formatProblem(problem)}` : refused)
  }

  return {
    status: fatal.length > 0 ? 'unhealthy' : minor.length > 0 ? 'degraded' : 'healthy',
    reasons: [...fatal, ...minor],
    mode,
    version,
    as_of: new Date(view?.at ?? at).toISOString(),
    components: {
      victoriametrics: {
        status: view === null ? 'away' : 'ok',
        reason: view === null ? failure : null,
        view_age_seconds: ageSeconds(view?.at ?? null, at),
      },
      samples: { status: samplesStatus, ...(samples ?? NO_SAMPLES) },
      alerting: {
        status: alertingStatus,
        last_evaluation_at: isoOrNull(evaluationAt),
        leader: leaderJson(facts.leader ?? null, at),
      },
      spool: delivery.spool,
      clocks: delivery.clocks,
      redis: redisJson(facts.redis ?? REDIS_OK, redisOk),
      inventory: {
        status: reload?.ok === false ? 'refused' : 'ok',
        reloaded_at: isoOrNull(reload?.at ?? null),
        problems: reload?.problems.length ?? 0,
      },
    },
  }
}

/** Of collectors that are there, as alerting tells it. */
function stoppedLoops({ alerts }: View): string[] {
  return alerts
    .filter(({ name, state }) => name === STOPPED && state === 'firing')
    .map(({ labels }) => {
      const { instance = '', loop = '' } = labels
      return `the ${loop} loop of collector ${instance} stands still: its log says why; restart it`
    })
    .sort()
}

const REDIS_OK: RedisState = {
  status: 'ok',
  reason: null,
  lostAt: null,
  lostMs: null,
  putBacks: new Map(),
}

function redisJson(
  { status, reason, lostAt, lostMs }: RedisState,
  answers: boolean,
): HealthJson['components']['redis'] {
  return {
    status: status === 'ok' && !answers ? 'away' : status,
    reason,
    lost_at: isoOrNull(lostAt),
    lost_seconds: lostMs === null ? null : lostMs / 1000,
  }
}

const NO_SAMPLES: SamplesJson = {
  fresh: 0,
  late: 0,
  never: 0,
  newest_at: null,
  age_seconds: null,
  stored_ratio: null,
}

const leaderJson = (
  leader: Leader | null,
  at: number,
): HealthJson['components']['alerting']['leader'] =>
  leader === null
    ? null
    : {
        // Of the process, behind the slash, only the lease speaks.
        instance: leader.instance.replace(/\/.*$/, ''),
        since: new Date(leader.since).toISOString(),
        age_seconds: Math.max(0, (at - leader.since) / 1000),
      }

function assessSamples({ fresh, late, never }: SamplesJson): 'ok' | 'late' | 'missing' {
  const silent = late + never
  if (silent === 0) return 'ok'
  if (fresh === 0) return 'missing'
  return silent > LATE_SHARE * (silent + fresh) ? 'late' : 'ok'
}

function assessAlerting(
  evaluationAt: number | null,
  evaluationMs: number,
  at: number,
): 'ok' | 'late' | 'unknown' {
  if (evaluationAt === null) return 'unknown'
  return at - evaluationAt > Math.max(60_000, 4 * evaluationMs) ? 'late' : 'ok'
}
