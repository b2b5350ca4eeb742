import { BerReader } from 'asn1-ber'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSession } from '../../../collector/snmp/protocol/session.ts'
import { type Transport, openTransport } from '../../../collector/snmp/protocol/transport.ts'
import { Secret } from '../../../lib/secret.ts'
import type { V3Answer } from '../../../lab/v3-answer.ts'
import {
  element,
  integer,
  pduIn,
  reportPdu,
  scopedPdu,
  writeV3Message,
} from '../../../lab/v3-packet.ts'
import { type Asked, type V3Agent, openV3Agent } from './v3-agent.ts'
import { NAME, askName, askingOf, failureOf, openUser } from './v3-fixture.ts'

const OPEN = { user: 'wardline' }
const SIGNING = { ...OPEN, auth_protocol: 'SHA256', auth_password: 'auth-password' }
const HIDING = { ...SIGNING, priv_protocol: 'AES', priv_password: 'priv-password' }
const MALLORY = Buffer.from('80001f8804ffffffff', 'hex')
const NO_BYTES = Buffer.alloc(0)

let transport: Transport
beforeAll(async () => {
  transport = await openTransport(new AbortController().signal)
})
afterAll(() => transport[Symbol.asyncDispose]())

/** The system's name, as somebody else would have it. */
function forgedPdu(requestId: number): Buffer {
  const oid = element(0x06, Buffer.from([0x2b, 6, 1, 2, 1, 1, 5, 0]))
  const binding = element(0x30, oid, element(0x04, Buffer.from('forged')))
  return element(0xa2, integer(requestId), integer(0), integer(0), element(0x30, binding))
}

/** The inner one, which is in the clear where nothing is encrypted. */
function requestIdOf({ flags, data }: Asked): number {
  const pdu = (flags & 2) === 0 ? pduIn(data) : null
  if (pdu === null) return 1
  const reader = new BerReader(pdu)
  reader.readSequence()
  return reader.readInt() ?? 1
}

type Forgery = Partial<{
  flags: number
  engineId: Buffer
  user: Buffer
  digestBytes: number
  pdu: Buffer
}>

/** What anybody can make who sees a request: everything but a digest. */
function forge(request: Asked, forgery: Forgery = {}): Buffer {
  const { flags = 0, engineId = request.engineId, user = request.user, digestBytes = 0 } = forgery
  const { pdu = forgedPdu(requestIdOf(request)) } = forgery
  const { id, boots, time } = request
  const salt = (flags & 2) === 0 ? NO_BYTES : Buffer.alloc(8)
  const data = (flags & 2) === 0 ? scopedPdu(engineId, pdu) : Buffer.alloc(64, 1)
  return writeV3Message({ id, flags, engineId, boots, time, user, salt, data }, digestBytes).packet
}

/** The forger is faster than the agent, in whose name it sends. */
function putBefore(agent: V3Agent, forged: (request: Asked) => readonly Buffer[]): void {
  agent.respond = (request: Asked, genuine: V3Answer | null) => [
    ...forged(request),
    ...(genuine === null ? [] : [genuine.packet]),
  ]
}

const responses: readonly (readonly [string, (request: Asked) => Buffer])[] = [
  ['without any protection', (request) => forge(request)],
  ['without any protection, of nobody', (request) => forge(request, { user: NO_BYTES })],
  ['that says it is signed, without a digest', (request) => forge(request, { flags: 1 })],
  ['with zeros for a digest', (request) => forge(request, { flags: 1, digestBytes: 24 })],
  [
    'that says it is signed and encrypted',
    (request) => forge(request, { flags: 3, digestBytes: 24 }),
  ],
  ['encrypted and not signed', (request) => forge(request, { flags: 2 })],
  ['of another engine', (request) => forge(request, { engineId: MALLORY })],
  ['of an engine without an id', (request) => forge(request, { engineId: NO_BYTES })],
]

