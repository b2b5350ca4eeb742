import { execFile } from 'node:child_process'
import { open, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { withSystemPath } from '../../lab/namespace.ts'

/** A small disk, in this process's mount namespace: nobody outside sees it, and it goes with the last process. */
export type Disk = AsyncDisposable & {
  readonly path: string
  /** Leaves so many bytes free. */
  fill(leave?: number): Promise<void>
  empty(): Promise<void>
}

export async function mountDisk(path: string, megabytes: number): Promise<Disk> {
  await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path])
  const ballast = join(path, 'ballast')
  return {
    path,
    async fill(leave = 0) {
      const file = await open(ballast, 'w')
      try {
        const { bavail, bsize } = await statfs(path)
        const piece = Buffer.alloc(1 << 20)
        for (let left = bavail * bsize - leave; left > 0; left -= piece.length)
          await file.write(piece, 0, Math.min(left, piece.length))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      } finally {
        await file.close()
      }
    },
    empty: () => rm(ballast, { force: true }),
    [Symbol.asyncDispose]: () => run('umount', ['--lazy', path]),
  }
}

async function run(command: string, args: readonly string[]): Promise<void> {
  await promisify(execFile)(command, [...args], { env: withSystemPath() })
}
