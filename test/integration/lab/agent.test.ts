import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AgentsProcess, startAgents } from '../../../lab/agents.ts'
import { type Network, openNetwork } from '../../../lab/network.ts'
import type { AgentSpec } from '../../../lab/simulated-device.ts'
import { waitFor } from '../../wait.ts'

const run = promisify(execFile)
const SYS_NAME = '1.3.6.1.2.1.1.5.0'
const SYS_UPTIME = '1.3.6.1.2.1.1.3.0'
const HC_IN_OCTETS = '1.3.6.1.2.1.31.1.1.1.6'
const IF_X_TABLE = '1.3.6.1.2.1.31.1.1'

const spec = (address: string): AgentSpec => ({
  address,
  seed: address,
  community: 'branch-read',
  interfaces: 10,
  name: `device ${address}`,
  description: 'Cisco ISR 4331, simulated',
  objectId: '1.3.6.1.4.1.9.1.2068',
})

let network: Network
let agents: AgentsProcess
beforeAll(async () => {
  network = await openNetwork()
  agents = await startAgents(
    ['198.18.1.1', '198.18.1.2', '198.18.1.3', '2001:db8::7'].map((address) => spec(address)),
  )
})
afterAll(async () => {
  await agents[Symbol.asyncDispose]()
  await network[Symbol.asyncDispose]()
})

/** What a program of Debian's snmp package says: its lines, or the error's. */
async function ask(program: string, version: string, address: string, ...oids: string[]) {
  const quickly = ['-v', version, '-c', 'branch-read', '-r', '0', '-t', '1', '-On', '-Ot', '-m', '']
  try {
    const { stdout } = await run(program, [...quickly, address, ...oids])
    return stdout.trim().split('\n')
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    return `${stdout}\n${stderr}`.trim().split('\n')
  }
}

