import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Rows } from '../../../collector/snmp/protocol/client.ts'
import {
  type DropReason,
  type Transport,
  openTransport,
} from '../../../collector/snmp/protocol/transport.ts'
import { encodeResponse } from '../../../lab/snmp-packet.ts'
import { waitFor } from '../../wait.ts'
import { type Behave, honestly, mibOf, silently, startAgent } from './agent.ts'
import { COLUMNS, IF_NUMBER, MIB, SYS_NAME, SYS_UP_TIME, facing, questionsTo } from './questions.ts'

let transport: Transport
beforeAll(async () => {
  transport = await openTransport(new AbortController().signal)
})
afterAll(() => transport[Symbol.asyncDispose]())

/** Sends this along before every honest answer. */
const preceded =
  (by: (honest: Buffer) => Buffer): Behave =>
  (request, outcome) => {
    const honest = encodeResponse(request, outcome)
    return [{ packet: by(honest) }, { packet: honest, afterMs: 10 }]
  }

/** How many packets were dropped for this since. */
function drops(reason: DropReason): () => number {
  const before = transport.counts.dropped[reason]
  return () => transport.counts.dropped[reason] - before
}

describe('an agent that does not answer (E2)', () => {
  test('costs as many requests as there are tries, each with an id of its own', async () => {
    await using setting = await facing(transport, silently, { waitMs: 50 })
    await expect(setting.get(SYS_UP_TIME)).rejects.toMatchObject({ reason: 'timeout' })
    expect(setting.counts).toEqual({ pdus: 2, errors: 2 })
    await waitFor(() => setting.agent.requests.length === 2)
    const ids = new Set(setting.agent.requests.map(({ request }) => request.requestId))
    expect(ids.size).toBe(2)
  })

  test('is not waited for past the deadline', async () => {
    await using setting = await facing(transport, silently, { waitMs: 10_000, timeoutMs: 200 })
    const startedAt = performance.now()
    await expect(setting.get(SYS_UP_TIME)).rejects.toMatchObject({ reason: 'timeout' })
    expect(performance.now() - startedAt).toBeLessThan(5_000)
  })

  test('is not asked at all past the deadline', async () => {
    await using setting = await facing(transport, honestly, { timeoutMs: 0 })
    await expect(setting.get(SYS_UP_TIME)).rejects.toMatchObject({ reason: 'timeout' })
    expect(setting.counts).toEqual({ pdus: 0, errors: 0 })
  })

  test('loses nothing when it lost one request', async () => {
    await using setting = await facing(
      transport,
      (request, outcome, number) => (number === 1 ? [] : honestly(request, outcome, number)),
      { waitMs: 50 },
    )
    expect((await setting.get(SYS_UP_TIME)).get(SYS_UP_TIME)?.value).toBe(123_456)
    expect(setting.counts).toEqual({ pdus: 2, errors: 1 })
  })

  test('in the middle of a walk leaves what was read before', async () => {
    await using setting = await facing(
      transport,
      (request, outcome, number) => (number < 3 ? honestly(request, outcome, number) : []),
      { of: mibOf({ name: 'acc-1', interfaces: 200 }), waitMs: 30 },
    )
    const rows: Rows = new Map()
    await expect(setting.walk(COLUMNS, rows)).rejects.toMatchObject({ reason: 'timeout' })
    expect(rows.get('30')?.[1]?.value).toEqual(Buffer.from('Gi0/30'))
  })
})

describe('a late answer (E2)', () => {
  test('to the first request counts while the second is waited for', async () => {
    await using setting = await facing(
      transport,
      (request, outcome, number) =>
        number === 1 ? [{ packet: encodeResponse(request, outcome), afterMs: 150 }] : [],
      { waitMs: 100, timeoutMs: 5_000 },
    )
    expect((await setting.get(SYS_UP_TIME)).size).toBe(1)
    expect(setting.counts).toEqual({ pdus: 2, errors: 1 })
  })

  test('after the last wait is dropped, and does not answer the next question', async () => {
    const late = drops('late')
    await using setting = await facing(
      transport,
      (request, outcome, number) => [
        { packet: encodeResponse(request, outcome), afterMs: number === 1 ? 100 : 0 },
      ],
      { waitMs: 50, tries: 1 },
    )
    await expect(setting.get(SYS_UP_TIME)).rejects.toMatchObject({ reason: 'timeout' })
    await waitFor(() => late() === 1, { what: 'the late answer to be counted' })
    expect([...(await setting.get(IF_NUMBER)).keys()]).toEqual([IF_NUMBER])
  })

  test('that is a second one is dropped', async () => {
    const late = drops('late')
    await using setting = await facing(transport, (request, outcome) => {
      const packet = encodeResponse(request, outcome)
      return [{ packet }, { packet }]
    })
    expect((await setting.get(SYS_UP_TIME)).size).toBe(1)
    await waitFor(() => late() === 1, { what: 'the second answer to be counted' })
  })
})

