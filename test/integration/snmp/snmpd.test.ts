import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Rows,
  createClient,
  createPduLimits,
} from '../../../collector/snmp/protocol/client.ts'
import { openSession } from '../../../collector/snmp/protocol/session.ts'
import { textOf } from '../../../collector/snmp/values/value-text.ts'
import { type Transport, openTransport } from '../../../collector/snmp/protocol/transport.ts'
import { CREDENTIALS, IDENTITY, SLOT, deviceAt, pollerOf, valueOf } from './poll-fixture.ts'
import { type Snmpd, snmpget, startSnmpd } from './snmpd.ts'

const INTERFACE = '1.3.6.1.2.1.2.2.1'
const LOOPBACK = { ifIndex: '1', ifName: 'lo', ifDescr: 'lo' }

let snmpd: Snmpd
let transport: Transport

beforeAll(async () => {
  snmpd = await startSnmpd({ port: 16_161 })
  transport = await openTransport(new AbortController().signal)
})
afterAll(async () => {
  await transport[Symbol.asyncDispose]()
  await snmpd[Symbol.asyncDispose]()
})

describe.each(['v1', 'v2c'] as const)('a poll of a real snmpd over %s', (credential) => {
  test('tells what snmpget tells', async () => {
    const result = await pollerOf(transport, deviceAt(snmpd, { credentials: [credential] }))()
    const version = credential === 'v1' ? '1' : '2c'
    const [descr, objectId, name, ifNumber, admin, oper] = await snmpget({ ...snmpd, version }, [
      '1.3.6.1.2.1.1.1.0',
      '1.3.6.1.2.1.1.2.0',
      '1.3.6.1.2.1.1.5.0',
      '1.3.6.1.2.1.2.1.0',
      `${INTERFACE}.7.1`,
      `${INTERFACE}.8.1`,
    ])
    expect(result.failure).toBeNull()
    expect(result.texts).toEqual({
      sysDescr: unquote(descr),
      sysObjectID: objectId?.replace(/^\./, ''),
      sysName: unquote(name),
    })
    expect(valueOf(result, 'ifNumber')).toBe(Number(ifNumber))
    expect(valueOf(result, 'ifAdminStatus', LOOPBACK)).toBe(Number(admin))
    expect(valueOf(result, 'ifOperStatus', LOOPBACK)).toBe(Number(oper))
  })

  test('reads counters that lie between two of snmpget', async () => {
    const [metric, oid] =
      credential === 'v1'
        ? ['ifInOctets', `${INTERFACE}.10.1`]
        : ['ifHCInOctets', '1.3.6.1.2.1.31.1.1.1.6.1']
    const read = async (): Promise<number[]> =>
      (await snmpget(snmpd, [oid, '1.3.6.1.2.1.1.3.0'])).map(Number)
    const poll = pollerOf(transport, deviceAt(snmpd, { credentials: [credential] }))
    const before = await read()
    const result = await poll()
    const after = await read()
    for (const [i, name] of [metric, 'sysUpTime'].entries()) {
      const value = valueOf(result, name)
      expect(value).toBeGreaterThanOrEqual(before[i] ?? Infinity)
      expect(value).toBeLessThanOrEqual(after[i] ?? -Infinity)
    }
  })

  test('gives every sample the slot and the identity of its device', async () => {
    const { samples } = await pollerOf(transport, deviceAt(snmpd, { credentials: [credential] }))()
    expect(samples.length).toBeGreaterThanOrEqual(3)
    for (const sample of samples) {
      expect(sample.at).toBe(SLOT)
      expect(sample.labels).toMatchObject(IDENTITY)
    }
  })
})

test('a table is walked to its end with the columns side by side, over v1 as over v2c', async () => {
  const columns = ['1', '2', '3', '4', '7', '8'].map((column) => `${INTERFACE}.${column}`)
  const tables = await Promise.all(
    (['v1', 'v2c'] as const).map(async (name) => {
      const session = openSession(transport, { ...snmpd, credential: CREDENTIALS[name] ?? fail() })
      const asking = {
        tries: 2,
        waitMs: 2000,
        deadlineAt: performance.now() + 10_000,
        counts: { pdus: 0, errors: 0 },
      }
      const rows: Rows = new Map()
      await createClient(session, { limits: createPduLimits(), asking }).walkColumns(columns, rows)
      session.close()
      return new Map(
        [...rows].map(([index, row]) => [index, row.map((cell) => cell && textOf(cell))]),
      )
    }),
  )
  expect(tables[0]?.get('1')).toEqual(['1', 'lo', '24', '65536', '1', expect.any(String)])
  expect(tables[1]).toEqual(tables[0])
})

test('the credential that a device answers to is found and remembered', async () => {
  const device = deviceAt(snmpd, { credentials: ['other', 'v2c'], timeoutMs: 900 })
  const poll = pollerOf(transport, device)
  const first = await poll()
  const second = await poll()
  expect([first, second].map((result) => valueOf(result, 'snmp_up'))).toEqual([1, 1])
  expect(valueOf(first, 'snmp_errors')).toBe(1)
  expect(valueOf(second, 'snmp_errors')).toBe(0)
})

test('a community that the agent does not know is a timeout: it says nothing', async () => {
  const device = deviceAt(snmpd, { credentials: ['other'], timeoutMs: 600 })
  const result = await pollerOf(transport, device)()
  expect(valueOf(result, 'snmp_up')).toBe(0)
  expect(result.failure?.reason).toBe('timeout')
})

const unquote = (text = ''): string => text.replace(/^"|"$/g, '').replaceAll('\\"', '"')

function fail(): never {
  throw new Error('no such credential in the fixture')
}
