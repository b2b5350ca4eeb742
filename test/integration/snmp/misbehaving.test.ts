import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMemory } from '../../../collector/snmp/memory.ts'
import { pollDevice } from '../../../collector/snmp/poll.ts'
import { type Transport, openTransport } from '../../../collector/snmp/transport.ts'
import type { SnmpSettings } from '../../../lib/inventory.ts'
import { ERROR_STATUS, encodeResponse } from '../../../lab/snmp-packet.ts'
import { waitFor } from '../../wait.ts'
import {
  type Behave,
  type Mib,
  answerOf,
  binding,
  honestly,
  mibOf,
  refusal,
  silently,
  startAgent,
} from './agent.ts'
import { CREDENTIALS, SLOT, deviceAt, pollerOf, valueOf } from './poll-fixture.ts'

const SYS_UP_TIME = '1.3.6.1.2.1.1.3.0'
const IF_OPER_STATUS = '1.3.6.1.2.1.2.2.1.8'
const IF_NAME = '1.3.6.1.2.1.31.1.1.1.1'
const mib = mibOf({ name: 'acc-1', interfaces: 12 })

let transport: Transport
beforeAll(async () => void (transport = await openTransport()))
afterAll(() => transport[Symbol.asyncDispose]())

/** An agent of this behaviour and a way to poll it; first waits are a third of the deadline. */
async function facing(behave: Behave, snmp: Partial<SnmpSettings> = {}, of: Mib = mib) {
  const agent = await startAgent({ mib: of, behave })
  const poll = pollerOf(transport, deviceAt(agent, { timeoutMs: 900, ...snmp }))
  return { agent, poll, [Symbol.asyncDispose]: () => agent[Symbol.asyncDispose]() }
}

/** Sends this along before every honest answer. */
const preceded =
  (by: (honest: Buffer) => Buffer): Behave =>
  (request, outcome) => {
    const honest = encodeResponse(request, outcome)
    return [{ packet: by(honest) }, { packet: honest, afterMs: 10 }]
  }

describe('an agent that does not answer', () => {
  test('costs two requests and the deadline at most, and is snmp_up 0', async () => {
    await using setting = await facing(silently)
    const startedAt = performance.now()
    const result = await setting.poll()
    expect(valueOf(result, 'snmp_up')).toBe(0)
    expect(valueOf(result, 'snmp_pdus')).toBe(2)
    expect(result.failure?.reason).toBe('timeout')
    expect(performance.now() - startedAt).toBeLessThan(1_500)
  })

  test('is asked once only when it failed last time', async () => {
    await using setting = await facing(silently)
    await setting.poll()
    expect(valueOf(await setting.poll(), 'snmp_pdus')).toBe(1)
  })

  test('loses nothing when it lost one request', async () => {
    await using setting = await facing((request, outcome, number) =>
      number === 1 ? [] : honestly(request, outcome, number),
    )
    const result = await setting.poll()
    expect(valueOf(result, 'snmp_up')).toBe(1)
    expect(valueOf(result, 'snmp_errors')).toBe(1)
  })

  test('in the middle of a poll leaves snmp_up 0 and what was read before', async () => {
    await using setting = await facing((request, outcome, number) =>
      request.operation === 'get' ? honestly(request, outcome, number) : [],
    )
    const result = await setting.poll()
    expect(valueOf(result, 'snmp_up')).toBe(0)
    expect(valueOf(result, 'sysUpTime')).toBe(123_456)
    expect(result.texts).toMatchObject({ sysName: 'acc-1' })
  })
})

