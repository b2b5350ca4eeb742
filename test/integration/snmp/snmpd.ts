import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { waitFor } from '../../wait.ts'

const run = promisify(execFile)

export type Snmpd = AsyncDisposable & { readonly address: string; readonly port: number }

/** Debian's agent on loopback, with a configuration of its own. */
export async function startSnmpd({
  address = '127.0.0.1',
  port,
  community = 'public',
}: {
  address?: string
  port: number
  community?: string
}): Promise<Snmpd> {
  const directory = await mkdtemp(join(tmpdir(), 'wardline-snmpd-'))
  const file = join(directory, 'snmpd.conf')
  await writeFile(
    file,
    [
      `agentAddress udp:${address}:${port}`,
      `rocommunity ${community}`,
      'sysName core-1.example',
      'sysDescr Core switch, "rack 3"',
      'sysObjectID 1.3.6.1.4.1.9.1.1208',
    ].join('\n'),
  )
  const child = spawn('snmpd', ['-f', '-Lo', '-C', '-c', file, '-I', '-smux'], {
    env: { ...process.env, SNMP_PERSISTENT_DIR: directory, MIBS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', (text) => (output += text))
  child.stderr.on('data', (text) => (output += text))
  await waitFor(() => snmpget({ address, port, community }, ['1.3.6.1.2.1.1.3.0']), {
    what: 'snmpd to answer snmpget',
  }).catch((error: unknown) => {
    child.kill('SIGKILL')
    throw new Error(`snmpd doesn't answer; it says: ${output}`, { cause: error })
  })
  return {
    address,
    port,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      await rm(directory, { recursive: true })
    },
  }
}

/** What snmpget says, the referee: numeric OIDs and raw values. */
export async function snmpget(
  {
    address,
    port,
    community = 'public',
    version = '2c',
  }: { address: string; port: number; community?: string; version?: '1' | '2c' },
  oids: readonly string[],
): Promise<string[]> {
  const { stdout } = await run(
    'snmpget',
    ['-v', version, '-c', community, '-r', '0', '-t', '1', '-Oqvnt', '-m', '']
      .concat(`${address}:${port}`)
      .concat(oids),
  )
  return stdout.trimEnd().split('\n')
}