describe('packets that are no answer are dropped, counted, and cost nothing (E2)', () => {
  /** With the authentication flag, at which net-snmp would throw out of a v2c session. */
  const V3 = Buffer.from(
    '303e020103301002014d020300ffe304010502010304003027040080000000'.padEnd(128, '0'),
    'hex',
  )
  test.each([
    ['garbage', 'malformed', () => Buffer.from('\xff\x00 not SNMP at all', 'latin1')],
    ['nothing', 'malformed', () => Buffer.alloc(0)],
    ['a truncated answer', 'malformed', (honest: Buffer) => honest.subarray(0, honest.length - 5)],
    [
      'a request instead of a response',
      'malformed',
      (honest: Buffer) => patched(honest, honest.indexOf(0xa2), 0xa0),
    ],
    ['an SNMPv3 message', 'version', () => V3],
    ['a v1 answer', 'version', (honest: Buffer) => patched(honest, versionAt(honest), 0)],
    [
      'another community',
      'community',
      (honest: Buffer) => patched(honest, honest.indexOf('public'), 0x58),
    ],
    ['another id', 'late', (honest: Buffer) => flipped(honest, idAt(honest))],
  ] as const)('%s before each answer', async (_what, reason, forge) => {
    const dropped = drops(reason)
    await using setting = await facing(transport, preceded(forge))
    expect((await setting.get(SYS_UP_TIME, SYS_NAME)).size).toBe(2)
    expect((await setting.walk(COLUMNS)).size).toBe(12)
    expect(setting.counts.errors).toBe(0)
    expect(dropped()).toBe(setting.agent.requests.length)
  })

  test('an answer whose inside is garbled', async () => {
    const before = transport.counts.broken
    // The length of the last value.
    await using setting = await facing(
      transport,
      preceded((honest) => patched(honest, honest.length - 2, 0x7f)),
      { of: [{ oid: SYS_UP_TIME, value: { type: 'integer', value: 1 } }] },
    )
    expect((await setting.get(SYS_UP_TIME)).size).toBe(1)
    expect(transport.counts.broken - before).toBe(1)
  })

  test('an answer to another session of the same agent', async () => {
    await using setting = await facing(transport, honestly)
    const other = questionsTo(transport, setting.agent)
    const values = await Promise.all([setting.get(SYS_UP_TIME), other.get(SYS_NAME)])
    expect(values.map((found) => [...found.keys()])).toEqual([[SYS_UP_TIME], [SYS_NAME]])
    other.close()
  })

  test('a packet from where no session is', async () => {
    const unasked = drops('unasked')
    await using setting = await facing(transport, (request, outcome) => [
      { packet: encodeResponse({ ...request, requestId: 99 }, outcome), elsewhere: true },
      { packet: encodeResponse(request, outcome), afterMs: 10 },
    ])
    expect((await setting.get(SYS_UP_TIME)).size).toBe(1)
    expect(unasked()).toBe(1)
  })
})

describe('an answer from another place than was asked (E2)', () => {
  const elsewhere: Behave = (request, outcome) => [
    { packet: encodeResponse(request, outcome), elsewhere: true },
  ]

  test('is none', async () => {
    const source = drops('source')
    await using setting = await facing(transport, elsewhere, { waitMs: 50 })
    await expect(setting.get(SYS_UP_TIME)).rejects.toMatchObject({ reason: 'timeout' })
    expect(source()).toBe(2)
  })

  test('is one where the device is known for it', async () => {
    await using setting = await facing(transport, elsewhere, { anySource: true })
    expect((await setting.get(SYS_UP_TIME)).size).toBe(1)
  })

  test('is none with another community, whatever the device is known for', async () => {
    const community = drops('community')
    await using setting = await facing(
      transport,
      (request, outcome) => [
        {
          packet: encodeResponse({ ...request, community: 'private' }, outcome),
          elsewhere: true,
        },
      ],
      { anySource: true, tries: 1, waitMs: 50 },
    )
    await expect(setting.get(SYS_UP_TIME)).rejects.toMatchObject({ reason: 'timeout' })
    expect(community()).toBe(1)
  })
})

