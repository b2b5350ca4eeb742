import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** Round-trip seconds of each echo of one probe, null for a lost one. */
export type Echoes = readonly (number | null)[]

export type FpingRun = {
  readonly fping: string
  /** Echoes for each address. */
  readonly count: number
  readonly timeoutMs: number
  /** IP literals, each once. */
  readonly addresses: readonly string[]
}

/** fping couldn't do its work: nothing is known of the addresses, and no sample may be made of it. */
export class FpingError extends Error {
  readonly reason: 'missing' | 'privilege' | 'failed'

  constructor(message: string, reason: FpingError['reason'], options?: ErrorOptions) {
    super(message, options)
    this.name = 'FpingError'
    this.reason = reason
  }
}

/** What a run may take beyond its echoes: a big one on a busy machine. */
const GRACE_MS = 10_000
/** Between two echoes to one address. Each more makes the verdict on an outage later. */
export const ECHO_PERIOD_MS = 100

/** When a run that didn't end by itself is ended. */
export function runDeadlineMs({ count, timeoutMs }: Pick<FpingRun, 'count' | 'timeoutMs'>): number {
  return count * ECHO_PERIOD_MS + timeoutMs + GRACE_MS
}

/**
 * One fping process over all addresses (fping(8), `-C`: the round trips of each target on one line).
 * Lasts at most (count - 1) × 100 ms + timeout. Rejects with FpingError, or with the signal's reason.
 */
export async function runFping(run: FpingRun, signal: AbortSignal): Promise<Map<string, Echoes>> {
  const { code, stderr } = await execute(run, ['-q'], signal)
  const results = parseFping(stderr)
  // 0: all answered, 1: some didn't, 2: some address wasn't understood; more: fping itself failed.
  if (code <= 2 && (results.size > 0 || run.addresses.length === 0)) return results
  // Quiet, it is also quiet about why it failed: asked once more.
  const said = firstLine(stderr) || firstLine(await askWhy(run, signal))
  if (/must run as root|not permitted|can't create .*socket/i.test(said))
    throw lacksPrivilege(said, run.fping)
  throw new FpingError(`fping ended with code ${code}: ${said || 'no output'}`, 'failed')
}

async function askWhy(run: FpingRun, signal: AbortSignal): Promise<string> {
  const { stderr } = await execute({ ...run, addresses: run.addresses.slice(0, 1) }, [], signal)
  return stderr
}

const firstLine = (text: string): string => text.trim().split('\n')[0] ?? ''

/** The error of an fping that may not ping, with what helps. */
export function lacksPrivilege(why: string, fping: string, options?: ErrorOptions): FpingError {
  return new FpingError(
    `fping may not open raw sockets (${why}): as root run "setcap cap_net_raw+ep $(command -v ${fping})", ` +
      'or give the container cap_add: [NET_RAW]',
    'privilege',
    options,
  )
}

function execute(
  { fping, count, timeoutMs, addresses }: FpingRun,
  more: readonly string[],
  signal: AbortSignal,
): Promise<{ code: number; stderr: string }> {
  // It ends by itself; one that doesn't (a stopped process, a full disk behind a pipe) must not hold a run for ever.
  const deadlineMs = runDeadlineMs({ count, timeoutMs })
  const deadline = AbortSignal.timeout(deadlineMs)
  // -i 0: no pause between targets. Pauses are wake-ups, and wake-ups are what a big fleet costs.
  const options = ['-C', count, '-p', ECHO_PERIOD_MS, '-t', timeoutMs, '-i', 0, ...more]
  return new Promise((resolve, reject) => {
    const child = start(fping, options.map(String), AbortSignal.any([signal, deadline]))
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.stdin.on('error', () => {}) // it ended before it read everything: its code tells why
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (signal.aborted) reject(signal.reason)
      else if (deadline.aborted) reject(tookTooLong(deadlineMs, error))
      else reject(cantStart(error, fping))
    })
    child.on('close', (code) => resolve({ code: code ?? 4, stderr }))
    child.stdin.end(`${addresses.join('\n')}\n`)
  })
}

const start = (fping: string, args: readonly string[], signal: AbortSignal) =>
  attempt(fping, () =>
    spawn(fping, args, { stdio: ['pipe', 'ignore', 'pipe'], signal, killSignal: 'SIGKILL' }),
  )

function attempt<T>(fping: string, spawned: () => T): T {
  try {
    return spawned()
  } catch (error) {
    // What isn't told by an event: EPERM, for one.
    throw cantStart(error as NodeJS.ErrnoException, fping)
  }
}

const tookTooLong = (deadlineMs: number, cause: Error): FpingError =>
  new FpingError(`fping did not end within ${deadlineMs / 1000} s`, 'failed', { cause })

function cantStart(error: NodeJS.ErrnoException, fping: string): FpingError {
  const options = { cause: error }
  if (error.code === 'ENOENT') {
    return new FpingError(
      `no fping at "${fping}": install it (apt-get install fping) or set collector.fping`,
      'missing',
      options,
    )
  }
  // A binary with capabilities doesn't even start where they can't be had.
  if (error.code === 'EPERM') return lacksPrivilege('it may not be started', fping, options)
  return new FpingError(`can't start fping: ${error.message}`, 'failed', options)
}

/**
 * One fping process with options of the caller's, told line by line as it speaks. Ends with it; rejects with FpingError when
 * it can't do its work, or with the signal's reason.
 */
export async function* followFping(
  fping: string,
  args: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<string> {
  signal.throwIfAborted()
  using ending = disposableAbort(signal)
  const child = attempt(fping, () =>
    spawn(fping, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: ending.signal,
      killSignal: 'SIGKILL',
    }),
  )
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', (error: NodeJS.ErrnoException) =>
      reject(ending.signal.aborted ? ending.signal.reason : cantStart(error, fping)),
    )
    child.on('close', resolve)
  })
  ended.catch(() => {}) // told below, once what it said is read
  const said: string[] = []
  createInterface({ input: child.stderr }).on('line', (line) => said.push(line))
  for await (const line of createInterface({ input: child.stdout })) {
    yield* said.splice(0)
    yield line
  }
  const code = await ended
  const [first = 'no output'] = said
  yield* said
  if (code !== null && code > 2) {
    if (/must run as root|not permitted|can't create .*socket/i.test(first))
      throw lacksPrivilege(first, fping)
    throw new FpingError(`fping ended with code ${code}: ${first}`, 'failed')
  }
}

/** Aborts with the signal, and when whoever reads stops reading. */
function disposableAbort(signal: AbortSignal): Disposable & { readonly signal: AbortSignal } {
  const leaving = new AbortController()
  return {
    signal: AbortSignal.any([signal, leaving.signal]),
    [Symbol.dispose]: () => leaving.abort(),
  }
}

/** Reads `192.0.2.1 : 0.45 - 1.20` lines (milliseconds); other lines are messages and left out. */
export function parseFping(output: string): Map<string, Echoes> {
  const results = new Map<string, Echoes>()
  for (const line of output.split('\n')) {
    const separator = line.indexOf(' : ')
    if (separator < 0) continue
    const echoes = line
      .slice(separator + 3)
      .trim()
      .split(/ +/)
    if (!echoes.every((echo) => echo === '-' || /^\d+(\.\d+)?$/.test(echo))) continue
    results.set(
      line.slice(0, separator).trim(),
      echoes.map((echo) => (echo === '-' ? null : Number(echo) / 1000)),
    )
  }
  return results
}
