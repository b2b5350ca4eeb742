import { canonicalAddress } from '../../address.ts'
import type { Device } from '../../inventory.ts'
import type { Entry } from '../entry.ts'
import { type Notice, SPELLED, findNotices, fold } from '../notices.ts'
import { inputOf } from './fit.ts'
import type { State } from './state.ts'

/** What is allowed but worth a look about these devices, such as an address that others have, too. */
export function noticesAbout(
  { files, edits, merged }: State,
  ids: ReadonlySet<string>,
  allows: ((device: Device) => boolean) | null,
): Notice[] {
  const devices = [...merged.inventory.values()].filter(
    (device) => allows === null || allows(device),
  )
  const entries = relevant(devices, ids).flatMap((device): Entry[] => {
    const { id } = device
    const file = files.inputs.get(id)
    const edit = edits.get(id)
    const input = edit === undefined ? file : inputOf(id, edit.fields, file)
    return input === undefined ? [] : [{ file: '', record: NOWHERE, input, device }]
  })
  return findNotices(entries, files.settings).filter((notice) =>
    notice.devices.some((id) => ids.has(id)),
  )
}

const NOWHERE = { value: null, line: () => undefined }

/** Those, and all that have something in common with one of them: the others are looked through for nothing. */
function relevant(devices: readonly Device[], ids: ReadonlySet<string>): Device[] {
  const asked = devices.filter(({ id }) => ids.has(id))
  const addresses = new Set(asked.map(({ address }) => canonicalAddress(address)))
  const names = new Set(asked.map(({ name }) => name))
  const spellings = SPELLED.map((key) => ({ key, texts: spelledOtherwise(devices, asked, key) }))
  return devices.filter(
    (device) =>
      ids.has(device.id) ||
      names.has(device.name) ||
      addresses.has(canonicalAddress(device.address)) ||
      spellings.some(({ key, texts }) => texts.has(device[key])),
  )
}

/** The texts that are one but for their spelling, where one of them is of a device that is asked about. */
function spelledOtherwise(
  devices: readonly Device[],
  asked: readonly Device[],
  key: (typeof SPELLED)[number],
): ReadonlySet<string> {
  const texts = new Set(devices.map((device) => device[key]))
  const wanted = new Set(asked.map((device) => fold(device[key])))
  const alike = Map.groupBy(texts, fold)
  return new Set(
    [...alike]
      .filter(([folded, group]) => folded !== '' && wanted.has(folded) && group.length > 1)
      .flatMap(([, group]) => group),
  )
}
