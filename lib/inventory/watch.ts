import { type FSWatcher, watch } from 'node:fs'
import { stat } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

/** Editors and copying tools write in several steps: files count as written once they stand still for so long. */
const SETTLE_MS = 200
/** Between an event and the look that it causes: events come in crowds. */
const GATHER_MS = 50
/** The safety net where a file system sends no events. */
const POLL_MS = 3_000

export type FileWatcher = {
  /** Looks now, and calls `changed` even when no file differs. */
  force(): void
}

/**
 * Calls `changed` once the files that `files` names differ from before and have settled; never twice at a time.
 * `directories` are watched so that a change is seen at once; a look every few seconds is the safety net.
 */
export function watchFiles(
  subject: {
    /** The fingerprint of the files as they were last read. */
    known: string
    files(): Promise<readonly string[]>
    directories(): Iterable<string>
    changed(): Promise<void>
    failed(error: unknown): void
  },
  signal: AbortSignal,
): FileWatcher {
  const watchers = new Map<string, FSWatcher>()
  let { known } = subject
  let forced = false
  let looking = false
  let again = false

  const nudge = (): void => {
    again = true
    if (looking || signal.aborted) return
    looking = true
    lookAround()
      .catch((error: unknown) => {
        if (!signal.aborted) subject.failed(error)
      })
      .finally(() => {
        looking = false
      })
  }

  async function lookAround(): Promise<void> {
    while (again && !signal.aborted) {
      await delay(GATHER_MS, undefined, { signal })
      again = false
      watchDirectories()
      const found = await fingerprint(await subject.files())
      if (found === known && !forced) continue
      forced = false
      known = await settled(found)
      await subject.changed()
      again = true
    }
  }

  async function settled(first: string): Promise<string> {
    let last = first
    for (;;) {
      await delay(SETTLE_MS, undefined, { signal })
      const now = await fingerprint(await subject.files())
      if (now === last) return now
      last = now
    }
  }

  function watchDirectories(): void {
    const wanted = new Set(subject.directories())
    for (const [directory, watcher] of watchers)
      if (!wanted.has(directory)) drop(directory, watcher)
    for (const directory of wanted) {
      if (watchers.has(directory)) continue
      try {
        const watcher = watch(directory, { persistent: false }, nudge)
        watcher.on('error', () => drop(directory, watcher))
        watchers.set(directory, watcher)
      } catch {
        // A directory that is gone or one watch too many for the kernel: the poll sees the change.
      }
    }
  }

  function drop(directory: string, watcher: FSWatcher): void {
    watcher.close()
    watchers.delete(directory)
  }

  const poll = setInterval(nudge, POLL_MS).unref()
  signal.addEventListener(
    'abort',
    () => {
      clearInterval(poll)
      for (const [directory, watcher] of watchers) drop(directory, watcher)
    },
    { once: true },
  )
  nudge()
  return {
    force() {
      forced = true
      nudge()
    },
  }
}

/** Names, places, sizes and times of the files: it differs when one was written, replaced, added or removed. */
export async function fingerprint(files: readonly string[]): Promise<string> {
  const parts = await Promise.all(
    files.map(async (file) => {
      try {
        const { ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true })
        return `${file} ${ino} ${size} ${mtimeNs} ${ctimeNs}`
      } catch {
        return `${file} missing`
      }
    }),
  )
  return parts.join('\n')
}
