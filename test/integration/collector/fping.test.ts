import { execFile } from 'node:child_process'
import { chmod, copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkFping } from '../../../collector/ping/check.ts'
import { type Echoes, FpingError, type FpingRun, runFping } from '../../../collector/ping/fping.ts'
import { type Network, openNetwork } from '../../../lab/network.ts'
import { systemClock } from '../../../lib/clock.ts'
import { scriptedProbe } from '../../fakes/probe.ts'

const never = new AbortController().signal
const DOWN = ['198.18.0.9', '2001:db8::9']
const run = (given: Partial<FpingRun>): FpingRun => ({
  fping: 'fping',
  count: 2,
  timeoutMs: 300,
  addresses: ['198.18.0.1'],
  ...given,
})

let network: Network
let folder = ''
beforeAll(async () => {
  network = await openNetwork()
  await network.down(DOWN)
  folder = await mkdtemp(join(tmpdir(), 'wardline-fping-'))
})
afterAll(async () => {
  await network[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

/** A program at a path of its own. */
async function program(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  await chmod(path, 0o755)
  return path
}

type Probe = (run: FpingRun, signal: AbortSignal) => Promise<Map<string, Echoes>>
const PROBES: readonly [string, Probe][] = [
  ['fping', runFping],
  ['the scripted probe of the tests', scriptedProbe(systemClock, (at) => !DOWN.includes(at))],
]

describe.each(PROBES)('%s', (_, probe) => {
  test('gives the echoes of every address, IPv4 and IPv6, under the name it was given', async () => {
    const addresses = ['198.18.0.1', '198.19.255.254', '127.0.0.1', '2001:db8::1', '2001:db8:0::2']
    const results = await probe(run({ addresses, count: 3 }), never)
    expect([...results.keys()].sort()).toEqual([...addresses].sort())
    for (const echoes of results.values()) {
      expect(echoes).toHaveLength(3)
      expect(echoes.every((rtt) => rtt !== null && rtt >= 0 && rtt < 0.3)).toBe(true)
    }
  })

  test('gives null for each echo that was lost', async () => {
    const results = await probe(run({ addresses: ['198.18.0.1', ...DOWN] }), never)
    expect(DOWN.map((address) => results.get(address))).toEqual([
      [null, null],
      [null, null],
    ])
    expect(results.get('198.18.0.1')).not.toContain(null)
  })

  test('lasts as long as its echoes and one timeout', async () => {
    const startedAt = performance.now()
    await probe(run({ addresses: DOWN, count: 3, timeoutMs: 500 }), never)
    const lasted = performance.now() - startedAt
    expect(lasted).toBeGreaterThanOrEqual(690)
    expect(lasted).toBeLessThan(2_500)
  })

  test("ends with the signal's reason", async () => {
    const stop = new AbortController()
    const reason = new Error('enough')
    const probing = probe(run({ addresses: DOWN, count: 20, timeoutMs: 5_000 }), stop.signal)
    setImmediate(() => stop.abort(reason))
    await expect(probing).rejects.toBe(reason)
    await expect(probe(run({}), stop.signal)).rejects.toBe(reason)
  })

  test('has nothing to say of no address', async () => {
    expect((await probe(run({ addresses: [] }), never)).size).toBe(0)
  })
})

describe('fping', () => {
  test('answers for 2,000 addresses of one slot', async () => {
    const addresses = Array.from({ length: 2_000 }, (_, n) => `198.18.${8 + (n >> 8)}.${n & 255}`)
    const results = await runFping(run({ addresses, timeoutMs: 1_000 }), never)
    const lost = addresses.filter((address) => !results.get(address)?.some((rtt) => rtt !== null))
    expect(lost).toEqual([])
  })

  test('that is refused by a router is a lost echo, not a failure', async () => {
    const results = await runFping(run({ addresses: ['203.0.113.7'] }), never)
    expect(results.get('203.0.113.7')).toEqual([null, null])
  })
})

describe('fping that can not do its work', () => {
  // Root itself, but without the capability: what a container has that was given none.
  const UNPRIVILEGED = 'exec setpriv --bounding-set=-net_raw --inh-caps=-net_raw'
  let copy = ''
  let unprivileged = ''
  beforeAll(async () => {
    copy = join(folder, 'fping-copy') // a copy has none of the capabilities of the file
    await copyFile(await whereIs('fping'), copy)
    await chmod(copy, 0o755)
    unprivileged = await program('unprivileged', `#!/bin/sh\n${UNPRIVILEGED} ${copy} "$@"\n`)
  })

  const failure = async (fping: string): Promise<FpingError> =>
    checkFping(fping, never).then(
      () => expect.unreachable('fping worked'),
      (error: unknown) => {
        expect(error).toBeInstanceOf(FpingError)
        return error as FpingError
      },
    )

  test('works where it can', async () => {
    await checkFping('fping', never)
  })

  test('is missing: the message says how to get it, or where to say that it is elsewhere', async () => {
    const error = await failure('/nowhere/fping')
    expect(error.reason).toBe('missing')
    expect(error.message).toBe(
      'no fping at "/nowhere/fping": install it (apt-get install fping) or set collector.fping',
    )
  })

  test('may not open raw sockets: the message says how it may', async () => {
    const error = await failure(unprivileged)
    expect(error.reason).toBe('privilege')
    expect(error.message).toMatch(/must run as root.*setcap cap_net_raw\+ep.*cap_add: \[NET_RAW\]/)
  })

  test('may not even start, as in a container without NET_RAW: the same', async () => {
    const script = `import { runFping } from '${new URL('../../../collector/ping/fping.ts', import.meta.url).href}'
      await runFping(${JSON.stringify(run({ fping: copy }))}, new AbortController().signal)
        .catch((error) => console.log(JSON.stringify({ ...error, message: error.message })))`
    await promisify(execFile)('setcap', ['cap_net_raw+ep', copy])
    const { stdout } = await promisify(execFile)('setpriv', [
      '--bounding-set=-net_raw',
      '--inh-caps=-net_raw',
      process.execPath,
      '--input-type=module',
      '-e',
      script,
    ])
    await promisify(execFile)('setcap', ['-r', copy])
    expect(JSON.parse(stdout)).toMatchObject({
      reason: 'privilege',
      message: expect.stringContaining('cap_add: [NET_RAW]'),
    })
  })

  test('hears no answer on sockets for everybody: an error, not a fleet that looks down', async () => {
    const path = '/proc/sys/net/ipv4/ping_group_range'
    const before = await readFile(path, 'utf8')
    await writeFile(path, '0 2147483647')
    // A newer fping than 5.1 works without privilege, and then there is nothing to tell.
    const outcome = await checkFping(unprivileged, never).catch((error: FpingError) => error.reason)
    const heard = (await runFping(run({ fping: unprivileged, count: 1 }), never)).get('198.18.0.1')
    await writeFile(path, before)
    expect(outcome).toBe(heard?.[0] === null ? 'privilege' : undefined)
  })

  test('hears nothing because this machine is told to be silent: no error', async () => {
    const path = '/proc/sys/net/ipv4/icmp_echo_ignore_all'
    await writeFile(path, '1')
    try {
      await checkFping('fping', never)
    } finally {
      await writeFile(path, '0')
    }
  })

  test.each([
    [
      'it ends with an error',
      '#!/bin/sh\necho "fping: out of memory" >&2\nexit 4\n',
      'out of memory',
    ],
    ['it ends with an error and no word', '#!/bin/sh\nexit 3\n', 'code 3: no output'],
    ['it says nothing of any address', '#!/bin/sh\nexit 0\n', 'code 0: no output'],
    ['it is killed', '#!/bin/sh\nkill -9 $$\n', 'no output'],
    ['it never ends', '#!/bin/sh\nexec sleep 600\n', 'did not end within'],
  ])('%s', async (what, text, message) => {
    const error = await failure(await program(what.replaceAll(' ', '-'), text))
    expect(error.reason).toBe('failed')
    expect(error.message).toContain(message)
  })

  test('is no program', async () => {
    const path = join(folder, 'no-program')
    await writeFile(path, '')
    expect((await failure(path)).message).toMatch(/^can't start fping: .*EACCES/)
  })
})

async function whereIs(name: string): Promise<string> {
  const { stdout } = await promisify(execFile)('which', [name])
  return stdout.trim()
}
