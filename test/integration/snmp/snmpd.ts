import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { waitFor } from '../../wait.ts'

const runFile = promisify(execFile)

export type Snmpd = AsyncDisposable & {
  readonly address: string
  readonly port: number
  /**
   * Stops it and starts it again, as a reboot does: its boots are one more then, unless it lost them; another engine id is
   * that of another device.
   */
  reboot(change?: { readonly lostBoots?: boolean; readonly engineId?: string }): Promise<void>
}

/** As Debian's agent names the protocols of v3. */
const SNMPD_NAMES: Readonly<Record<string, string>> = {
  SHA224: 'SHA-224',
  SHA256: 'SHA-256',
  SHA384: 'SHA-384',
  SHA512: 'SHA-512',
  AES256: 'AES-256',
  AES256C: 'AES-256-C',
}

export type SnmpdUser = {
  readonly user: string
  readonly auth_protocol?: string
  readonly auth_password?: string
  readonly priv_protocol?: string
  readonly priv_password?: string
}

/** The lines that make a user who may read everything, at no lower level than the passwords allow. */
export function userLines(given: SnmpdUser): string[] {
  const { user, auth_protocol = '', auth_password, priv_protocol = '', priv_password } = given
  const create = ['createUser', user]
  const named = (protocol: string): string => SNMPD_NAMES[protocol] ?? protocol
  if (auth_password !== undefined) create.push(named(auth_protocol), auth_password)
  if (priv_password !== undefined) create.push(named(priv_protocol), priv_password)
  const level =
    priv_password !== undefined ? 'priv' : auth_password !== undefined ? 'auth' : 'noauth'
  return [create.join(' '), `rouser ${user} ${level} -V all *`]
}

/** Debian's agent on loopback, with a configuration of its own. */
export async function startSnmpd({
  address = '127.0.0.1',
  port,
  community = 'public',
  engineId = '80001f8804776172646c696e65',
  lines = [],
}: {
  address?: string
  port: number
  community?: string
  /** In hexadecimal. */
  engineId?: string
  readonly lines?: readonly string[]
}): Promise<Snmpd> {
  const directory = await mkdtemp(join(tmpdir(), 'wardline-snmpd-'))
  // Where it keeps its boots.
  const state = join(directory, 'state')
  let running = await run({ engineId })

  async function run(as: { readonly engineId: string }): Promise<ChildProcess> {
    await mkdir(state, { recursive: true })
    const file = join(directory, 'snmpd.conf')
    const configuration = [
      `agentAddress udp:${address}:${port}`,
      `rocommunity ${community}`,
      'sysName core-1.example',
      'sysDescr Core switch, "rack 3"',
      'sysObjectID 1.3.6.1.4.1.9.1.1208',
      `exactEngineID 0x${as.engineId}`,
      'view all included .1',
      ...lines,
    ]
    await writeFile(file, configuration.join('\n'))
    const child = spawn('snmpd', ['-f', '-Lo', '-I', '-smux'], {
      env: {
        ...process.env,
        SNMPCONFPATH: `${directory}:${state}`,
        SNMP_PERSISTENT_DIR: state,
        MIBS: '',
      },
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
    return child
  }

  return {
    address,
    port,
    async reboot({ lostBoots = false, engineId: next = engineId } = {}) {
      // It writes its boots down when it is asked to end, and its users' keys, which it would take for another id still.
      await end(running, 'SIGTERM')
      if (lostBoots || next !== engineId) await rm(state, { recursive: true })
      running = await run({ engineId: next })
    },
    async [Symbol.asyncDispose]() {
      await end(running, 'SIGKILL')
      await rm(directory, { recursive: true })
    },
  }
}

async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill(signal)
  await once(child, 'exit')
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
  const { stdout } = await runFile(
    'snmpget',
    ['-v', version, '-c', community, '-r', '0', '-t', '1', '-Oqvnt', '-m', '']
      .concat(`${address}:${port}`)
      .concat(oids),
  )
  return stdout.trimEnd().split('\n')
}
