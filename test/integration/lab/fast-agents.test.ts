import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type FastAgents, fastAddresses, startFastAgents } from '../../../lab/fast-agents.ts'
import { type Network, openNetwork } from '../../../lab/network.ts'
import { waitFor } from '../../wait.ts'

const run = promisify(execFile)
const SYS_UPTIME = '1.3.6.1.2.1.1.3.0'
const IF_NUMBER = '1.3.6.1.2.1.2.1.0'
const IF_ENTRY = '1.3.6.1.2.1.2.2.1'
const IF_X_ENTRY = '1.3.6.1.2.1.31.1.1.1'
const [first = '', second = ''] = fastAddresses(2)
const INTERFACES = 48

let network: Network
let agents: FastAgents
beforeAll(async () => {
  network = await openNetwork()
  agents = await startFastAgents({
    addresses: [first, second],
    community: 'public',
    interfaces: INTERFACES,
  })
})
afterAll(async () => {
  await agents[Symbol.asyncDispose]()
  await network[Symbol.asyncDispose]()
})

const QUICKLY = ['-c', 'public', '-r', '0', '-t', '1', '-On', '-Ot', '-m', '']

/** The lines that a program of Debian's snmp package prints, or its error's. */
async function ask(program: string, version: string, address: string, ...rest: string[]) {
  try {
    const { stdout } = await run(program, ['-v', version, ...QUICKLY, address, ...rest])
    return stdout.trim().split('\n')
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    return `${stdout}\n${stderr}`.trim().split('\n')
  }
}

async function read(address: string, oid: string): Promise<bigint> {
  const [line = ''] = await ask('snmpget', '2c', address, oid)
  return BigInt(/(\d+)$/.exec(line)?.[1] ?? '-1')
}

describe('a fast SNMP agent', () => {
  test('answers GET of five scalars', async () => {
    const counters = [`${IF_ENTRY}.10.1`, `${IF_ENTRY}.8.1`, `${IF_X_ENTRY}.6.1`]
    const lines = await ask('snmpget', '2c', first, SYS_UPTIME, IF_NUMBER, ...counters)
    expect(lines.map((line) => line.replace(/\d+$/, 'n'))).toEqual([
      `.${SYS_UPTIME} = n`,
      `.${IF_NUMBER} = INTEGER: n`,
      `.${IF_ENTRY}.10.1 = Counter32: n`,
      `.${IF_ENTRY}.8.1 = INTEGER: n`,
      `.${IF_X_ENTRY}.6.1 = Counter64: n`,
    ])
    expect(lines[1]).toMatch(/INTEGER: 48$/)
  })

  test.each([
    ['snmpwalk', '1'],
    ['snmpwalk', '2c'],
    ['snmpbulkwalk', '2c'],
  ])('gives every row of every column of ifTable to %s v%s, in order', async (program, version) => {
    const lines = await ask(program, version, first, IF_ENTRY)
    const columns = Array.from({ length: 20 }, (_, place) => place + 1)
    const rows = Array.from({ length: INTERFACES }, (_, place) => place + 1)
    expect(lines.map((line) => line.split(' ')[0])).toEqual(
      columns.flatMap((column) => rows.map((row) => `.${IF_ENTRY}.${column}.${row}`)),
    )
  })

  test.each(['1', '50'])('answers a bulk walk of %s repetitions', async (repetitions) => {
    const lines = await ask('snmpbulkwalk', '2c', first, `-Cr${repetitions}`, `${IF_X_ENTRY}.6`)
    const expected = Array.from({ length: INTERFACES }, (_, at) => `.${IF_X_ENTRY}.6.${at + 1}`)
    expect(lines.map((line) => line.split(' ')[0])).toEqual(expected)
  })

  test.each([
    ['sysUpTime', SYS_UPTIME],
    ['a Counter32', `${IF_ENTRY}.10.1`],
    ['a Counter64', `${IF_X_ENTRY}.6.1`],
  ])('lets %s grow, in the answer to the same question', async (_what, oid) => {
    const before = await read(first, oid)
    expect(before).toBeGreaterThan(0n)
    expect(await waitFor(async () => (await read(first, oid)) > before)).toBe(true)
  })

  test('has counters of its own, and so has each of its rows', async () => {
    const values = await Promise.all([
      read(first, `${IF_ENTRY}.10.1`),
      read(second, `${IF_ENTRY}.10.1`),
    ])
    expect(new Set(values).size).toBe(2)
    const lines = await ask('snmpbulkwalk', '2c', first, `${IF_X_ENTRY}.10`)
    expect(new Set(lines.map((line) => line.split(': ')[1])).size).toBe(INTERFACES)
  })

  test('says what it does not have', async () => {
    const [line] = await ask('snmpget', '2c', first, '1.3.6.1.2.1.1.99.0')
    expect(line).toContain('No Such Object')
    expect((await ask('snmpget', '1', first, '1.3.9.9')).join()).toContain('noSuchName')
    expect((await ask('snmpbulkwalk', '2c', first, '.1.3.6.1.2.1.31')).at(-1)).toContain(
      'No more variables',
    )
  })

  test('is silent to another community, and when it is told to be', async () => {
    const other = ['-v2c', '-c', 'guess', '-r', '0', '-t', '0.3', first, SYS_UPTIME]
    await expect(run('snmpget', other)).rejects.toThrow('Timeout')
    await agents.silence([first])
    expect((await ask('snmpget', '2c', first, SYS_UPTIME)).join()).toContain('Timeout')
    expect(await read(second, SYS_UPTIME)).toBeGreaterThan(0n)
    await agents.silence([])
    expect(await read(first, SYS_UPTIME)).toBeGreaterThan(0n)
  })

  test('answers as late as it is told', async () => {
    await agents.delay(300)
    const askedAt = performance.now()
    expect(await read(first, SYS_UPTIME)).toBeGreaterThan(0n)
    expect(performance.now() - askedAt).toBeGreaterThan(290)
    await agents.delay(0)
  })

  test('counts what it was asked and what it answered', async () => {
    const before = await agents.counts()
    await read(first, SYS_UPTIME)
    const after = await agents.counts()
    expect(after.requests - before.requests).toBe(1)
    expect(after.answers - before.answers).toBe(1)
  })
})
