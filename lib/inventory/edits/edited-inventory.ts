import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../../clock.ts'
import { follow } from '../../follow.ts'
import type { Inventory, InventorySource, ReloadState } from '../../inventory.ts'
import type { Logger } from '../../log.ts'
import type { Redis } from '../../redis.ts'
import { openMemory } from '../../redis/memory.ts'
import { changedAt } from '../../decisions/changed-at.ts'
import type { FileInventory } from '../files.ts'
import { adopt } from '../snapshot.ts'
import { copyPath, readCopy } from './copy.ts'
import { type DeviceEdits, createDeviceEdits } from './device-edits.ts'
import { EditError } from './edit-error.ts'
import { type Edit, type Edits, rememberingReader } from './edit.ts'
import { type Misfit, rememberingFit } from './fit.ts'
import { type Merged, mergeEdits } from './merge.ts'
import type { State } from './state.ts'
import { DEVICES_CHANNEL, type Kept, createEditStore, keptEdits } from './store.ts'

export type EditedInventory = AsyncDisposable &
  InventorySource & { readonly reload: ReloadState; readonly edits: DeviceEdits }

/** So many edits are read and fitted in one turn of the event loop: pings go on meanwhile. */
const AT_ONCE = 200

/**
 * The inventory of the files with what the API says of it, kept up with both. Never rejects: without Redis the edits
 * that were last known here are in force, none where there were none.
 */
export async function openEditedInventory({
  source,
  redis,
  dataDir,
  clock,
  log,
  firstReadMs,
}: {
  source: FileInventory
  redis: Redis
  dataDir: string
  clock: Pick<Clock, 'now'>
  log: Logger
  /** How long to wait for Redis at first. */
  firstReadMs?: number
}): Promise<EditedInventory> {
  const memory = await openMemory({
    what: 'devices of the API',
    store: keptEdits(redis),
    timeOf: (_kind, text) => changedAt(text),
    file: copyPath(dataDir),
    known: await readCopy(dataDir),
    clock,
    log,
  })
  const store = createEditStore(redis, memory)
  const readEdit = rememberingReader()
  const fit = rememberingFit()
  const listeners = new Set<(inventory: Inventory) => void>()
  let edits: Edits = new Map()
  let current: Inventory = source.current
  let state: State = { version: null, files: source.files, edits, merged: NOTHING_MERGED(source) }
  let version: string | null = null
  let texts = ''
  let named = new Set<string>()
  let merging: Promise<void> | undefined
  let mergeAgain = false

  async function take({ version: found, entries }: Kept): Promise<void> {
    const next = new Map<string, Edit>()
    const corrupt = new Map<string, string>()
    let count = 0
    for (const [id, text] of Object.entries(entries)) {
      if (++count % AT_ONCE === 0) await nextTurn()
      const read = readEdit(id, text)
      if ('reason' in read) corrupt.set(id, read.reason)
      else next.set(id, read)
    }
    nameCorrupt(corrupt)
    edits = next
    version = found
    await merge()
  }

  /** One at a time; what changes during one is merged after it. */
  function merge(): Promise<void> {
    mergeAgain = true
    merging ??= (async () => {
      try {
        while (mergeAgain) {
          mergeAgain = false
          await fitAll()
          // What changed meanwhile is taken in the next round.
          if (!mergeAgain) publish()
        }
      } finally {
        merging = undefined
      }
    })()
    return merging
  }

  async function fitAll(): Promise<void> {
    const { files } = source
    let count = 0
    for (const edit of edits.values()) {
      if (++count % AT_ONCE === 0) await nextTurn()
      fit(edit, files)
    }
  }

  function publish(): void {
    const { files } = source
    const merged = mergeEdits(files, edits, fit)
    tellMisfits(state.merged.misfits, merged.misfits, log)
    const { inventory, added, removed, changed, differs } = adopt(current, [
      ...merged.inventory.values(),
    ])
    // Without edits the files' own object is in force.
    const next = edits.size === 0 ? files.inventory : inventory
    const hadEdits = state.edits.size > 0
    state = { version, files, edits, merged: { ...merged, inventory: differs ? next : current } }
    if (!differs) return
    current = next
    // Changes of files alone are told where they are read.
    if (hadEdits || edits.size > 0)
      log.info(
        { devices: current.size, added, removed, changed, edits: edits.size },
        'the inventory changed with what the API says of devices',
      )
    for (const listener of listeners) {
      try {
        listener(current)
      } catch (error) {
        log.error({ err: error }, 'a change of the inventory was not taken everywhere')
      }
    }
  }

  function nameCorrupt(corrupt: ReadonlyMap<string, string>): void {
    for (const [id, reason] of corrupt) {
      if (!named.has(id))
        log.error({ device: id, reason }, 'what Redis says of a device makes no sense: left out')
    }
    named = new Set(corrupt.keys())
  }

  async function read(reached: (version: string | null) => void): Promise<void> {
    const kept = await store.read()
    const next = JSON.stringify(kept)
    if (next !== texts) {
      await take(kept)
      texts = next
    }
    reached(kept.version)
  }

  const copy = memory.known
  if (copy !== null) await take({ version: copy.version, entries: copy.hashes['edit'] ?? {} })
  const stop = source.onReload(() => void merge())
  const followed = await follow({
    redis,
    firstReadMs,
    channel: DEVICES_CHANNEL,
    version: () => store.version(),
    read,
    isAway: (error) => error instanceof EditError,
    away: (error, isKnown) =>
      log.warn(
        { reason: error.message },
        isKnown || copy !== null
          ? 'the devices of the API stay as they were last known'
          : 'the devices of the API are not known yet',
      ),
    back: () => log.info('the devices of the API are read again'),
  })

  return {
    get current() {
      return current
    },
    get reload() {
      return source.reload
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    edits: createDeviceEdits({
      store,
      fit,
      state: () => state,
      refresh: () => followed.refresh(),
      clock,
    }),
    async [Symbol.asyncDispose]() {
      stop()
      await followed[Symbol.asyncDispose]()
      await merging
    },
  }
}

const NOTHING_MERGED = ({ files }: FileInventory): Merged => ({
  inventory: files.inventory,
  misfits: [],
})

/** Each once, when it begins. */
function tellMisfits(before: readonly Misfit[], now: readonly Misfit[], log: Logger): void {
  const known = new Set(before.map((misfit) => JSON.stringify(misfit)))
  for (const misfit of now) {
    if (known.has(JSON.stringify(misfit))) continue
    const { device, field, message, effect } = misfit
    log.warn({ device, field, reason: message }, TOLD[effect])
  }
}

const TOLD: Readonly<Record<Misfit['effect'], string>> = {
  'left-out': 'what the API says of a device does not fit any more: this field is left out',
  'set-aside': 'what the API says of a device does not fit any more: it is set aside',
  waiting: 'the API changes a device that no file has any more: the change waits for it',
  doubled: 'the API and a file have the same device: what the API says of it wins',
}
