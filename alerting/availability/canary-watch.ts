import { CANARY_DEVICE } from '../../lib/canary.ts'
import { quoteLabelValue } from '../../lib/labels.ts'
import type { Evidence } from '../../lib/status.ts'
import type { VictoriaMetrics } from '../../lib/victoriametrics.ts'
import { type Machine, UNSEEN, observe } from './machine.ts'
import { type PingSample, readPingSamples } from './samples.ts'

/** The canary's machine. Nothing of it is kept: after a restart its next flip counts. */
export type CanaryWatch = {
  /** Its samples among those of all devices, which were read up to `until`. */
  observe(samples: readonly PingSample[], until: number): void
  /** Reads its samples by themselves where those of devices were not: there is no device, or none has any. */
  read(at: number, signal: AbortSignal): Promise<void>
  evidence(): Evidence
  forget(): void
}

const CONFIRM = 3
const LOOK_BACK_MS = 60_000

export function createCanaryWatch(victoriaMetrics: VictoriaMetrics): CanaryWatch {
  let machine: Machine = UNSEEN
  let readUntil = -Infinity

  function observeAll(samples: readonly PingSample[], until: number): void {
    for (const { at, up } of samples) machine = observe(machine, up, at, CONFIRM)
    readUntil = until
  }

  return {
    observe: observeAll,
    async read(at, signal) {
      if (readUntil >= at) return
      const range = { start: at - LOOK_BACK_MS, end: at + 999 }
      const match = `ping_up{device=${quoteLabelValue(CANARY_DEVICE)}}`
      const samples = await readPingSamples(victoriaMetrics, range, signal, match)
      observeAll(samples.get(CANARY_DEVICE) ?? [], at)
    },
    evidence: () => ({
      state: machine.state,
      lastSampleAt: Number.isFinite(machine.lastAt) ? machine.lastAt : null,
    }),
    forget() {
      machine = UNSEEN
      readUntil = -Infinity
    },
  }
}
