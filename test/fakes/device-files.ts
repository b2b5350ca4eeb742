import { defaultsSchema, profileSchema } from '../../lib/config/schema.ts'
import type { FileDevices, InventorySettings } from '../../lib/inventory/entry.ts'
import { writeEdit } from '../../lib/inventory/edits/edit.ts'
import { fitEdit } from '../../lib/inventory/edits/fit.ts'
import { type Operation, readItem } from '../../lib/inventory/edits/operation.ts'
import { type Plan, planEdits } from '../../lib/inventory/edits/plan.ts'
import { readState } from '../../lib/inventory/edits/read-state.ts'
import type { State } from '../../lib/inventory/edits/state.ts'
import { parseInventory } from '../../lib/inventory/parse.ts'
import type { Device } from '../../lib/inventory.ts'

type Given = { readonly defaults?: object; readonly profiles?: Record<string, object> }

export const MODULES = ['system', 'if_mib']

/** What files say, as objects; the credentials `core` and `old` are known. Throws where a file would be refused. */
export function filesOf(
  devices: readonly object[],
  { defaults = {}, profiles = {} }: Given = {},
): FileDevices {
  const settings: InventorySettings = {
    defaults: defaultsSchema.parse(defaults),
    profiles: Object.fromEntries(
      Object.entries(profiles).map(([type, profile]) => [type, profileSchema.parse(profile)]),
    ),
    credentials: ['core', 'old'],
    snmpModules: MODULES,
    configFile: 'wardline.yaml',
  }
  const records = devices.map((value) => ({ value, line: () => undefined }))
  const parsed = parseInventory([{ file: 'devices.yaml', records, problems: [] }], settings)
  if (parsed.problems.length > 0) throw new Error(JSON.stringify(parsed.problems))
  return { inventory: parsed.inventory, inputs: parsed.inputs, settings }
}

/** Files with the edits that are kept as these texts, by id. */
export function stateOf(files: FileDevices, entries: Readonly<Record<string, string>> = {}): State {
  const { state, corrupt } = readState(files, { version: '1', entries })
  if (corrupt.size > 0) throw new Error(JSON.stringify([...corrupt]))
  return state
}

/** The same edits over other files, as after a reload or a restart. */
export const overFiles = ({ edits }: State, files: FileDevices): State =>
  stateOf(files, Object.fromEntries([...edits].map(([id, edit]) => [id, writeEdit(edit)])))

type Asked = {
  readonly who?: string
  readonly at?: number
  readonly allows?: (device: Device) => boolean
}

export function planOf(
  state: State,
  items: readonly object[],
  { who = 'nino', at = 1_000, allows }: Asked = {},
): Plan {
  return planEdits(state, items.map(operationOf), { who, at, allows: allows ?? null }, fitEdit)
}

/** The state after operations that are expected to be possible. */
export function after(state: State, ...items: readonly object[]): State {
  const { state: next, refusals } = planOf(state, items)
  if (refusals.length > 0) throw new Error(JSON.stringify(refusals))
  return next
}

export function operationOf(item: object): Operation {
  const checked = readItem(item)
  if (!checked.ok) throw new Error(JSON.stringify(checked.findings))
  return checked.data
}
