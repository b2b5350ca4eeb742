import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, parse } from 'node:path'
import { promisify } from 'node:util'
import { waitFor } from '../../wait.ts'

const run = promisify(execFile)

export type Snmpsim = AsyncDisposable & {
  readonly address: string
  readonly port: number
  /** The recordings: each is an agent of its own, asked with its file's name as the community. */
  readonly communities: readonly string[]
}

/** Debian's snmpsimd on loopback, answering v1 and v2c for every .snmprec file of a directory (not of those in it). */
export async function startSnmpsim(
  dataDir: string,
  { address = '127.0.0.1', port }: { address?: string; port: number },
): Promise<Snmpsim> {
  const communities = (await readdir(dataDir))
    .filter((name) => name.endsWith('.snmprec'))
    .map((name) => parse(name).name)
    .toSorted()
  const [first] = communities
  if (first === undefined) throw new Error(`no .snmprec file in ${dataDir}`)
  const directory = await mkdtemp(join(tmpdir(), 'wardline-snmpsim-'))
  const [recordings, cache] = [join(directory, 'data'), join(directory, 'cache')]
  // snmpsimd refuses to run as root; the user that it becomes may not see the repository.
  await mkdir(recordings)
  await mkdir(cache)
  for (const name of communities) {
    await cp(join(dataDir, `${name}.snmprec`), join(recordings, `${name}.snmprec`))
  }
  await Promise.all([chmod(directory, 0o755), chmod(recordings, 0o755), chmod(cache, 0o777)])
  const user = process.getuid?.() === 0 ? ['--process-user=nobody', '--process-group=nogroup'] : []
  const child = spawn(
    'snmpsimd',
    [
      `--data-dir=${recordings}`,
      `--cache-dir=${cache}`,
      `--variation-modules-dir=${join(directory, 'none')}`,
      `--agent-udpv4-endpoint=${address}:${port}`,
      '--v2c-arch',
      '--logging-method=stderr',
    ].concat(user),
    { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let output = ''
  child.stderr.on('data', (text) => (output = `${output}${text}`.slice(-4_000)))
  const ask = ['-v', '2c', '-c', first, '-r', '0', '-t', '1', '-m', '', `${address}:${port}`]
  await waitFor(async () => (await run('snmpgetnext', [...ask, '1.3'])).stdout, {
    what: 'snmpsimd to answer snmpgetnext',
    timeoutMs: 30_000,
  }).catch((error: unknown) => {
    child.kill('SIGKILL')
    throw new Error(`snmpsimd doesn't answer; it says: ${output}`, { cause: error })
  })
  return {
    address,
    port,
    communities,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      await rm(directory, { recursive: true })
    },
  }
}
