import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from '../log.ts'
import type { Redis } from '../redis.ts'
import { TOO_SLOW } from './refusal.ts'

/** A connection on which nothing was answered for so long is given up: behind another one may be an answer. */
const GIVE_UP_MS = 3_000
/** One that is busy with a script, or reads its file, refuses at once whatever it is asked. */
const ASK_AGAIN_MS = 100

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
    const since = performance.now()
    let isGivenUp = false
    while (redis.status === 'ready') {
      try {
        await redis.ping()
        break
      } catch {
        if (!isGivenUp && performance.now() - since >= GIVE_UP_MS) {
          isGivenUp = true
          redis.disconnect(true) // which takes a while where the other end says nothing
        }
        await delay(ASK_AGAIN_MS, undefined, { ref: false })
      }
    }
    isSlow = false
    if (redis.status === 'ready') log.info('Redis answers in time again')
  }
}