describe('an address', () => {
  test('without a route is a send error, told apart from silence', async () => {
    const setting = questionsTo(transport, { address: '192.0.2.1', port: 161 }, { waitMs: 20 })
    await expect(setting.get(SYS_UP_TIME)).rejects.toMatchObject({ reason: 'send' })
    setting.close()
  })

  test('that is a name is a send error', () => {
    expect(() => questionsTo(transport, { address: 'switch.example', port: 161 })).toThrow(
      expect.objectContaining({ reason: 'send' }),
    )
  })

  test('of IPv6 is reached, however it is written', async () => {
    await using agent = await startAgent({ address: '::1', mib: MIB })
    const setting = questionsTo(transport, { address: '0:0:0::0001', port: agent.port })
    expect((await setting.get(SYS_UP_TIME)).size).toBe(1)
    setting.close()
  })

  test('that many devices share gives each its own answers', async () => {
    await using agent = await startAgent({ mib: MIB })
    const all = Array.from({ length: 200 }, () => questionsTo(transport, agent))
    const found = await Promise.all(
      all.map(({ get }, i) => get(i % 2 === 0 ? SYS_UP_TIME : SYS_NAME)),
    )
    expect(found.map((values) => [...values.keys()][0])).toEqual(
      all.map((_, i) => (i % 2 === 0 ? SYS_UP_TIME : SYS_NAME)),
    )
    for (const { close } of all) close()
  })
})

describe('when the transport ends', () => {
  test.each(['it is aborted', 'it is closed'])(
    'because %s, everything that waits is told, and nothing is asked any more',
    async (how) => {
      await using agent = await startAgent({ mib: MIB, behave: silently })
      const controller = new AbortController()
      const over = await openTransport(controller.signal)
      const setting = questionsTo(over, agent)
      const waiting = [setting.get(SYS_UP_TIME), setting.walk(COLUMNS)]
      const outcomes = Promise.allSettled(waiting)
      await waitFor(() => agent.requests.length === 2)
      const reason = new Error('shutting down')
      if (how === 'it is aborted') controller.abort(reason)
      else await over[Symbol.asyncDispose]()
      const expected =
        how === 'it is aborted' ? reason : expect.objectContaining({ reason: 'send' })
      expect(await outcomes).toEqual(waiting.map(() => ({ status: 'rejected', reason: expected })))
      await expect(setting.get(SYS_UP_TIME)).rejects.toEqual(expected)
      expect(over.requests.size).toBe(0)
      expect(over.outstanding.all()).toEqual([])
      if (how === 'it is aborted') await over[Symbol.asyncDispose]()
    },
  )
})

test('ids of requests are spread over 31 bits, in no order', async () => {
  await using setting = await facing(transport, honestly)
  for (let i = 0; i < 200; i++) await setting.get(SYS_UP_TIME)
  const ids = setting.agent.requests.map(({ request }) => request.requestId)
  expect(new Set(ids).size).toBe(200)
  expect(Math.min(...ids)).toBeGreaterThan(0)
  expect(Math.max(...ids)).toBeLessThan(2 ** 31)
  // A run of either direction of half that length has a chance of 1 in 10^150.
  const rises = ids.filter((id, i) => i > 0 && id > (ids[i - 1] ?? 0)).length
  expect(rises).toBeGreaterThan(50)
  expect(rises).toBeLessThan(150)
  expect(ids.filter((id) => id > 2 ** 30).length).toBeGreaterThan(50)
})

function patched(packet: Buffer, at: number, byte: number): Buffer {
  const copy = Buffer.from(packet)
  copy[at] = byte
  return copy
}

const flipped = (packet: Buffer, at: number): Buffer => patched(packet, at, (packet[at] ?? 0) ^ 1)

const versionAt = (packet: Buffer): number => headAt(packet) + 2
/** The first byte of the request's id, behind `public` and the head of the PDU. */
const idAt = (packet: Buffer): number => {
  const pdu = packet.indexOf(0xa2)
  return pdu + 2 + lengthBytes(packet, pdu) + 2
}
const headAt = (packet: Buffer): number => 2 + lengthBytes(packet, 0)
const lengthBytes = (packet: Buffer, at: number): number =>
  (packet[at + 1] ?? 0) < 0x80 ? 0 : (packet[at + 1] ?? 0) - 0x80