describe('packets that are no answer are dropped, counted, and cost nothing', () => {
  const V3 = Buffer.from(
    '303e020103301002014d020300ffe304010502010304003027040080000000'.padEnd(128, '0'),
    'hex',
  )
  test.each([
    ['garbage', 'malformed', () => Buffer.from('\xff\x00 not SNMP at all', 'latin1')],
    ['nothing', 'malformed', () => Buffer.alloc(0)],
    ['a truncated answer', 'malformed', (honest: Buffer) => honest.subarray(0, honest.length - 5)],
    ['an SNMPv3 message', 'version', () => V3],
    ['a v1 answer', 'version', (honest: Buffer) => patched(honest, versionAt(honest), 0)],
    [
      'another community',
      'community',
      (honest: Buffer) => patched(honest, honest.indexOf('public'), 0x58),
    ],
    ['another id', 'late', (honest: Buffer) => patched(honest, idAt(honest), 0x11)],
  ] as const)('%s before each answer', async (_what, reason, forge) => {
    const before = transport.counts.dropped[reason]
    await using setting = await facing(preceded(forge))
    const result = await setting.poll()
    expect(valueOf(result, 'snmp_up')).toBe(1)
    expect(valueOf(result, 'snmp_errors')).toBe(0)
    expect(transport.counts.dropped[reason] - before).toBe(setting.agent.requests.length)
  })

  test('an answer whose inside is broken', async () => {
    const before = transport.counts.broken
    await using setting = await facing((request, outcome, number) => {
      const honest = encodeResponse(request, outcome)
      // The type of the last value: one that there is none of.
      const forged = patched(honest, honest.length - 3, 0x5f)
      return number === 1 ? [{ packet: forged }] : [{ packet: honest }]
    })
    const result = await setting.poll()
    expect(valueOf(result, 'snmp_up')).toBe(1)
    expect(transport.counts.broken - before).toBe(1)
  })

  test('an answer from another port', async () => {
    const before = transport.counts.dropped.unasked
    await using setting = await facing((request, outcome) => [
      { packet: encodeResponse(request, outcome), elsewhere: true },
    ])
    const result = await setting.poll()
    expect(result.failure?.reason).toBe('timeout')
    expect(transport.counts.dropped.unasked - before).toBe(2)
  })

  test('the same answer twice', async () => {
    const before = transport.counts.dropped.late
    await using setting = await facing((request, outcome) => {
      const packet = encodeResponse(request, outcome)
      return [{ packet }, { packet }]
    })
    const result = await setting.poll()
    expect(valueOf(result, 'snmp_up')).toBe(1)
    await waitFor(() => transport.counts.dropped.late + transport.counts.dropped.unasked > before, {
      what: 'the second answers to be counted',
    })
  })
})

test('a slow agent is heard: its answer to the first request counts while the second is waited for', async () => {
  await using setting = await facing(
    (request, outcome, number) =>
      number === 1 ? [{ packet: encodeResponse(request, outcome), afterMs: 450 }] : [],
    { modules: ['system'] },
  )
  const result = await setting.poll()
  expect(valueOf(result, 'snmp_up')).toBe(1)
  expect(valueOf(result, 'snmp_pdus')).toBe(2)
})

describe('tables that do not end', () => {
  test('an agent that goes in a circle is left after a few requests', async () => {
    await using setting = await facing((request, outcome, number) =>
      request.operation === 'get-bulk'
        ? [{ packet: encodeResponse(request, { ...outcome, bindings: circle(request.oids) }) }]
        : honestly(request, outcome, number),
    )
    const result = await setting.poll()
    expect(result.failure?.reason).toBe('protocol')
    expect(valueOf(result, 'snmp_up')).toBe(0)
    expect(valueOf(result, 'sysUpTime')).toBe(123_456)
    expect(setting.agent.requests.length).toBeLessThan(5)
  })

  test('an agent that always has one more row is left at the deadline', async () => {
    let row = 0
    await using setting = await facing((request, outcome, number) => {
      if (request.operation !== 'get-bulk') return honestly(request, outcome, number)
      row++
      const bindings = request.oids.map((oid) => {
        const column = oid
          .split('.')
          .slice(0, oid.startsWith('1.3.6.1.2.1.31') ? 11 : 10)
          .join('.')
        return binding({ oid: `${column}.${row}`, value: { type: 'integer', value: 1 } })
      })
      return [{ packet: encodeResponse(request, { ...outcome, bindings }) }]
    })
    const startedAt = performance.now()
    const result = await setting.poll()
    expect(valueOf(result, 'snmp_up')).toBe(0)
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })

  test('an agent that answers with no binding at all has an empty table', async () => {
    await using setting = await facing((request, outcome, number) =>
      request.operation === 'get-bulk'
        ? [{ packet: encodeResponse(request, { ...outcome, bindings: [] }) }]
        : honestly(request, outcome, number),
    )
    const result = await setting.poll()
    expect(valueOf(result, 'snmp_up')).toBe(1)
    expect(valueOf(result, 'ifOperStatus')).toBeUndefined()
  })

  const circle = (oids: readonly string[]) =>
    oids.map((_, i) =>
      binding({
        oid: `${IF_NAME.slice(0, -1)}${[1, 18][i] ?? 1}.1`,
        value: { type: 'integer', value: 1 },
      }),
    )
})

