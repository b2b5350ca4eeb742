import { formatPath, type Validated } from '../../lib/config/explain.ts'
import { didYouMean } from '../../lib/config/nearest.ts'
import { CSV_COLUMNS, deviceOfCells } from '../../lib/inventory/csv.ts'
import type { DeviceEdits } from '../../lib/inventory/edits/device-edits.ts'
import { type Operation, readChange, readCreate } from '../../lib/inventory/edits/operation.ts'
import { StartError } from '../../lib/start-error.ts'
import type { Desk } from '../decisions/desk.ts'
import type { Output } from '../output.ts'
import { withDevices } from './open.ts'

export type ChangeOptions = { readonly author: string; readonly json?: boolean }
export type ImportOptions = ChangeOptions & { readonly change?: boolean; readonly dryRun?: boolean }

/** `wardline device add`: prints what is worth a look about it, too. */
export function addDevice(
  desk: Desk,
  { id, address, words }: { id: string; address: string; words: readonly string[] },
  options: ChangeOptions,
  output: Output,
): Promise<number> {
  const operation = understood(id, readCreate({ ...fieldsOf(words), id, address }))
  return change(desk, [operation], options, output)
}

/** `wardline device set`: an empty value takes back what was said. */
export function setDevice(
  desk: Desk,
  { id, words }: { id: string; words: readonly string[] },
  options: ChangeOptions,
  output: Output,
): Promise<number> {
  return change(desk, [understood(id, readChange(id, fieldsOf(words)))], options, output)
}

type ChangeEach = (
  desk: Desk,
  ids: readonly string[],
  options: ChangeOptions,
  output: Output,
) => Promise<number>

/** All of them or none. */
const each =
  (op: 'delete' | 'restore'): ChangeEach =>
  (desk, ids, options, output) =>
    change(
      desk,
      ids.map((id) => ({ op, id })),
      options,
      output,
    )

/** `wardline device remove` */
export const removeDevices = each('delete')
/** `wardline device restore` */
export const restoreDevices = each('restore')

const DONE = {
  create: 'added',
  change: 'changed',
  delete: 'deleted',
  restore: 'restored',
} as const satisfies Record<Operation['op'], string>

function change(
  desk: Desk,
  operations: readonly Operation[],
  { author, json }: ChangeOptions,
  output: Output,
): Promise<number> {
  return withDevices(desk, output, async (edits: DeviceEdits) => {
    const { planned } = await edits.apply(operations, { who: author, allows: null })
    if (json === true) output.print(JSON.stringify(planned, null, 2))
    else for (const { id, op, changes } of planned) output.print(doneText(id, op, changes))
    return 0
  })
}

export function doneText(
  id: string,
  op: Operation['op'],
  changes: Readonly<Record<string, { before: unknown; after: unknown }>>,
): string {
  const texts = Object.entries(changes).map(
    ([key, { before, after }]) => `${key} ${valueText(before)} → ${valueText(after)}`,
  )
  if (op !== 'change') return `${id} ${DONE[op]}`
  return texts.length === 0 ? `${id} stays as it is` : `${id} changed: ${texts.join(', ')}`
}

export const valueText = (value: unknown): string =>
  typeof value === 'string' && value !== '' ? value : JSON.stringify(value)

/** `branch=Gori ping.interval=30s` as a file has them; an empty value is null. */
function fieldsOf(words: readonly string[]): Record<string, unknown> {
  const cells = words.map((word): [string, string] => {
    const [, name = '', value = ''] = /^([^=]+)=(.*)$/s.exec(word) ?? []
    if (name === '' || name === 'id' || !CSV_COLUMNS.includes(name)) throw unknownField(word, name)
    return [name, value]
  })
  const said = cells.filter(([, value]) => value !== '')
  const device = deviceOfCells(
    said.map(([name]) => name),
    said.map(([, value]) => value),
  )
  for (const [path, value] of cells) if (value === '') takeBack(device, path)
  return device
}

function takeBack(device: Record<string, unknown>, path: string): void {
  const [key = '', inner] = path.split('.')
  const section = device[key]
  if (inner === undefined) device[key] = null
  else device[key] = { ...(typeof section === 'object' ? section : {}), [inner]: null }
}

function unknownField(word: string, name: string): StartError {
  const known = CSV_COLUMNS.filter((column) => column !== 'id')
  const hint = didYouMean(name, known) || `, expected one of ${known.join(', ')}`
  return new StartError(
    name === ''
      ? `expected field=value such as branch=Gori, got ${JSON.stringify(word)}`
      : `unknown field ${JSON.stringify(name)}${hint}`,
  )
}

function understood(id: string, checked: Validated<Operation>): Operation {
  if (checked.ok) return checked.data
  const lines = checked.findings.map(({ path, message }) =>
    [id, formatPath(path), message].filter(Boolean).join(': '),
  )
  throw new StartError(lines.join('\n'))
}
