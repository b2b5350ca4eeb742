import { type Registry, metricsOf } from '../lib/metrics.ts'

export type ReloadMetrics = {
  /** The rule files were read for the first time, and are in force. */
  loaded(at: number): void
  /** They were read again, for good or in vain. */
  reloaded(ok: boolean, at: number): void
}

/** vmalert's own names: its dashboards and alerts read them. */
export function createReloadMetrics(registry: Registry): ReloadMetrics {
  const { gauge, counter } = metricsOf(registry)
  const successful = gauge(
    'vmalert_config_last_reload_successful',
    'Whether the rule files were taken when they were last read',
    [],
  )
  const succeededAt = gauge(
    'vmalert_config_last_reload_success_timestamp_seconds',
    'When rule files were last taken',
    [],
  )
  const total = counter(
    'vmalert_config_last_reload_total',
    'Times the rule files were read again',
    [],
  )
  const errors = counter(
    'vmalert_config_last_reload_errors_total',
    'Times the rule files were refused',
    [],
  )
  function loaded(at: number): void {
    successful.set(1)
    succeededAt.set(Math.floor(at / 1000))
  }
  return {
    loaded,
    reloaded(ok, at) {
      total.inc()
      if (ok) return loaded(at)
      successful.set(0)
      errors.inc()
    },
  }
}
