import { expect, test } from 'vitest'
import { followOtherSites, outcomesText } from '../../../collector/site.ts'
import { watchClock } from '../../../lib/clock-skew.ts'
import { type Sample, encodeLine } from '../../../lib/line-protocol.ts'
import { createLog } from '../../../lib/log.ts'
import { CHANNELS } from '../../../lib/service.ts'
import { startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'

const MINUTE = 60_000

test('what one site got no answer from another asks at once, over Redis', async () => {
  await using stores = await startStores()
  const { redis } = stores
  const poked: Record<string, string[]> = { tbilisi: [], batumi: [] }
  const sites = Object.entries(poked).map(([site, all]) =>
    followOtherSites({
      redis,
      site,
      poke: (device) => void all.push(device),
      clock: { now: () => Date.now() },
    }),
  )
  await waitFor(async () => {
    const [, count] = (await redis.pubsub('NUMSUB', CHANNELS.probes)) as [string, number]
    return count === sites.length
  })
  await redis.publish(
    CHANNELS.probes,
    outcomesText([{ device: 'r1', up: false, at: Date.now() }], 'tbilisi'),
  )
  await waitFor(() => poked['batumi']?.length === 1)
  expect(poked).toEqual({ tbilisi: [], batumi: ['r1'] })
  for (const site of sites) site[Symbol.dispose]()
})

test.each([
  ['5 minutes ahead', 5 * MINUTE],
  ['5 minutes behind', -5 * MINUTE],
  ['right', 0],
])(
  'a clock that is %s is known for it where it is not looked at by that clock (B5)',
  async (_, offMs) => {
    await using stores = await startStores()
    const { victoriaMetrics } = stores
    const stopping = new AbortController()
    const samples: Sample[] = []
    await watchClock(
      {
        victoriaMetrics,
        instance: 'collector-1',
        write: (all) => void samples.push(...all),
        clock: {
          now: () => Date.now() + offMs,
          sleepUntil: async () => stopping.abort(),
        },
        log: createLog('silent'),
      },
      stopping.signal,
    )
    await victoriaMetrics.writeLines(samples.map(encodeLine).join('\n'))
    await victoriaMetrics.flush()
    const [skew] = await victoriaMetrics.query('last_over_time(wardline_clock_skew_seconds[1m])')
    expect(skew?.labels['instance']).toBe('collector-1')
    expect(Math.abs(skew?.value ?? 0)).toBeGreaterThanOrEqual(Math.abs(offMs / 1000) - 3)
    expect(Math.abs(skew?.value ?? 0)).toBeLessThanOrEqual(Math.abs(offMs / 1000))
    expect((skew?.value ?? 0) * offMs).toBeGreaterThanOrEqual(0)
  },
)
