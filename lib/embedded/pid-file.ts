import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { dataDirError, makeDataDir } from '../data-dir.ts'
import type { Logger } from '../log.ts'
import { StartError } from '../start-error.ts'
import { type ProcessIdentity, identify, isAlive } from './process-identity.ts'

/**
 * Who uses a data directory: the child, and the wardline that keeps it. Both are needed to tell a left-over,
 * whose keeper is gone, from the child of another wardline that runs.
 */
const claimSchema = z.object({
  child: z.object({ pid: z.number(), startTicks: z.number(), bootId: z.string() }),
  keeper: z.object({ pid: z.number(), startTicks: z.number(), bootId: z.string() }),
})
export type Claim = z.output<typeof claimSchema>

/** Notes that the child of this process uses the directory. Nothing is noted where there is no /proc. */
export async function writeClaim(path: string, childPid: number): Promise<void> {
  const child = identify(childPid)
  const keeper = identify(process.pid)
  if (child === null || keeper === null) return
  await makeDataDir(dirname(path))
  try {
    await writeFile(`${path}.new`, JSON.stringify({ child, keeper } satisfies Claim))
    await rename(`${path}.new`, path)
  } catch (error) {
    throw dataDirError(path, error)
  }
}

export async function removeClaim(path: string): Promise<void> {
  await rm(path, { force: true })
}

/**
 * Ends the child that an earlier wardline left in the directory, exactly that process, and waits until it is
 * gone. Rejects with StartError when another wardline is using the directory.
 */
export async function endLeftOver(
  path: string,
  { name, stopMs, log }: { name: string; stopMs: number; log: Logger },
): Promise<void> {
  const claim = await readClaim(path)
  if (claim === null || !isAlive(claim.child)) return
  if (isAlive(claim.keeper)) {
    throw new StartError(
      `${dirname(path)} is in use by another wardline (process ${claim.keeper.pid}, its ${name} is process ` +
        `${claim.child.pid}): stop that one, or give this one a data_dir of its own`,
    )
  }
  log.warn({ pid: claim.child.pid }, `ending the ${name} that an earlier wardline left behind`)
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    try {
      process.kill(claim.child.pid, signal)
    } catch {
      // ended in between, or another user's: the look that follows tells which
    }
    if (await isGone(claim.child, stopMs)) return
  }
  throw new StartError(
    `${name} (process ${claim.child.pid}) of an earlier wardline doesn't end: end it by hand`,
  )
}

async function readClaim(path: string): Promise<Claim | null> {
  try {
    return claimSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return null // absent, or cut short by a crash: the store's own lock still guards the data
  }
}

async function isGone(child: ProcessIdentity, withinMs: number): Promise<boolean> {
  const until = performance.now() + withinMs
  while (isAlive(child)) {
    if (performance.now() > until) return false
    await delay(50)
  }
  return true
}
