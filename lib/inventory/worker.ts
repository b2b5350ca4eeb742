import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import type { ReadOptions } from './read.ts'
import { takeSnapshot } from './snapshot.ts'

/** What the thread is asked. */
export type SnapshotRequest = { readonly configPath: string; readonly options: ReadOptions }

// YAML of 10,000 devices takes over a second to read: here it doesn't hold up the pings of the main thread.
if (!isMainThread && parentPort !== null) {
  const { configPath, options } = workerData as SnapshotRequest
  parentPort.postMessage(await takeSnapshot(configPath, options))
}