describe('an agent with small packets', () => {
  const small: Behave = (request, outcome, number) =>
    outcome.bindings.length > 4
      ? [{ packet: encodeResponse(request, refusal(request, ERROR_STATUS.tooBig, 0)) }]
      : honestly(request, outcome, number)

  test('is asked for less until it answers, and everything is read', async () => {
    await using setting = await facing(small, { timeoutMs: 3_000 })
    const result = await setting.poll()
    expect(result.failure).toBeNull()
    expect(result.texts).toMatchObject({ sysName: 'acc-1' })
    for (const ifIndex of ['1', '12']) {
      expect(valueOf(result, 'ifHighSpeed', { ifIndex, ifName: `Gi0/${ifIndex}` })).toBe(1000)
    }
  })

  test('is not asked for too much again at the next poll', async () => {
    await using setting = await facing(small, { timeoutMs: 3_000, modules: ['system'] })
    const first = await setting.poll()
    const second = await setting.poll()
    expect([first, second].map((result) => valueOf(result, 'snmp_pdus'))).toEqual([3, 2])
  })
})

describe('v1', () => {
  test('an OID that is missing does not cost the others', async () => {
    const without = mib.filter(({ oid }) => oid !== SYS_UP_TIME)
    await using setting = await facing(honestly, { credentials: ['v1'] }, without)
    const result = await setting.poll()
    expect(result.failure).toBeNull()
    expect(valueOf(result, 'sysUpTime')).toBeUndefined()
    expect(valueOf(result, 'ifNumber')).toBe(12)
  })

  test('an agent that does not say which OID is missing is a failure, not a loop', async () => {
    await using setting = await facing(
      (request) => [
        { packet: encodeResponse(request, refusal(request, ERROR_STATUS.noSuchName, 0)) },
      ],
      { credentials: ['v1'] },
    )
    const result = await setting.poll()
    expect(result.failure?.reason).toBe('no-such-name')
    expect(setting.agent.requests).toHaveLength(1)
  })

  test('has 32-bit counters', async () => {
    await using setting = await facing(honestly, { credentials: ['v1'] })
    const result = await setting.poll()
    expect(valueOf(result, 'ifInOctets', { ifIndex: '12' })).toBe(12)
    expect(valueOf(result, 'ifHCInOctets')).toBeUndefined()
  })
})

describe('64-bit counters', () => {
  test('stand alone where an agent has them', async () => {
    await using setting = await facing(honestly)
    const result = await setting.poll()
    expect(valueOf(result, 'ifHCInOctets', { ifIndex: '12' })).toBe(2 ** 40 + 12)
    expect(valueOf(result, 'ifInOctets')).toBeUndefined()
  })

  test.each([
    ['an agent', () => false],
    ['a row', (index: number) => index !== 12],
  ])('have 32-bit ones in their place where %s has none', async (_what, isWide) => {
    const of = mibOf({ name: 'acc-1', interfaces: 12, isWide })
    await using setting = await facing(honestly, {}, of)
    for (const result of [await setting.poll(), await setting.poll()]) {
      expect(valueOf(result, 'ifInOctets', { ifIndex: '12' })).toBe(12)
      expect(valueOf(result, 'ifHCInOctets', { ifIndex: '12' })).toBeUndefined()
      const isOneWide = isWide(1)
      expect(valueOf(result, 'ifInOctets', { ifIndex: '1' }) === undefined).toBe(isOneWide)
    }
  })
})

describe('the names of interfaces', () => {
  const asksNames = (requests: readonly { request: { oids: readonly string[] } }[]): number =>
    requests.filter(({ request }) => request.oids.includes(IF_NAME)).length

  test('are read again with every tenth poll only', async () => {
    await using setting = await facing(honestly)
    for (let poll = 0; poll < 10; poll++) await setting.poll()
    expect(asksNames(setting.agent.requests)).toBe(1)
    await setting.poll()
    expect(asksNames(setting.agent.requests)).toBe(2)
  })

  test('are read again at once when an interface comes', async () => {
    let interfaces = 2
    await using setting = await facing((request, _outcome, number) => {
      const current = mibOf({ name: 'acc-1', interfaces })
      return honestly(request, answerOf(current, request), number)
    })
    await setting.poll()
    interfaces = 3
    const result = await setting.poll()
    expect(valueOf(result, 'ifOperStatus', { ifIndex: '3', ifName: 'Gi0/3' })).toBe(1)
  })

  test('keep one label set for one interface, so that its series is one', async () => {
    await using setting = await facing(honestly)
    const labels = async () =>
      (await setting.poll()).samples.find(({ fields }) => 'ifHighSpeed' in fields)?.labels
    const first = await labels()
    for (let poll = 0; poll < 10; poll++) await setting.poll()
    expect(await labels()).toBe(first)
  })
})

