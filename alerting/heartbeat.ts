import { type Clock, isAbort } from '../lib/clock.ts'
import type { HeartbeatConfig } from '../lib/config/heartbeat.ts'
import type { Logger } from '../lib/log.ts'
import type { Secret } from '../lib/secret.ts'
import { takeCredentials } from '../lib/url-credentials.ts'
import type { HeartbeatMeter } from './heartbeat-meter.ts'
import type { Gate } from './leadership/gate.ts'
import type { Externals } from './notify/receivers/externals.ts'
import { origin } from './notify/receivers/hide.ts'
import { type Send, createSend } from './notify/receivers/http.ts'

export type HeartbeatDeps = {
  /** Left out: nobody waits for a sign of life. */
  readonly heartbeat: HeartbeatConfig | undefined
  readonly gate: Gate
  /** Why outages may not be seen or told; null while all is well. */
  readonly health: () => string | null
  readonly meter: HeartbeatMeter
  readonly externals: Pick<Externals, 'egress'>
  readonly clock: Clock
  readonly log: Logger
}

/** A call that failed is tried again sooner. */
const RETRY_MS = 10_000
/** After a start nothing was evaluated yet: that is no failure. */
const LOOK_MS = 1_000

/**
 * The dead man's signal: calls a URL for as long as this process leads, evaluates on time, and VictoriaMetrics gives and
 * takes. When all of wardline is gone the calls end, and whoever waits for them tells.
 */
export async function runHeartbeat(
  { heartbeat, gate, health, meter, externals, clock, log }: HeartbeatDeps,
  signal: AbortSignal,
): Promise<void> {
  if (heartbeat === undefined) return
  const call = callerOf(heartbeat, { ...externals, clock })
  let told: string | null = null

  /** When to look again. */
  async function beat(isFirst: boolean): Promise<number> {
    const reason = health()
    if (reason !== null && isFirst) return clock.now() + LOOK_MS
    tell(reason)
    const url = reason === null ? heartbeat?.url : heartbeat?.fail_url
    const nextAt = clock.now() + (heartbeat?.interval ?? 0)
    if (url === undefined || !(await gate.pass())) {
      meter.beat('withheld')
      return nextAt
    }
    try {
      await call(url, signal)
      meter.beat(reason === null ? 'sent' : 'sent_failure')
      return nextAt
    } catch (error) {
      if (signal.aborted) throw error
      meter.beat('failed')
      tell(`the call failed: ${(error as Error).message}`)
      return Math.min(nextAt, clock.now() + RETRY_MS)
    }
  }

  function tell(reason: string | null): void {
    if (reason !== null && reason !== told) log.warn({ reason }, 'no heartbeat')
    if (reason === null && told !== null && !told.startsWith('the call'))
      log.info('the heartbeat goes on')
    told = reason
  }

  try {
    const beginsBy = clock.now() + heartbeat.interval
    while (!signal.aborted) {
      const isFirst = clock.now() < beginsBy && told === null
      await clock.sleepUntil(await beat(isFirst), signal)
    }
  } catch (error) {
    if (!isAbort(error, signal)) throw error
  }
}

function callerOf(
  { timeout, method, url, fail_url }: HeartbeatConfig,
  externals: Pick<Externals, 'clock' | 'egress'>,
): (url: Secret, signal: AbortSignal) => Promise<string> {
  const send: Send = createSend({ timeout }, externals, { secrets: [url, fail_url] })
  return (secret, signal) => {
    const { url: address, authorization } = takeCredentials(secret.reveal())
    const headers = authorization === undefined ? {} : { authorization }
    return send({ method, url: address, shown: origin(address), headers, body: '' }, signal)
  }
}
