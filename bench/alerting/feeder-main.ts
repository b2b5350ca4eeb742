import { setTimeout as delay } from 'node:timers/promises'
import { answerParent } from '../../lab/child.ts'
import type { Labels } from '../../lib/labels.ts'
import { type Sample, encodeLine } from '../../lib/line-protocol.ts'
import { connectVictoriaMetrics } from '../../lib/victoriametrics.ts'

/** Samples of a fleet, each device's every `intervalSeconds`, spread over it, until the process ends. */
export type Question = {
  readonly ask: 'feed'
  readonly vmUrl: string
  readonly devices: number
  readonly intervalSeconds: number
}

const SLICE_MS = 500

type Device = { readonly place: number; readonly ping: Labels; readonly info: Labels }

answerParent<Question>(async ({ vmUrl, devices: count, intervalSeconds }) => {
  const victoriaMetrics = connectVictoriaMetrics(vmUrl)
  const fleet = Array.from({ length: count }, (_, place) => describe(place))
  const feed = async (slice: readonly Device[], at: number): Promise<void> => {
    const lines = slice.flatMap((device) => samplesOf(device, at).map(encodeLine))
    await victoriaMetrics.writeLines(lines.join('\n'))
  }
  // All of them once, so that the first evaluation finds the whole fleet.
  await feed(fleet, Date.now())
  await victoriaMetrics.flush()
  void goOn(fleet, intervalSeconds * 1000, feed)
  return null
})

async function goOn(
  fleet: readonly Device[],
  intervalMs: number,
  feed: (slice: readonly Device[], at: number) => Promise<void>,
): Promise<void> {
  const slices = Math.ceil(intervalMs / SLICE_MS)
  for (let turn = 0; ; turn++) {
    const at = Date.now()
    await feed(
      fleet.filter(({ place }) => place % slices === turn % slices),
      at,
    )
    await delay(Math.max(0, at + SLICE_MS - Date.now()))
  }
}

const BRANCHES = 128
const TYPES = ['router', 'switch', 'terminal', 'terminal', 'camera', 'printer', 'terminal']

function describe(place: number): Device {
  const device = `device-${place}`
  const branch = `Branch ${place % BRANCHES}`
  const region = `Region ${(place % BRANCHES) % 10}`
  return {
    place,
    ping: { device, branch, region },
    info: {
      device,
      name: `Device ${place} of ${branch}`,
      address: `198.18.${Math.floor(place / 250)}.${(place % 250) + 1}`,
      type: place < BRANCHES ? 'router' : (TYPES[place % TYPES.length] ?? 'terminal'),
      vendor: `Vendor ${place % 5}`,
      model: `Model ${place % 40}`,
    },
  }
}

const MOOD_MS = 300_000

/** A hundredth is down, 3 % are slow, 4 % lose packets; some of each for five minutes, each from an instant of its own. */
function samplesOf({ place, ping, info }: Device, at: number): Sample[] {
  const mood = Math.floor((at + fraction(place) * MOOD_MS) / MOOD_MS)
  const dice = (salt: number): number => fraction(place * 31 + salt)
  const moody = (salt: number): number => fraction(place * 17 + mood * 101 + salt)
  const isDown = dice(1) < 0.008 || moody(2) < 0.003
  const isSlow = dice(3) < 0.025 || moody(4) < 0.005
  const isLossy = dice(5) < 0.035 || moody(6) < 0.005
  const base = isSlow ? 0.25 + 0.4 * dice(7) : 0.005 + 0.06 * dice(7)
  const rtt = base * (0.8 + 0.4 * fraction(place + at))
  const fields = {
    up: isDown ? 0 : 1,
    loss_ratio: isDown ? 1 : isLossy ? 0.25 + 0.25 * Math.round(moody(8)) : 0,
    ...(isDown ? {} : { rtt_seconds: Math.round(rtt * 1e6) / 1e6 }),
  }
  return [
    { measurement: 'ping', labels: ping, fields, at },
    { measurement: 'device', labels: info, fields: { info: 1 }, at },
  ]
}

/** Always the same number of 0 up to 1 for the same seed. */
function fraction(seed: number): number {
  const mixed = Math.imul(Math.floor(seed) ^ 0x9e3779b9, 0x85ebca6b)
  return (Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35) >>> 0) / 2 ** 32
}
