import { lookup } from 'node:dns/promises'
import { Hono } from 'hono'
import { stream } from 'hono/streaming'
import {
  DIAGNOSTICS,
  DIAGNOSTIC_DEADLINE_MS,
  type DiagnosticEvent,
  type DiagnosticKind,
  NDJSON,
  type Outcome,
} from '../../lib/diagnostics.ts'
import type { Device, InventorySource } from '../../lib/inventory.ts'
import type { Logger } from '../../lib/log.ts'
import { FpingError } from '../ping/fping.ts'
import { pingDevice } from './ping.ts'
import { type SnmpDeps, pollByHand } from './snmp.ts'
import { traceDevice } from './traceroute.ts'

export type DiagnosticsDeps = SnmpDeps & {
  readonly inventory: Pick<InventorySource, 'current'>
  readonly fping: string
  /** What the monitoring resolved the device's name to; null where it didn't. */
  readonly resolve: (device: Device) => string | null
  readonly log: Logger
}

/** Bounded here, too: this port may have other clients than the API. */
const AT_ONCE = 4

/**
 * `POST /diagnostics/{kind}/{id}`: probes one device of the inventory by hand, and tells what comes of it as it comes. It
 * takes ids, never addresses; it ends when the client leaves, and after a minute.
 */
export function diagnosticRoutes(deps: DiagnosticsDeps, signal: AbortSignal): Hono {
  let running = 0
  return new Hono().post('/diagnostics/:kind/:id', (c) => {
    const kind = DIAGNOSTICS.find((one) => one === c.req.param('kind'))
    const device = deps.inventory.current.get(c.req.param('id'))
    if (kind === undefined || device === undefined) return c.json({ error: 'not found' }, 404)
    // A page of another origin can't send this without being asked first, which it is refused.
    if (c.req.header('content-type') !== 'application/json')
      return c.json({ error: 'expected content-type: application/json' }, 415)
    if (running >= AT_ONCE) return c.json({ error: `${AT_ONCE} are running` }, 429)
    running++
    c.header('Content-Type', NDJSON)
    c.header('Cache-Control', 'no-store')
    return stream(c, async (body) => {
      const leaving = new AbortController()
      body.onAbort(() => leaving.abort())
      const deadline = AbortSignal.timeout(DIAGNOSTIC_DEADLINE_MS)
      const ends = AbortSignal.any([signal, leaving.signal, deadline])
      const startedAt = performance.now()
      const tell = async (event: DiagnosticEvent): Promise<void> => {
        await body.write(`${JSON.stringify(event)}\n`)
      }
      try {
        const outcome = await follow(linesOf(deps, kind, device, ends), (line) => tell({ line }))
        await tell(doneAfter(startedAt, outcome))
      } catch (error) {
        if (leaving.signal.aborted || signal.aborted) return
        await tell(
          doneAfter(startedAt, { ok: false, summary: reasonOf(error, deadline, deps.log) }),
        )
      } finally {
        running--
      }
    })
  })
}

async function* linesOf(
  deps: DiagnosticsDeps,
  kind: DiagnosticKind,
  device: Device,
  signal: AbortSignal,
): AsyncGenerator<string, Outcome> {
  const address = deps.resolve(device) ?? (await resolved(device.address))
  if (address === null) return { ok: false, summary: `the name ${device.address} doesn't resolve` }
  switch (kind) {
    case 'ping':
      return yield* pingDevice(deps.fping, address, signal)
    case 'traceroute':
      return yield* traceDevice(deps.fping, address, signal)
    case 'snmp':
      return yield* pollByHand(deps, device, address, signal)
  }
}

/** Names of devices that are switched off aren't kept resolved. */
async function resolved(name: string): Promise<string | null> {
  try {
    return (await lookup(name)).address
  } catch {
    return null
  }
}

async function follow(
  lines: AsyncGenerator<string, Outcome>,
  tell: (line: string) => Promise<void>,
): Promise<Outcome> {
  for (;;) {
    const step = await lines.next()
    if (step.done === true) return step.value
    await tell(step.value)
  }
}

const doneAfter = (startedAt: number, { ok, summary }: Outcome): DiagnosticEvent => ({
  done: true,
  ok,
  seconds: Math.round(performance.now() - startedAt) / 1000,
  summary,
})

function reasonOf(error: unknown, deadline: AbortSignal, log: Logger): string {
  if (deadline.aborted) return `it took longer than ${DIAGNOSTIC_DEADLINE_MS / 1000} s`
  if (error instanceof FpingError) return error.message
  log.error({ err: error }, 'a diagnosis failed')
  return "it failed; the collector's log says why"
}