test('a text in the place of a number is no sample', async () => {
  const odd = mib.map((entry) =>
    entry.oid.startsWith(`${IF_OPER_STATUS}.`) || entry.oid === SYS_UP_TIME
      ? { ...entry, value: { type: 'octets' as const, value: Buffer.from('up') } }
      : entry,
  )
  await using setting = await facing(honestly, {}, odd)
  const result = await setting.poll()
  expect(valueOf(result, 'snmp_up')).toBe(1)
  expect(valueOf(result, 'sysUpTime')).toBeUndefined()
  expect(valueOf(result, 'ifOperStatus')).toBeUndefined()
})

test('an agent that refuses a credential by its error status is told apart from a silent one', async () => {
  await using setting = await facing((request) => [
    { packet: encodeResponse(request, refusal(request, 16, 1)) },
  ])
  expect((await setting.poll()).failure?.reason).toBe('auth')
})

describe('a device that cannot be reached from here', () => {
  test.each([
    ['no route', '192.0.2.1'],
    ['a name where an address belongs', 'switch.example'],
  ])('%s is a send error, told apart from silence', async (_what, address) => {
    const device = deviceAt({ address, port: 161 }, { timeoutMs: 900 })
    const result = await pollerOf(transport, device)()
    expect(result.failure?.reason).toBe('send')
    expect(valueOf(result, 'snmp_up')).toBe(0)
  })

  test('a name that is not resolved yet is snmp_up 0 without a packet', async () => {
    const device = deviceAt({ address: 'switch.example', port: 161 })
    const result = await pollDevice(
      { device, memory: createMemory(), at: SLOT, address: null },
      { transport, credentials: CREDENTIALS },
      new AbortController().signal,
    )
    expect(valueOf(result, 'snmp_up')).toBe(0)
    expect(valueOf(result, 'snmp_pdus')).toBe(0)
  })
})

test('devices that share an address and are polled at once each get their own answers', async () => {
  await using agent = await startAgent({ mib })
  const results = await Promise.all(
    Array.from({ length: 20 }, () => pollerOf(transport, deviceAt(agent))()),
  )
  expect(results.map((result) => valueOf(result, 'snmp_errors'))).toEqual(results.map(() => 0))
})

test('IPv6, however its address is written', async () => {
  await using agent = await startAgent({ address: '::1', mib })
  const device = deviceAt({ address: '0:0:0::0001', port: agent.port })
  const result = await pollerOf(transport, device)()
  expect(result.failure).toBeNull()
})

test('a poll that is aborted gives no result: nothing is known of the device', async () => {
  await using agent = await startAgent({ mib, behave: silently })
  const controller = new AbortController()
  const device = deviceAt(agent)
  const polling = pollDevice(
    { device, memory: createMemory(), at: SLOT, address: agent.address },
    { transport, credentials: CREDENTIALS },
    controller.signal,
  )
  await waitFor(() => agent.requests.length > 0)
  controller.abort(new Error('shutting down'))
  await expect(polling).rejects.toThrow('shutting down')
})

function patched(packet: Buffer, at: number, byte: number): Buffer {
  const copy = Buffer.from(packet)
  copy[at] = byte
  return copy
}

const versionAt = (packet: Buffer): number => headAt(packet) + 2
/** The first byte of the request's id, behind `public` and the head of the PDU. */
const idAt = (packet: Buffer): number => {
  const pdu = packet.indexOf(0xa2)
  return pdu + 2 + lengthBytes(packet, pdu) + 2
}
const headAt = (packet: Buffer): number => 2 + lengthBytes(packet, 0)
const lengthBytes = (packet: Buffer, at: number): number =>
  (packet[at + 1] ?? 0) < 0x80 ? 0 : (packet[at + 1] ?? 0) - 0x80