describe('an SNMP agent of the lab', () => {
  test('answers GET of the system group to v2c', async () => {
    const oids = [1, 2, 5].map((place) => `1.3.6.1.2.1.1.${place}.0`)
    expect(await ask('snmpget', '2c', '198.18.1.1', ...oids, '1.3.6.1.2.1.2.1.0')).toEqual([
      '.1.3.6.1.2.1.1.1.0 = STRING: "Cisco ISR 4331, simulated"',
      '.1.3.6.1.2.1.1.2.0 = OID: .1.3.6.1.4.1.9.1.2068',
      '.1.3.6.1.2.1.1.5.0 = STRING: "device 198.18.1.1"',
      '.1.3.6.1.2.1.2.1.0 = INTEGER: 10',
    ])
  })

  test('answers over IPv6', async () => {
    expect(await ask('snmpget', '2c', 'udp6:[2001:db8::7]:161', SYS_NAME)).toEqual([
      '.1.3.6.1.2.1.1.5.0 = STRING: "device 2001:db8::7"',
    ])
  })

  test('tells an unknown object from an unknown instance', async () => {
    const [object, instance] = await ask(
      'snmpget',
      '2c',
      '198.18.1.1',
      '1.3.6.1.2.1.1.99.0',
      '1.3.6.1.2.1.1.5.1',
    )
    expect(object).toContain('No Such Object')
    expect(instance).toContain('No Such Instance')
  })

  test('answers v1, where an unknown name and a Counter64 are errors', async () => {
    expect(await ask('snmpget', '1', '198.18.1.1', SYS_NAME)).toEqual([
      '.1.3.6.1.2.1.1.5.0 = STRING: "device 198.18.1.1"',
    ])
    expect((await ask('snmpget', '1', '198.18.1.1', '1.3.9.9')).join()).toContain('noSuchName')
    expect((await ask('snmpget', '1', '198.18.1.1', `${HC_IN_OCTETS}.1`)).join()).toContain(
      'noSuchName',
    )
  })

  test('steps over Counter64 when v1 walks', async () => {
    const lines = await ask('snmpwalk', '1', '198.18.1.1', IF_X_TABLE)
    expect(lines.filter((line) => line.startsWith('.1.3')).length).toBeGreaterThan(100)
    expect(lines.join()).not.toContain('Counter64')
  })

  test('gives ifXTable in order, every column of every interface, to a bulk walk', async () => {
    const lines = await ask('snmpbulkwalk', '2c', '198.18.1.1', IF_X_TABLE)
    const walked = lines
      .filter((line) => line.startsWith('.1.3') && !line.includes('No more variables'))
      .map((line) => line.split(' ')[0])
    const columns = Array.from({ length: 19 }, (_, place) => place + 1)
    const rows = Array.from({ length: 10 }, (_, place) => place + 1)
    expect(walked).toEqual(
      columns.flatMap((column) => rows.map((row) => `.${IF_X_TABLE}.1.${column}.${row}`)),
    )
  })

  test.each(['snmpwalk', 'snmpbulkwalk'])(
    'ends a %s of everything with endOfMibView',
    async (walk) => {
      const lines = await ask(walk, '2c', '198.18.1.1', '.1')
      expect(lines.at(-1)).toContain('No more variables left in this MIB View')
    },
  )

  test('has interface names of every encoding', async () => {
    const aliases = await ask('snmpbulkwalk', '2c', '198.18.1.1', `${IF_X_TABLE}.1.18`)
    expect(aliases.find((line) => line.includes('.18.3 '))).toContain(
      'Hex-STRING: 5A 77 65 69 67 73 74 65 6C 6C 65 20 5A FC 72 69',
    )
    expect(aliases.find((line) => line.includes('.18.4 '))).toContain('""')
  })

  test('cuts a bulk answer to what fits one datagram', async () => {
    const quickly = ['-v2c', '-c', 'branch-read', '-r', '0', '-t', '1', '-On', '-m', '', '-Cr500']
    const { stdout } = await run('snmpbulkget', [...quickly, '198.18.1.1', '1.3.6.1.2.1.2.2'])
    const count = stdout.split('\n').filter((line) => line.startsWith('.1.3')).length
    expect(count).toBeGreaterThan(40)
    expect(count).toBeLessThan(100)
  })

  test('lets its counters grow', async () => {
    const read = async () => {
      const [line = ''] = await ask('snmpget', '2c', '198.18.1.1', `${HC_IN_OCTETS}.1`)
      return BigInt(line.split('Counter64: ')[1] ?? '-1')
    }
    const first = await read()
    expect(await waitFor(async () => (await read()) > first)).toBe(true)
  })

  test('is silent to another community', async () => {
    const lines = await run('snmpget', [
      '-v2c',
      '-c',
      'guess',
      '-r',
      '0',
      '-t',
      '0.3',
      '198.18.1.1',
      SYS_NAME,
    ]).catch((error: { stderr: string }) => error.stderr)
    expect(lines).toContain('Timeout')
  })

  test('is not reached while its address is down', async () => {
    await network.down(['198.18.1.2'])
    const during = await ask('snmpget', '2c', '198.18.1.2', SYS_NAME)
    await network.up(['198.18.1.2'])
    const after = await ask('snmpget', '2c', '198.18.1.2', SYS_NAME)
    expect(during.join()).toContain('Timeout')
    expect(after.join()).toContain('device 198.18.1.2')
  })

  test('falls silent and speaks again', async () => {
    await agents.change(['198.18.1.2'], { silent: true })
    const silent = await ask('snmpget', '2c', '198.18.1.2', SYS_NAME)
    const other = await ask('snmpget', '2c', '198.18.1.1', SYS_NAME)
    await agents.change(['198.18.1.2'], { silent: false })
    const speaking = await ask('snmpget', '2c', '198.18.1.2', SYS_NAME)
    expect(silent.join()).toContain('Timeout')
    expect(other.join()).toContain('device 198.18.1.1')
    expect(speaking.join()).toContain('device 198.18.1.2')
  })

  test('answers late when told to', async () => {
    await agents.change(['198.18.1.2'], { delayMs: 400 })
    const startedAt = performance.now()
    await ask('snmpget', '2c', '198.18.1.2', SYS_NAME)
    await agents.change(['198.18.1.2'], { delayMs: 0 })
    expect(performance.now() - startedAt).toBeGreaterThan(390)
  })

  test('starts its uptime and its counters again when rebooted', async () => {
    const uptime = async () =>
      Number((await ask('snmpget', '2c', '198.18.1.3', SYS_UPTIME))[0]?.split(' = ')[1])
    expect(await uptime()).toBeGreaterThan(100_000)
    await agents.change(['198.18.1.3'], { reboot: true })
    expect(await uptime()).toBeLessThan(1_000)
  })

  test('counts what it was asked and how often it answered', async () => {
    const before = await agents.counts()
    await ask('snmpget', '2c', '198.18.1.1', SYS_NAME)
    const after = await agents.counts()
    expect(after.requests - before.requests).toBe(1)
    expect(after.responses - before.responses).toBe(1)
  })

  test('on an address that is taken says which', async () => {
    await expect(startAgents([spec('198.18.1.1')])).rejects.toThrow(
      'no SNMP agent on 198.18.1.1:161',
    )
  })
})
