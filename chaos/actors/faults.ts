import type { Fault } from '../fault.ts'
import type { DoneFault } from '../judge/history.ts'
import type { Blindfold } from './blindfold.ts'
import type { Partition } from './partition.ts'
import type { Stage } from './stage.ts'
import type { Manner } from '../../lab/recorder.ts'

export type FaultActors = {
  readonly stage: Stage
  readonly blindfold: Blindfold
  readonly partition: Partition
  readonly setManner: (manner: Manner) => void
}

/** How long each piece is held up on a slow line. */
const SLOW_MS = 400
/** VictoriaMetrics stops taking samples by itself when less than 10 MB are left; the others meet the end of the disk. */
const LEFT_BYTES: Readonly<Record<string, number>> = { 'victoria-metrics': 4 << 20 }

/** Does a fault; gives what ends it, which resolves once what it had hit is there again. */
async function beginFault(
  fault: Fault,
  { stage, blindfold, partition, setManner }: FaultActors,
): Promise<() => Promise<void>> {
  const { kind, target, store, stepMs = 0, manner = 'fails', forgets = false } = fault
  switch (kind) {
    case 'kill': {
      const hit = find(stage.components, target)
      await hit.kill()
      return () => hit.start()
    }
    case 'freeze': {
      const hit = find(stage.components, target)
      hit.freeze()
      return async () => hit.thaw()
    }
    case 'cut': {
      const line = find(stage.lines, `${target} ${store}`)
      line.cut(true)
      return async () => line.cut(false)
    }
    case 'drop': {
      const line = find(stage.lines, `${target} ${store}`)
      await partition.begin(line.port)
      return () => partition.end(line.port, forgets ? line.clients : [])
    }
    case 'slow': {
      const line = find(stage.lines, `${target} ${store}`)
      line.slow(SLOW_MS)
      return async () => line.slow(0)
    }
    case 'clock':
      await stage.setClock(target, stepMs)
      return () => stage.setClock(target, 0)
    case 'disk': {
      const disk = find(stage.disks, target)
      await disk.fill(LEFT_BYTES[target])
      return () => disk.empty()
    }
    case 'receiver':
      setManner(manner)
      return async () => setManner('takes')
    case 'blind':
      await blindfold.putOn()
      return () => blindfold.takeOff()
  }
}

/** The fault from its beginning to its end; rejects when `sleepUntil` does. */
export async function playFault(
  fault: Fault,
  actors: FaultActors,
  sleepUntil: (ms: number) => Promise<void>,
): Promise<DoneFault> {
  const from = Date.now()
  const end = await beginFault(fault, actors)
  await sleepUntil(fault.atMs + fault.lastsMs)
  await end()
  return { fault, from, to: Date.now() }
}

function find<T>(all: ReadonlyMap<string, T>, name: string): T {
  const found = all.get(name)
  if (found === undefined) throw new Error(`the stage has no ${name}`)
  return found
}
