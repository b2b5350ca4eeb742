import { createHook } from 'node:async_hooks'
import { readFileSync } from 'node:fs'
import { offsetDate } from '../../lab/offset-date.ts'

// Loaded into a service with --import: time has passed for it, as many milliseconds as the file of WARDLINE_BENCH_CLOCK says.
// Once that says more, all its clocks jump ahead, Date and the monotonic ones, and its timers have waited for so much
// longer: what a process meets that goes on after a stop.

/** Looked at when a clock is read: first of all by a process that stood still. */
const EVERY_MS = 100

/** What Node has of a timer, of whatever kind: setTimeout's, a promise's, a socket's, AbortSignal.timeout's. */
type Timer = {
  /** Null while it doesn't wait: it is over, or just being called. */
  readonly _idleNext: object | null
  readonly _destroyed: boolean
  /** When its time began, by the event loop's clock. */
  readonly _idleStart: number
  _idleTimeout: number
  /** Begins its time anew. */
  refresh(): unknown
}

const path = process.env['WARDLINE_BENCH_CLOCK'] ?? ''
const trueNow = performance.now.bind(performance)
const trueNanoseconds = process.hrtime.bigint.bind(process.hrtime)
const timers = new Set<Timer>()
/** What the time of a timer is that was shortened, as long as it began at `from`. */
const shortened = new WeakMap<Timer, { readonly from: number; readonly ms: number }>()
const LEAST_PRUNED = 1_000
let pruneAt = LEAST_PRUNED
let passedMs = 0
let lookedAt = -Infinity

function passed(): number {
  const now = trueNow()
  if (now - lookedAt < EVERY_MS) return passedMs
  lookedAt = now
  const before = passedMs
  passedMs = read()
  if (passedMs > before) hasten(passedMs - before)
  return passedMs
}

function read(): number {
  try {
    return Number(readFileSync(path, 'utf8')) || 0
  } catch {
    return 0 // nothing has passed yet
  }
}

/** Those whose time is over by now ring at once, in their order. */
function hasten(byMs: number): void {
  const now = loopTime()
  const left = (timer: Timer): number => timer._idleStart + timeOf(timer) - now
  for (const timer of [...timers].filter(isWaiting).sort((a, b) => left(a) - left(b))) {
    const lasts = timer._idleTimeout
    const ms = Math.max(1, left(timer) - byMs)
    timer._idleTimeout = ms
    timer.refresh()
    timer._idleTimeout = lasts // for its next time
    shortened.set(timer, { from: timer._idleStart, ms })
  }
}

function timeOf(timer: Timer): number {
  const known = shortened.get(timer)
  return known?.from === timer._idleStart ? known.ms : timer._idleTimeout
}

const isWaiting = ({ _idleNext, _idleTimeout }: Timer): boolean =>
  _idleNext !== null && _idleTimeout > 0

/** A timer's time begins when the event loop says. */
function loopTime(): number {
  const timer = setTimeout(() => {}, 1)
  clearTimeout(timer)
  return (timer as unknown as Timer)._idleStart
}

function keep(timer: Timer): void {
  timers.add(timer)
  if (timers.size < pruneAt) return
  for (const each of timers) if (each._destroyed) timers.delete(each)
  pruneAt = LEAST_PRUNED + 2 * timers.size
}

function hrtime(since?: [number, number]): [number, number] {
  const now = hrtime.bigint()
  const [seconds, nanoseconds] = [Number(now / 1_000_000_000n), Number(now % 1_000_000_000n)]
  if (since === undefined) return [seconds, nanoseconds]
  const lasted = nanoseconds - since[1]
  return lasted < 0
    ? [seconds - since[0] - 1, lasted + 1_000_000_000]
    : [seconds - since[0], lasted]
}
hrtime.bigint = (): bigint => trueNanoseconds() + BigInt(Math.round(passed())) * 1_000_000n

if (path !== '') {
  createHook({
    init(_id, type, _trigger, resource) {
      if (type === 'Timeout') keep(resource as Timer)
    },
    trackPromises: false,
  }).enable()
  globalThis.Date = offsetDate(passed)
  Object.defineProperty(performance, 'now', { value: () => trueNow() + passed() })
  process.hrtime = hrtime
}
