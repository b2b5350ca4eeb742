import type { Acknowledgement } from './acknowledgement.ts'
import type { Silence } from './silence.ts'
import type { MaintenanceWindow } from './window.ts'

/** What people decided, at one moment. A new object whenever anything in it changed. */
export type Decided = {
  readonly silences: readonly Silence[]
  readonly windows: readonly MaintenanceWindow[]
  readonly acknowledgements: readonly Acknowledgement[]
}

export const NOTHING_DECIDED: Decided = { silences: [], windows: [], acknowledgements: [] }
