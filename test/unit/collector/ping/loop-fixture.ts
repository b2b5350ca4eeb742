import type { Echoes, FpingRun } from '../../../../collector/ping/fping.ts'
import { type Outcome, type PingDeps, runPing } from '../../../../collector/ping/loop.ts'
import { offsetOf } from '../../../../collector/plan.ts'
import type { LoopMeter } from '../../../../collector/meter.ts'
import { type Pokes, createPokes } from '../../../../collector/pokes.ts'
import type { Device } from '../../../../lib/inventory.ts'
import type { Sample } from '../../../../lib/line-protocol.ts'
import { type ManualClock, manualClock, settle } from '../../../fakes/clock.ts'
import { type MutableInventory, inventoryOf } from '../../../fakes/inventory.ts'
import { type RecordedLog, recordLog } from '../../../fakes/log.ts'
import { scriptedProbe } from '../../../fakes/probe.ts'

export const NOON = Date.UTC(2026, 5, 1, 12)

/** The first slot at or after `from` that is `id`'s own. */
export function slotOf(id: string, intervalSeconds: number, from = NOON): number {
  let at = from
  while ((at / 1000) % intervalSeconds !== offsetOf(id, intervalSeconds)) at += 1000
  return at
}

export type RunningLoop = AsyncDisposable & {
  readonly clock: ManualClock
  readonly inventory: MutableInventory
  readonly runs: readonly FpingRun[]
  readonly written: Sample[]
  /** What was told, and how many samples had been handed over by then. */
  readonly told: { readonly outcomes: readonly Outcome[]; readonly written: number }[]
  readonly dueBySlot: Map<number, number>
  readonly pokes: Pokes
  readonly totals: Record<'missed' | 'samplesDue' | 'samplesMade', number>
  readonly last: Record<'targets' | 'inFlight' | 'due' | 'lag' | 'success', number>
  readonly log: RecordedLog
  /** Stamps, in seconds after noon, of a device's samples. */
  seconds(id: string): number[]
  stop(reason?: unknown): Promise<void>
}

/** The ping loop over a manual clock that stands at noon, and a probe that follows a script. */
export async function startLoop({
  devices,
  answers = () => true,
  probe: ownProbe,
  resolve = (device) => device.address,
  blindness,
  ...more
}: {
  devices: readonly Device[]
  answers?: (address: string, at: number) => boolean
  probe?: (run: FpingRun, signal: AbortSignal, clock: ManualClock) => Promise<Map<string, Echoes>>
  resolve?: (device: Device) => string | null
  blindness?: PingDeps['blindness']
} & Pick<PingDeps, 'fleet' | 'others' | 'heldUntil' | 'isAlone'>): Promise<RunningLoop> {
  const clock = manualClock(NOON)
  const inventory = inventoryOf(...devices)
  const stop = new AbortController()
  const log = recordLog()
  const scripted = scriptedProbe(clock, answers)
  const runs: FpingRun[] = []
  const written: Sample[] = []
  const told: RunningLoop['told'] = []
  const dueBySlot = new Map<number, number>()
  const pokes = createPokes()
  const totals = { missed: 0, samplesDue: 0, samplesMade: 0 }
  const last = { targets: 0, inFlight: 0, due: 0, lag: 0, success: 0 }
  const running = runPing(
    {
      ...more,
      inventory,
      vantage: 'lab',
      fping: 'fping',
      resolve,
      write: (samples) => void written.push(...samples),
      changed: (outcomes) => void told.push({ outcomes, written: written.length }),
      due: (at, count) => void dueBySlot.set(at, (dueBySlot.get(at) ?? 0) + count),
      pokes,
      ...(blindness === undefined ? {} : { blindness }),
      meter: recordMeter(totals, last),
      clock,
      log: log.log,
      probe: (run, signal) => {
        runs.push(run)
        return ownProbe === undefined ? scripted(run, signal) : ownProbe(run, signal, clock)
      },
    },
    stop.signal,
  )
  await settle()
  return {
    clock,
    inventory,
    runs,
    written,
    told,
    dueBySlot,
    pokes,
    totals,
    last,
    log,
    seconds: (id) =>
      written.filter(({ labels }) => labels['device'] === id).map(({ at }) => (at - NOON) / 1000),
    async stop(reason) {
      stop.abort(reason)
      await running
    },
    async [Symbol.asyncDispose]() {
      stop.abort()
      await running
    },
  }
}

function recordMeter(totals: RunningLoop['totals'], last: RunningLoop['last']): LoopMeter {
  const add = (name: keyof typeof totals) => (count: number) => void (totals[name] += count)
  const set = (name: keyof typeof last) => (value: number) => void (last[name] = value)
  return {
    targets: set('targets'),
    inFlight: set('inFlight'),
    due: set('due'),
    lag: set('lag'),
    success: set('success'),
    missed: add('missed'),
    samplesDue: add('samplesDue'),
    samplesMade: add('samplesMade'),
  }
}
