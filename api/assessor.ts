import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../lib/clock.ts'
import type { InventorySource } from '../lib/inventory.ts'
import type { Leader } from '../lib/lease.ts'
import type { RedisState } from '../lib/redis/watch.ts'
import type { ServiceDeps } from '../lib/service.ts'
import { assessHealth } from './health.ts'
import type { HealthJson, StatsJson } from './health-schema.ts'
import { statsOf } from './stats.ts'
import { BOUND_MS, type StatusView } from './status-view.ts'
import type { View } from './view/build.ts'

/** Says how healthy the pipeline is, with what this process knows. */
export type Assessor = {
  /** Of a view, or of there being none; Redis as its connection last was. */
  health(view: View | null, failure: string | null): HealthJson
  /**
   * What is known, of the part of the view that `seen` leaves; asked for where nothing is, bounded at a second, whatever
   * hangs.
   */
  healthNow(seen?: (view: View) => View): Promise<HealthJson>
  stats(view: View): StatsJson
}

/** No health check waits longer for anyone; VictoriaMetrics has as long from when it was asked, however many wait. */
const PATIENCE_MS = 1_000
/** A failure of before may be over. */
const FAILED_MS = 5_000

export function createAssessor({
  view,
  redis,
  readLeader = async () => null,
  redisState,
  inventory,
  clock,
  evaluationMs,
  mode,
  version,
}: {
  view: StatusView
  redis: Pick<ServiceDeps['redis'], 'status' | 'ping'>
  /** Who leads alerting; rejects while Redis is away. */
  readLeader?: () => Promise<Leader | null>
  /** Redis as it was looked at last. */
  redisState?: () => RedisState
  inventory: InventorySource
  clock: Clock
  evaluationMs: number
  mode: ServiceDeps['mode']
  version: string
}): Assessor {
  let leader: Leader | null = null

  function assess(of: View | null, failure: string | null, redisOk: boolean): HealthJson {
    const at = clock.now()
    const reload = inventory.reload ?? null
    const redisNow = redisState === undefined ? {} : { redis: redisState() }
    const known = { view: of, failure, redisOk, ...redisNow, reload, leader }
    return assessHealth({ ...known, evaluationMs, mode, version, at })
  }

  /** As it was then, as far as samples tell. */
  function assessPast(of: View): HealthJson {
    const facts = { view: of, failure: null, redisOk: true, reload: null, at: of.at }
    return assessHealth({ ...facts, evaluationMs, mode, version })
  }

  /** The view that counts now, or why there is none. It doesn't wait while VictoriaMetrics is slow. */
  async function knownNow(): Promise<View | Error> {
    const asked = view.current().catch((error: Error) => error)
    const at = clock.now()
    const { view: known, error, failedAt, askedAt } = view.last
    if (known !== null && at - known.at <= BOUND_MS) return known
    if (error !== null && at - failedAt <= FAILED_MS) return error
    const patience = delay(Math.max(0, askedAt + PATIENCE_MS - at), null, { ref: false })
    const answer = await Promise.race([asked, patience])
    return answer ?? new Error('VictoriaMetrics does not answer in time')
  }

  const health: Assessor['health'] = (of, failure) => assess(of, failure, redis.status === 'ready')

  return {
    health,
    async healthNow(seen = (whole) => whole) {
      const asked = readLeader().then((found) => (leader = found))
      const pinged = Promise.all([redis.ping(), asked]).then(
        () => true,
        () => false,
      )
      const [known, redisOk] = await Promise.all([
        knownNow(),
        Promise.race([pinged, delay(PATIENCE_MS, false, { ref: false })]),
      ])
      return known instanceof Error
        ? assess(null, known.message, redisOk)
        : assess(seen(known), null, redisOk)
    },
    stats(of) {
      const { status, reasons } = of.isPast ? assessPast(of) : health(of, null)
      return { ...statsOf(of), status, reasons, mode, version }
    },
  }
}
