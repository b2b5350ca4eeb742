import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { followOtherSites, outcomesText, saySite } from '../../../collector/site.ts'
import type { Sample } from '../../../lib/line-protocol.ts'
import type { Redis } from '../../../lib/redis.ts'

const T = Date.UTC(2026, 10, 22, 12)
const down = (device: string) => ({ device, up: false, at: T })

/** A collector of a site, and a way to let it hear what is published. */
function following(site: string) {
  const poked: string[] = []
  let now = T
  const subscriber = Object.assign(new EventEmitter(), {
    connect: async () => {},
    subscribe: async () => {},
    disconnect: () => {},
  })
  let isConnected = false
  const redis = {
    duplicate() {
      isConnected = true
      return subscriber
    },
  }
  followOtherSites({
    redis: redis as unknown as Redis,
    site,
    poke: (device) => void poked.push(device),
    clock: { now: () => now },
  })
  return {
    poked,
    isConnected,
    hear: (text: string) => subscriber.emit('message', 'wardline:probes', text),
    later: () => void (now += 1_000),
  }
}

test('a device that fell silent for another site is asked at once', () => {
  const { hear, poked } = following('tbilisi')
  hear(outcomesText([down('r1'), { device: 'r2', up: true, at: T }], 'batumi'))
  hear(outcomesText([down('r3')], ''))
  expect(poked).toEqual(['r1', 'r3'])
})

test.each([
  ['its own site says', outcomesText([down('r1')], 'tbilisi')],
  ['says nothing', '[]'],
  ['is no JSON', '[{"site":"batumi","dev'],
  ['is of another shape', '{"site":"batumi"}'],
  ['has no device', '[{"site":"batumi","up":false}]'],
])('what %s has nobody asked', (_, text) => {
  const { hear, poked } = following('tbilisi')
  hear(text)
  expect(poked).toEqual([])
})

test('a site that lost its network has no more than 100 devices asked in a second', () => {
  const { hear, poked, later } = following('tbilisi')
  const all = Array.from({ length: 10_000 }, (_, index) => down(`r${index}`))
  hear(outcomesText(all, 'batumi'))
  hear(outcomesText(all, 'batumi'))
  expect(poked).toHaveLength(100)
  later()
  hear(outcomesText([down('r1')], 'batumi'))
  expect(poked).toHaveLength(101)
})

test('without a site of its own a collector follows nobody, and says what it always said', () => {
  expect(following('').isConnected).toBe(false)
  expect(outcomesText([down('r1')], '')).toBe(`[{"device":"r1","up":false,"at":${T}}]`)
})

test.each([
  ['', { vantage: 'c1' }],
  ['tbilisi', { vantage: 'c1', site: 'tbilisi' }],
])(
  'a collector of site "%s" says so at once, each minute, and when it ends',
  async (site, labels) => {
    const samples: Sample[] = []
    const stopping = new AbortController()
    let now = T + 300
    await saySite(
      {
        vantage: 'c1',
        site,
        write: (all) => void samples.push(...all),
        clock: {
          now: () => now,
          async sleepUntil(at) {
            now = at
            if (samples.length === 2) stopping.abort()
          },
        },
      },
      stopping.signal,
    )
    const said = (wardline_collector_info: number, at: number) => {
      return { measurement: '', labels, fields: { wardline_collector_info }, at }
    }
    expect(samples).toEqual([said(1, T), said(1, T + 60_000), said(0, T + 120_000)])
  },
)
