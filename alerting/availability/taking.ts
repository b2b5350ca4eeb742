import type { Device } from '../../lib/inventory.ts'
import type { Jury, Reach } from './joint.ts'
import type { PingSample } from './samples.ts'

/** How the samples of a reading are taken. */
export type Taking = Reach & {
  /** Samples of a device after this don't count yet. */
  horizon(id: string): number
  /** Whether a sample says nothing. */
  isVoid(sample: PingSample): boolean
  /** The site of a vantage; null where all samples are of one. */
  readonly siteOf: ((vantage: string | undefined) => string) | null
  readonly isBlind: Jury['isBlind']
  readonly freshMs: (device: Device) => number
}

export const juryOf = (device: Device, { freshMs, isBlind }: Taking): Jury => ({
  confirm: device.ping.confirm,
  freshMs: freshMs(device),
  isBlind,
})