describe.each([
  ['authNoPriv', SIGNING],
  ['authPriv', HIDING],
])('a session of %s takes no forged response (§G 15)', (_level, user) => {
  test.each(responses)('%s', async (_what, forged) => {
    await using agent = await openV3Agent(user)
    const session = openUser(transport, agent, user)
    expect(await askName(session)).toMatchObject({ name: 'fast' })
    putBefore(agent, (request) => [forged(request)])
    for (let i = 0; i < 3; i++) expect(await askName(session)).toMatchObject({ name: 'fast' })
  })

  test.each(responses)('%s, to discovery', async (_what, forged) => {
    await using agent = await openV3Agent(user)
    putBefore(agent, (request) => [forged(request)])
    expect(await askName(openUser(transport, agent, user))).toMatchObject({ name: 'fast' })
  })

  test('even when the agent itself says nothing', async () => {
    await using agent = await openV3Agent(user)
    const session = openUser(transport, agent, user)
    await askName(session)
    agent.respond = (request) => responses.map(([, forged]) => forged(request))
    expect((await failureOf(session, { tries: 1, waitMs: 200 })).reason).toBe('timeout')
  })

  test('behind a report, which RFC 3414 leaves unsigned: it costs the poll, and gives no value', async () => {
    await using agent = await openV3Agent(user)
    const session = openUser(transport, agent, user)
    await askName(session)
    putBefore(agent, (request) => {
      const report = forge(request, { engineId: MALLORY, pdu: reportPdu(4) })
      return [Buffer.concat([report, forge(request)]), forge(request)]
    })
    expect((await failureOf(session, { tries: 1, waitMs: 300 })).reason).toBe('timeout')
    putBefore(agent, () => [])
    expect(await askName(session)).toMatchObject({ name: 'fast' })
  })

  test('each forged packet is counted by what gave it away', async () => {
    await using agent = await openV3Agent(user)
    const session = openUser(transport, agent, user)
    await askName(session)
    const before = { ...transport.counts.dropped }
    const flags = user === HIDING ? 3 : 1
    putBefore(agent, (request) => [
      forge(request),
      forge(request, { flags, user: Buffer.from('mallory'), digestBytes: 24 }),
      forge(request, { flags, engineId: MALLORY, digestBytes: 24 }),
      forge(request, { flags, digestBytes: 24 }),
      forge(request, { pdu: reportPdu(2) }),
    ])
    await askName(session)
    const { dropped } = transport.counts
    for (const reason of ['level', 'user', 'engine', 'digest', 'report'] as const) {
      expect([reason, dropped[reason] - before[reason]]).toEqual([reason, 1])
    }
  })
})

test('a session of noAuthNoPriv takes the response to its very request, and nothing that is signed', async () => {
  await using agent = await openV3Agent(OPEN)
  const session = openUser(transport, agent, OPEN)
  await askName(session)
  putBefore(agent, (request) => [
    forge(request, { pdu: forgedPdu(requestIdOf(request) ^ 1) }),
    forge(request, { engineId: MALLORY }),
    forge(request, { user: Buffer.from('mallory') }),
    forge(request, { flags: 1, digestBytes: 12 }),
    forge(request, { flags: 3, digestBytes: 12 }),
  ])
  const { broken } = transport.counts
  for (let i = 0; i < 3; i++) expect(await askName(session)).toMatchObject({ name: 'fast' })
  expect(transport.counts.broken).toBe(broken)
})

test('an answer from another port is nobody the session asked', async () => {
  await using agent = await openV3Agent(OPEN)
  const session = openUser(transport, agent, OPEN)
  await askName(session)
  const stranger = createSocket('udp4')
  agent.respond = (request) => {
    stranger.send(forge(request), request.from.port, request.from.address)
    return []
  }
  const { unasked } = transport.counts.dropped
  expect((await failureOf(session, { tries: 1, waitMs: 300 })).reason).toBe('timeout')
  expect(transport.counts.dropped.unasked).toBe(unasked + 1)
  stranger.close()
  await once(stranger, 'close')
})

test('an agent that answers from another port is understood where that is allowed', async () => {
  await using agent = await openV3Agent(HIDING)
  const elsewhere = createSocket('udp4')
  agent.respond = ({ from }, genuine) => {
    if (genuine !== null) elsewhere.send(genuine.packet, from.port, from.address)
    return []
  }
  const session = openUser(transport, agent, HIDING, { anySource: true })
  expect(await askName(session)).toMatchObject({ name: 'fast' })
  elsewhere.close()
  await once(elsewhere, 'close')
})

test('a message of v3 that comes to a session of v2c breaks nothing', async () => {
  const agent = createSocket('udp4')
  agent.bind(0, '127.0.0.1')
  await once(agent, 'listening')
  const request = {
    id: 1,
    flags: 3,
    engineId: MALLORY,
    boots: 1,
    time: 1,
    user: Buffer.from('u'),
    salt: Buffer.alloc(8),
    data: Buffer.alloc(40),
  }
  agent.on('message', (packet, from) => {
    // The id of a request of v2c follows its community, in four bytes.
    const { packet: forged } = writeV3Message({ ...request, id: packet.readInt32BE(17) }, 12)
    agent.send(forged, from.port, from.address)
  })
  const { port } = agent.address()
  const credential = { version: '2c', community: new Secret('public') } as const
  const session = openSession(transport, { address: '127.0.0.1', port, credential })
  const { version } = transport.counts.dropped
  const asked = session.get([NAME], askingOf({ tries: 1, waitMs: 200 }))
  await expect(asked).rejects.toMatchObject({ reason: 'timeout' })
  expect(transport.counts.dropped.version).toBe(version + 1)
  agent.close()
  await once(agent, 'close')
})
