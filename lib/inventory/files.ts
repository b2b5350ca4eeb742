import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import { Worker } from 'node:worker_threads'
import { type Clock, systemClock } from '../clock.ts'
import { ConfigError, formatProblem } from '../config/load.ts'
import type { Config } from '../config/schema.ts'
import type { FileDevices } from './entry.ts'
import { directoriesOf, findFiles } from './find.ts'
import type { ReadOptions } from './read.ts'
import { type Snapshot, adopt, digestSections, takeSnapshot } from './snapshot.ts'
import { fingerprint, watchFiles } from './watch.ts'
import type { SnapshotRequest } from './worker.ts'
import type { Inventory, InventorySource, ReloadState } from '../inventory.ts'
import type { Logger } from '../log.ts'

export type WatchOptions = {
  readonly config: Config
  readonly configPath: string
  readonly log: Logger
  readonly clock?: Clock
} & Pick<ReadOptions, 'snmpModules' | 'moduleCredentials'>

/** The inventory of the files alone. */
export type FileInventory = InventorySource & {
  readonly reload: ReloadState
  readonly files: FileDevices
  /** Calls back after each good reload, also when no device differs: what fills in those of others may. */
  onReload(listener: () => void): () => void
}

/** More problems than these are counted in the log, not written out. */
const MAX_LOGGED = 100
/** Files past this many bytes are reloaded in another thread. */
const LARGE_BYTES = 200_000

/**
 * The inventory that the configuration names, kept up with its files until the signal: on SIGHUP and on change, all or
 * nothing. Rejects with ConfigError when it is bad at the start; later, a bad file leaves what was in force.
 */
export async function watchInventory(
  {
    config,
    configPath,
    log,
    clock = systemClock,
    snmpModules,
    moduleCredentials = [],
  }: WatchOptions,
  signal: AbortSignal,
): Promise<FileInventory> {
  const options: ReadOptions = {
    runningCredentials: [...Object.keys(config.credentials), ...moduleCredentials],
    moduleCredentials,
    snmpModules,
  }
  const sections = digestSections(config)
  const listeners = new Set<(inventory: Inventory) => void>()
  const reloadListeners = new Set<() => void>()
  const filesOf = async (patterns: readonly string[]) => [
    configPath,
    ...(await findFiles(patterns, configPath)).files,
  ]
  const known = await fingerprint(await filesOf(config.inventory.files))
  const first = await takeSnapshot(configPath, options)
  if (first.problems.length > 0) throw new ConfigError(first.problems)
  let current = adopt(new Map(), first.devices).inventory
  let devices = fileDevices(current, first)
  let found = first.found ?? { patterns: config.inventory.files, files: [] }
  let reload: ReloadState = { at: clock.now(), ok: true, problems: [] }
  let toldRestart = ''
  logNotices(first, log)
  tellRestart(first)

  const watcher = watchFiles(
    {
      known,
      files: () => filesOf(found.patterns),
      directories: () => directoriesOf(found.files, found.patterns, configPath),
      changed: async () => take(await readAgain({ configPath, options }, found.files, signal)),
      failed,
    },
    signal,
  )
  const onHangUp = () => watcher.force()
  process.on('SIGHUP', onHangUp)
  signal.addEventListener('abort', () => process.off('SIGHUP', onHangUp), { once: true })

  function take(snapshot: Snapshot): void {
    found = snapshot.found ?? found
    const { problems } = snapshot
    reload = { at: clock.now(), ok: problems.length === 0, problems }
    if (!reload.ok) return logProblems(snapshot, current.size, log)
    tellRestart(snapshot)
    const { inventory, added, removed, changed, differs } = adopt(current, snapshot.devices)
    if (differs) current = inventory
    devices = fileDevices(current, snapshot)
    for (const listener of reloadListeners) listener()
    if (!differs) return
    log.info({ devices: inventory.size, added, removed, changed }, 'inventory reloaded')
    for (const listener of listeners) {
      try {
        listener(inventory)
      } catch (error) {
        log.error({ err: error }, 'a change of the inventory was not taken everywhere')
      }
    }
  }

  /** Nothing about the files: reading them failed in itself. */
  function failed(error: unknown): void {
    const problem = { file: configPath, message: `can't be read again: ${String(error)}` }
    reload = { at: clock.now(), ok: false, problems: [problem] }
    log.error({ err: error }, 'the inventory could not be read again')
  }

  function tellRestart(snapshot: Snapshot): void {
    const keys = Object.keys(sections).filter((key) => snapshot.sections[key] !== sections[key])
    const text = keys.join(', ')
    if (keys.length > 0 && text !== toldRestart) {
      log.warn({ keys }, `${configPath}: ${text} changed: restart wardline for that to take effect`)
    }
    toldRestart = text
  }

  return {
    get current() {
      return current
    },
    get reload() {
      return reload
    },
    get files() {
      return devices
    },
    onReload(listener) {
      reloadListeners.add(listener)
      return () => reloadListeners.delete(listener)
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** Of a snapshot without problems. */
function fileDevices(inventory: Inventory, { inputs, settings }: Snapshot): FileDevices {
  if (settings === null) throw new Error('expected a snapshot without problems')
  return { inventory, inputs: new Map(inputs.map((input) => [input.id, input])), settings }
}

async function readAgain(
  request: SnapshotRequest,
  files: readonly string[],
  signal: AbortSignal,
): Promise<Snapshot> {
  const sizes = await Promise.all(
    [request.configPath, ...files].map(
      async (file) => (await stat(file).catch(() => null))?.size ?? 0,
    ),
  )
  if (sizes.reduce((sum, size) => sum + size, 0) < LARGE_BYTES) {
    return takeSnapshot(request.configPath, request.options)
  }
  const worker = new Worker(new URL('worker.ts', import.meta.url), {
    workerData: request,
  })
  try {
    const [snapshot] = (await once(worker, 'message', { signal })) as [Snapshot]
    return snapshot
  } finally {
    await worker.terminate()
  }
}

function logProblems({ problems }: Snapshot, kept: number, log: Logger): void {
  for (const problem of problems.slice(0, MAX_LOGGED)) log.error(formatProblem(problem))
  log.error(
    { problems: problems.length, devices: kept },
    'the inventory was not reloaded: the one from before stays in force (wardline check shows every problem)',
  )
}

function logNotices({ notices }: Snapshot, log: Logger): void {
  if (notices.length === 0) return
  const kinds: Record<string, number> = {}
  for (const { kind } of notices) kinds[kind] = (kinds[kind] ?? 0) + 1
  log.info(kinds, 'the inventory holds things worth a look: wardline check shows them')
}
