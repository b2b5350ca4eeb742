import { z } from 'zod'
import { type Clock, isAbort } from '../lib/clock.ts'
import type { Sample } from '../lib/line-protocol.ts'
import type { Redis } from '../lib/redis.ts'
import { CHANNELS } from '../lib/service.ts'
import { COLLECTOR_INFO, SAY_SITE_MS } from '../lib/sites.ts'
import type { Outcome } from './ping/loop.ts'

/**
 * Says of which site a collector is, before anything else and each minute, until the signal aborts; then that it ends as it
 * should: nobody need look for it.
 */
export async function saySite(
  {
    vantage,
    site,
    write,
    clock,
  }: {
    vantage: string
    site: string
    write: (samples: readonly Sample[]) => void
    clock: Clock
  },
  signal: AbortSignal,
): Promise<void> {
  const labels = site === '' ? { vantage } : { vantage, site }
  const say = (isThere: boolean, at: number): void =>
    write([{ measurement: '', labels, fields: { [COLLECTOR_INFO]: Number(isThere) }, at }])
  try {
    while (!signal.aborted) {
      const at = Math.floor(clock.now() / 1000) * 1000
      say(true, at)
      await clock.sleepUntil(at + SAY_SITE_MS, signal)
    }
  } catch (error) {
    if (!isAbort(error, signal)) throw error
  }
  say(false, clock.now())
}

/** Outcomes as they are published: of a site that has a name, with it. */
export const outcomesText = (outcomes: readonly Outcome[], site: string): string =>
  JSON.stringify(site === '' ? outcomes : outcomes.map((outcome) => ({ site, ...outcome })))

/**
 * A device that fell silent for one site may be down: the others ask it at once, and all know within seconds. What falls
 * silent beyond this in one second is a network that was lost there; each device's own turn says soon enough how it is.
 */
const MOST_ASKED = 100

const outcomesSchema = z.array(
  z.object({ site: z.string().default(''), device: z.string(), up: z.boolean() }),
)

/** Follows what other sites see, until disposed. Without a site of its own there is nobody to follow. */
export function followOtherSites({
  redis,
  site,
  poke,
  clock,
}: {
  redis: Redis
  site: string
  poke: (device: string) => void
  clock: Pick<Clock, 'now'>
}): Disposable {
  if (site === '') return { [Symbol.dispose]() {} }
  const limit = createLimit(MOST_ASKED, () => clock.now())
  const own = `[{"site":${JSON.stringify(site)},`
  const subscriber = redis.duplicate()
  subscriber.on('error', () => {}) // told by the shared connection; without hints a device is asked in its turn
  subscriber.on('message', (_channel, text) => {
    if (text === '[]' || text.startsWith(own)) return
    for (const device of fallenSilent(text, site)) {
      if (!limit.take()) return
      poke(device)
    }
  })
  subscriber.on('ready', () => void subscriber.subscribe(CHANNELS.probes).catch(() => {}))
  subscriber.connect().catch(() => {})
  return { [Symbol.dispose]: () => subscriber.disconnect() }
}

/** Devices that another site got no answer from. Nothing of what isn't understood: a collector of another version may say it. */
function fallenSilent(text: string, site: string): readonly string[] {
  try {
    const outcomes = outcomesSchema.safeParse(JSON.parse(text)).data ?? []
    return outcomes.flatMap(({ site: other, device, up }) => (up || other === site ? [] : [device]))
  } catch {
    return []
  }
}

/** So many in a second, and no more. */
function createLimit(most: number, now: () => number): { take(): boolean } {
  let second = -1
  let taken = 0
  return {
    take() {
      const at = Math.floor(now() / 1000)
      if (at !== second) [second, taken] = [at, 0]
      return taken++ < most
    },
  }
}
