import { Worker } from 'node:worker_threads'
import type { Problem } from '../../lib/config/problem.ts'

const DEADLINE_MS = 10_000
const MOST_MEGABYTES = 512
/** Node's exit code for an `await` at the top that nothing ends. */
const NEVER_SETTLED = 13

/**
 * What is wrong with a file that is about to be imported, found out in a thread that can be ended; null when nothing is. In
 * the main thread an endless loop would hold up the pings and all else, and nobody could tell why.
 */
export async function rehearse(
  file: string,
  { deadlineMs = DEADLINE_MS }: { deadlineMs?: number } = {},
): Promise<Problem | null> {
  const worker = new Worker(new URL('rehearse-main.ts', import.meta.url), {
    workerData: file,
    resourceLimits: { maxOldGenerationSizeMb: MOST_MEGABYTES },
    // What it prints is printed when it is imported.
    stdout: true,
    stderr: true,
  })
  worker.stdout.resume()
  worker.stderr.resume()
  try {
    return await outcomeOf(worker, file, deadlineMs)
  } finally {
    await worker.terminate()
  }
}

function outcomeOf(worker: Worker, file: string, deadlineMs: number): Promise<Problem | null> {
  const { promise, resolve } = Promise.withResolvers<Problem | null>()
  const fail = (message: string): void => resolve({ file, message })
  const timer = setTimeout(
    () =>
      fail(
        `expected a file that gives what it has within ${deadlineMs / 1000} s: look for a loop without an end`,
      ),
    deadlineMs,
  )
  worker.once('message', (problem: Problem | null) => resolve(problem))
  worker.once('error', (error) => {
    const { name, message, code } = error as Error & { code?: string }
    fail(
      code === 'ERR_WORKER_OUT_OF_MEMORY'
        ? `expected a file that does with ${MOST_MEGABYTES} MB of memory`
        : `${name}: ${message.split('\n')[0]}`,
    )
  })
  // After the message, if there was one.
  worker.once('exit', (code) =>
    fail(
      code === NEVER_SETTLED
        ? 'it waits for something that never comes: look at what it awaits'
        : 'it ends the process that reads it: leave out process.exit()',
    ),
  )
  return promise.finally(() => clearTimeout(timer))
}
