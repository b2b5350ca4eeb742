import { formatPath, validate } from '../config/explain.ts'
import type { Problem } from '../config/problem.ts'
import { type DeviceInput, deviceSchema } from '../config/schema.ts'
import { addressProblem } from '../address.ts'
import { checkParents } from './parents.ts'
import type { Entry, InventorySettings } from './entry.ts'
import { checkReferences, checkTimes } from './checks.ts'
import { type Notice, findNotices } from './notices.ts'
import type { DeviceFile, DeviceRecord } from './records.ts'
import { resolveDevice } from './resolve.ts'
import type { Device, Inventory } from '../inventory.ts'

export type ParsedInventory = {
  /** To be used only when there are no problems. */
  readonly inventory: Inventory
  /** What the files say of each of its devices, before anything is filled in. */
  readonly inputs: ReadonlyMap<string, DeviceInput>
  readonly problems: readonly Problem[]
  /** What is allowed but worth a look: shared addresses and names, messy names. */
  readonly notices: readonly Notice[]
}

/** All devices of all files, in their order, with every problem in any of them. Reads nothing itself. */
export function parseInventory(
  files: readonly DeviceFile[],
  settings: InventorySettings,
): ParsedInventory {
  const problems: Problem[] = files.flatMap((file) => file.problems)
  const entries: Entry[] = []
  const ids = new Set<string>()
  for (const { file, records } of files) {
    for (const [index, record] of records.entries()) {
      const label = labelOf(record.value, index)
      const checked = validate(deviceSchema, record.value)
      if (checked.ok) {
        const device = resolveDevice(checked.data, settings)
        entries.push({ file, record, input: checked.data, device })
        ids.add(device.id)
        problems.push(...checkAddress(file, record, device))
        continue
      }
      // A device that is wrong elsewhere still counts as a parent: one mistake, one message.
      if (!label.startsWith('#')) ids.add(label)
      for (const { path, message } of checked.findings) {
        const line = record.line(path)
        problems.push({ file, line, device: label, path: formatPath(path), message })
      }
    }
  }
  const { inventory, inputs, problems: duplicates } = byId(entries)
  problems.push(...duplicates)
  problems.push(...checkReferences(entries, settings, settings.snmpModules))
  problems.push(...checkTimes(entries, settings))
  problems.push(...checkParents(entries, ids))
  return {
    inventory,
    inputs,
    problems: inFileOrder(problems, files),
    notices: findNotices(entries, settings),
  }
}

/** The id where there is one, the place in the file otherwise. */
function labelOf(value: unknown, index: number): string {
  const id =
    typeof value === 'object' && value !== null ? (value as { id?: unknown }).id : undefined
  const text = typeof id === 'string' || typeof id === 'number' ? String(id).trim() : ''
  return text === '' ? `#${index + 1}` : text
}

function checkAddress(file: string, record: DeviceRecord, device: Device): Problem[] {
  const message = addressProblem(device.address)
  if (message === null) return []
  const path = 'address'
  return [{ file, line: record.line([path]), device: device.id, path, message }]
}

function byId(
  entries: readonly Entry[],
): Pick<ParsedInventory, 'inventory' | 'inputs' | 'problems'> {
  const inventory = new Map<string, Device>()
  const inputs = new Map<string, DeviceInput>()
  const firsts = new Map<string, Entry>()
  const problems: Problem[] = []
  for (const entry of entries) {
    const { id } = entry.device
    const first = firsts.get(id)
    if (first === undefined) {
      firsts.set(id, entry)
      inventory.set(id, entry.device)
      inputs.set(id, entry.input)
      continue
    }
    const line = entry.record.line(['id'])
    const message = `the id is taken already at ${first.file}:${first.record.line(['id'])}: give each device its own`
    problems.push({ file: entry.file, line, device: id, path: 'id', message })
  }
  return { inventory, inputs, problems }
}

/** Problems as one who mends the files meets them: file by file, downwards. */
function inFileOrder(problems: readonly Problem[], files: readonly DeviceFile[]): Problem[] {
  const order = new Map(files.map(({ file }, index) => [file, index]))
  return problems.toSorted(
    (a, b) =>
      (order.get(a.file) ?? -1) - (order.get(b.file) ?? -1) || (a.line ?? 0) - (b.line ?? 0),
  )
}
