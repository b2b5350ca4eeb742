import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import { importHere } from './import-here.ts'

if (!isMainThread && parentPort !== null) {
  const imported = await importHere(workerData as string)
  parentPort.postMessage('problem' in imported ? imported.problem : null)
}
