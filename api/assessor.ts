import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../lib/clock.ts'
import type { InventorySource } from '../lib/inventory.ts'
import type { ServiceDeps } from '../lib/service.ts'
import { assessHealth } from './health.ts'
import type { HealthJson, StatsJson } from './schemas.ts'
import { statsOf } from './stats.ts'
import { BOUND_MS, type StatusView } from './status-view.ts'
import type { View } from './view/build.ts'

/** Says how healthy the pipeline is, with what this process knows. */
export type Assessor = {
  /** Of a view, or of there being none; Redis as its connection last was. */
  health(view: View | null, failure: string | null): HealthJson
  /** Asks: bounded at a second, whatever hangs. */
  healthNow(): Promise<HealthJson>
  stats(view: View): StatsJson
}

/** No health check waits longer for anyone. */
const PATIENCE_MS = 1_000

export function createAssessor({
  view,
  redis,
  inventory,
  clock,
  evaluationMs,
  mode,
  version,
}: {
  view: StatusView
  redis: Pick<ServiceDeps['redis'], 'status' | 'ping'>
  inventory: InventorySource
  clock: Clock
  evaluationMs: number
  mode: ServiceDeps['mode']
  version: string
}): Assessor {
  function assess(of: View | null, failure: string | null, redisOk: boolean): HealthJson {
    const at = clock.now()
    const reload = inventory.reload ?? null
    return assessHealth({ view: of, failure, redisOk, reload, evaluationMs, mode, version, at })
  }

  const health: Assessor['health'] = (of, failure) => assess(of, failure, redis.status === 'ready')

  return {
    health,
    async healthNow() {
      const asked = view.current().catch((error: Error) => error)
      const pinged = redis.ping().then(
        () => true,
        () => false,
      )
      const patience = delay(PATIENCE_MS, null, { ref: false })
      const [answer, redisOk] = await Promise.all([
        Promise.race([asked, patience]),
        Promise.race([pinged, patience.then(() => false)]),
      ])
      if (answer instanceof Error) return assess(null, answer.message, redisOk)
      const { view: last } = view.last
      const isRecent = last !== null && clock.now() - last.at <= BOUND_MS
      if (answer === null && isRecent) return assess(last, null, redisOk)
      return assess(answer, 'VictoriaMetrics does not answer in time', redisOk)
    },
    stats(of) {
      const { status, reasons } = health(of, null)
      return { ...statsOf(of), status, reasons, mode, version }
    },
  }
}
