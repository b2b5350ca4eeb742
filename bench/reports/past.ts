import type { VictoriaMetrics } from '../../lib/victoriametrics.ts'

export type FilledPast = { readonly from: number; readonly until: number; readonly turns: number }

const DAY_MS = 86_400_000
const ASSERT_MS = 300_000
const REWRITE_MS = 15_000
const PING_MS = 10_000
/** How long an upgrade takes, once a week. */
const PAUSE_MS = 180_000
/** A third of the fleet has an outage now and then, a few devices flap. */
const OUTAGES = { often: 400, seldom: 8 }

/**
 * What alerting writes of a month that lies behind: the states of each device at its turns and again every five minutes,
 * the watermark of each evaluation, and the times in which devices were unknown.
 */
export async function fillPast(
  vm: VictoriaMetrics,
  devices: number,
  days: number,
): Promise<FilledPast> {
  const until = Math.floor(Date.now() / DAY_MS) * DAY_MS
  const from = until - days * DAY_MS
  let turns = 0
  for (let device = 0; device < devices; device++) {
    const lines: string[] = []
    const own = turnsOf(device, from, until)
    turns += own.length
    let next = 0
    let since = from - DAY_MS
    let up = true
    const phase = (device * 7_919) % ASSERT_MS
    const say = (at: number): void => {
      lines.push(
        `device_state,device=device-${device} up=${Number(up)},since=${since / 1000} ${at}`,
      )
    }
    for (let at = from - DAY_MS + phase - (phase % 1000); at < until; at += ASSERT_MS) {
      for (let turn = own[next]; turn !== undefined && turn <= at; turn = own[++next]) {
        since = turn
        up = !up
        say(turn)
      }
      say(at)
    }
    lines.push(...unknownOf(device, from, until))
    await send(vm, lines)
  }
  const pauses = [5, 12, 19, 26].map((day) => from + day * DAY_MS).filter((at) => at < until)
  await send(
    vm,
    pauses.flatMap((at) => pingsAround(devices, at)),
  )
  const marks: string[] = []
  for (let at = from - DAY_MS; at < until; at += REWRITE_MS) {
    if (pauses.some((pause) => pause < at && at < pause + PAUSE_MS)) continue
    marks.push(`wardline,component=alerting availability_watermark_seconds=${at / 1000} ${at}`)
  }
  await send(vm, marks)
  await vm.flush()
  return { from, until, turns }
}

/** The answers from before a pause until after it. */
function pingsAround(devices: number, pause: number): string[] {
  const lines: string[] = []
  for (let device = 0; device < devices; device++) {
    const offset = (device % 10) * 1000
    for (let at = pause - 120_000 + offset; at < pause + PAUSE_MS + 60_000; at += PING_MS)
      lines.push(`ping,device=device-${device},branch=b${device % 128},vantage=dc-1 up=1 ${at}`)
  }
  return lines
}

/** On whole seconds, as probes are. The same for the same device, whenever it is asked. */
function turnsOf(device: number, from: number, until: number): number[] {
  const count = device % 20 === 0 ? OUTAGES.often : device % 3 === 0 ? OUTAGES.seldom : 0
  const turns = new Set<number>()
  let seed = device * 2_654_435_761 + 1
  for (let outage = 0; outage < count; outage++) {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    const begin = from + Math.floor((seed / 2_147_483_648) * (until - from - 3_600_000))
    const start = begin - (begin % 1000)
    turns.add(start).add(start + (30 + (seed % 1_800)) * 1000)
  }
  return [...turns].sort((one, other) => one - other)
}

/** An hour of a night, in which the collector stood still, and some more of a few devices. */
function unknownOf(device: number, from: number, until: number): string[] {
  const lines: string[] = []
  const note = (start: number, end: number): void => {
    for (let at = start; at < end; at += REWRITE_MS)
      lines.push(
        `device,device=device-${device},branch=b${device % 128},status=unknown status=1 ${at}`,
      )
  }
  note(from + DAY_MS, from + DAY_MS + 3_600_000)
  if (device % 50 === 0) note(until - 2 * DAY_MS, until - DAY_MS)
  return lines
}

const BATCH = 20_000

async function send(vm: VictoriaMetrics, lines: readonly string[]): Promise<void> {
  for (let start = 0; start < lines.length; start += BATCH)
    await vm.writeLines(lines.slice(start, start + BATCH).join('\n'))
}
