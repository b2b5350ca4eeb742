import { addressProblem } from '../../address.ts'
import type { DeviceInput } from '../../config/schema.ts'
import type { Device } from '../../inventory.ts'
import { checkDevice } from '../checks.ts'
import type { FileDevices, InventorySettings } from '../entry.ts'
import { resolveDevice } from '../resolve.ts'
import type { Edit } from './edit.ts'
import { type Fields, overlay, without } from './fields.ts'

/** Where an edit and what stands beside it can't both hold, and what follows from that. */
export type Misfit = {
  readonly device: string
  /** The key that it is about, as in `snmp.modules`; null where it is about the whole edit. */
  readonly field: string | null
  /** What is wrong; what follows from it is `effect`. */
  readonly message: string
  /**
   * `left-out`: this field isn't in force, the rest of the device is. `set-aside`: nothing of the edit is in force.
   * `waiting`: the file that it changes has no such device any more. `doubled`: a file has a device that the API added.
   */
  readonly effect: 'left-out' | 'set-aside' | 'waiting' | 'doubled'
  /** Other devices that have to do with it: the missing parent, the rest of a circle. */
  readonly about: readonly string[]
}

/** What one edit makes of its device, by itself. */
export type Fitted = {
  /** Null: there is no such device. */
  readonly device: Device | null
  readonly misfits: readonly Misfit[]
}

export type Fit = (edit: Edit, files: FileDevices) => Fitted

/** Fits each edit once, as long as neither it nor what files say changed. */
export function rememberingFit(): Fit {
  let known = new Map<string, { key: readonly unknown[]; fitted: Fitted }>()
  return (edit, files) => {
    const key = [edit, files.inputs.get(edit.id), files.settings, files.inventory.get(edit.id)]
    const before = known.get(edit.id)
    if (before?.key.every((part, index) => part === key[index])) return before.fitted
    const fitted = fitEdit(edit, files)
    if (known.size > 100_000) known = new Map()
    known.set(edit.id, { key, fitted })
    return fitted
  }
}

/** Pure. What doesn't fit (any more) is left out field by field where that helps, and as a whole where it doesn't. */
export function fitEdit(edit: Edit, { inventory, inputs, settings }: FileDevices): Fitted {
  const { id, kind, fields } = edit
  const file = inputs.get(id)
  const fileDevice = inventory.get(id) ?? null
  if (kind === 'deleted') return { device: null, misfits: [] }
  if (kind === 'removed') return { device: fileDevice, misfits: [] }
  const misfit = (given: Pick<Misfit, 'field' | 'message' | 'effect'>): Misfit => ({
    device: id,
    about: [],
    ...given,
  })
  if (kind === 'changed' && file === undefined) {
    const message = 'no file has this device any more'
    return { device: null, misfits: [misfit({ field: null, message, effect: 'waiting' })] }
  }
  const misfits: Misfit[] = []
  if (kind === 'added' && file !== undefined) {
    const message = 'a file has a device of this id, too: what the API says of it wins'
    misfits.push(misfit({ field: 'id', message, effect: 'doubled' }))
  }
  const whole = attempt(id, fields, file, settings)
  if (whole.problems.length === 0) return { device: whole.device, misfits }

  const said = new Set(Object.keys(fields))
  const keys = [...new Set(whole.problems.map(({ path }) => keyOf(path)))]
  const removable = keys.filter(
    (key) => said.has(key) && !(key === 'address' && file === undefined),
  )
  const rest = attempt(id, without(fields, removable), file, settings)
  const isEnough = rest.problems.length === 0
  for (const { path, message } of whole.problems)
    misfits.push(misfit({ field: path, message, effect: isEnough ? 'left-out' : 'set-aside' }))
  return { device: isEnough ? rest.device : fileDevice, misfits }
}

const keyOf = (path: string): string => path.split('.')[0] ?? ''

/** The device that these fields make over what its file says, and what is wrong with it in itself. */
function attempt(
  id: string,
  fields: Fields,
  file: DeviceInput | undefined,
  settings: InventorySettings,
): { device: Device; problems: { path: string; message: string }[] } {
  const input = inputOf(id, fields, file)
  const device: Device = {
    ...resolveDevice(input, settings),
    origin: file === undefined ? 'api' : 'both',
  }
  const problem = addressProblem(device.address)
  const problems = checkDevice(input.snmp, device, settings)
  if (problem !== null) problems.unshift({ path: 'address', message: problem })
  return { device, problems }
}

/** What file and edit say together, before anything is filled in. */
export function inputOf(id: string, fields: Fields, file: DeviceInput | undefined): DeviceInput {
  return overlay<DeviceInput>(file ?? { id, address: '' }, fields)
}
