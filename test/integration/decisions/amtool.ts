import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

export type Ran = { readonly code: number; readonly out: string; readonly err: string }

/** Runs the real amtool against a URL; its home is a directory of its own. (wardline's version isn't Alertmanager's.) */
export async function amtool(url: string, ...args: readonly string[]): Promise<Ran> {
  const home = await mkdtemp(join(tmpdir(), 'wardline-amtool-'))
  try {
    const { stdout, stderr } = await promisify(execFile)(
      'amtool',
      [...args, `--alertmanager.url=${url}`, '--no-version-check'],
      { env: { PATH: process.env['PATH'], HOME: home, TZ: 'UTC' }, timeout: 20_000 },
    )
    return { code: 0, out: stdout, err: stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, out: stdout, err: stderr }
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}
