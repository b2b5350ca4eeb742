import type { Logger } from '../log.ts'
import type { Redis } from '../redis.ts'
import { TOO_SLOW } from './refusal.ts'

/** A connection on which nothing was answered for so long is given up: behind another one may be an answer. */
const GIVE_UP_MS = 3_000

type Connection = Pick<Redis, 'status' | 'sendCommand' | 'disconnect' | 'ping'>

/**
 * Whoever asks a Redis that doesn't answer waits for one command's timeout; from then on commands fail at once, until it
 * answers again. So nobody waits twice, and whatever asks several things in a row waits no longer than for one.
 */
export function breakWhenSlow(redis: Connection, log: Logger): void {
  const send = redis.sendCommand.bind(redis)
  let isSlow = false

  redis.sendCommand = (command, stream) => {
    // Sent again after a new connection: whoever wanted it was told already that it failed.
    if (command.isSettled) return command.promise
    if (isSlow && redis.status === 'ready' && command.name !== 'ping') {
      command.reject(new Error(TOO_SLOW))
      return command.promise
    }
    const sent = send(command, stream)
    command.promise.catch((error: Error) => {
      if (error.message === 'Command timed out') void wait()
    })
    return sent
  }

  /** Asks until it answers, or is away. */
  async function wait(): Promise<void> {
    if (isSlow || redis.status !== 'ready') return
    isSlow = true
    log.warn('Redis does not answer in time: nobody waits for it')
    let since = performance.now()
    while (redis.status === 'ready') {
      try {
        await redis.ping()
        break
      } catch {
        if (performance.now() - since < GIVE_UP_MS) continue
        since = performance.now()
        redis.disconnect(true)
        break
      }
    }
    isSlow = false
    if (redis.status === 'ready') log.info('Redis answers in time again')
  }
}
