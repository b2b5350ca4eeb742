import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Transport, openTransport } from '../../../collector/snmp/protocol/transport.ts'
import { element, integer, scopedPdu, writeV3Message } from '../../../lab/v3-packet.ts'
import { openV3Agent } from './v3-agent.ts'
import { askName, failureOf, openUser } from './v3-fixture.ts'

const USER = {
  user: 'wardline',
  auth_protocol: 'SHA256',
  auth_password: 'auth-password',
  priv_protocol: 'AES',
  priv_password: 'priv-password',
}

let transport: Transport
beforeAll(async () => {
  transport = await openTransport(new AbortController().signal)
})
afterAll(() => transport[Symbol.asyncDispose]())

describe("an agent's engine that changes between two polls costs the second one nothing but requests", () => {
  test.each([
    ['its clock ran ahead', { time: 5_000 }, 2],
    ['its clock stood still', { time: 1_000 }, 1],
    ['its clock went back, and its boots did not count it', { time: 3 }, 3],
    ['it counted a boot', { boots: 6, time: 2 }, 2],
    ['it lost its boots', { boots: 1, time: 2 }, 3],
    ['it is another one', { id: Buffer.from('80001f8804ffffffff', 'hex'), boots: 1, time: 2 }, 2],
    [
      'it is another one with more boots',
      { id: Buffer.from('80001f8804ffffffff', 'hex'), boots: 9, time: 9 },
      2,
    ],
  ])('%s', async (_what, change, pdus) => {
    await using agent = await openV3Agent(USER)
    const session = openUser(transport, agent, USER)
    expect(await askName(session)).toMatchObject({ name: 'fast' })
    expect(await askName(session)).toMatchObject({ name: 'fast', pdus: 1 })
    Object.assign(agent.engine, change)
    expect(await askName(session)).toMatchObject({ name: 'fast', pdus })
    expect(await askName(session)).toMatchObject({ name: 'fast', pdus: 1 })
  })

  test('it is another one, and silent to the id of the one before: the next poll reads it', async () => {
    await using agent = await openV3Agent(USER)
    const session = openUser(transport, agent, USER)
    await askName(session)
    agent.engine.id = Buffer.from('80001f8804ffffffff', 'hex')
    agent.respond = ({ engineId }, genuine) =>
      genuine === null || (genuine.isReport && engineId.length > 0) ? [] : [genuine.packet]
    expect((await failureOf(session, { tries: 1, waitMs: 100 })).reason).toBe('timeout')
    expect(await askName(session)).toMatchObject({ name: 'fast' })
  })
})

test('discovery that tells neither boots nor time is followed by a report that does', async () => {
  await using agent = await openV3Agent(USER)
  Object.assign(agent.engine, { boots: 0, time: 0 })
  agent.respond = ({ engineId }, genuine) => {
    // From the first request on it knows what time it is.
    if (engineId.length === 0)
      setImmediate(() => Object.assign(agent.engine, { boots: 7, time: 70 }))
    return genuine === null ? [] : [genuine.packet]
  }
  const session = openUser(transport, agent, USER)
  expect(await askName(session)).toEqual({ name: 'fast', pdus: 3, errors: 0 })
})

test('an agent that is never in its own time is given up after a few requests, and told', async () => {
  await using agent = await openV3Agent(USER)
  agent.respond = (_request, genuine) => {
    agent.engine.boots++
    return genuine === null ? [] : [genuine.packet]
  }
  const session = openUser(transport, agent, USER)
  const failure = await failureOf(session, { tries: 1, waitMs: 3_000 })
  expect(failure.reason).toBe('protocol')
  expect(failure.message).toContain('boots')
  expect(agent.requests.length).toBeLessThanOrEqual(10)
})

test('a context that the agent does not have is told at once', async () => {
  await using agent = await openV3Agent({ user: 'open' })
  const oid = element(0x06, Buffer.from([0x2b, 6, 1, 6, 3, 12, 1, 5, 0]))
  const binding = element(0x30, oid, element(0x41, Buffer.from([1])))
  agent.respond = ({ id, engineId, user, data }, genuine) => {
    if (engineId.length === 0) return genuine === null ? [] : [genuine.packet]
    expect(data.toString('latin1')).toContain('vlan-10')
    const pdu = element(0xa8, integer(0), integer(0), integer(0), element(0x30, binding))
    const { boots, time } = agent.engine
    const report = {
      id,
      flags: 0,
      engineId,
      boots,
      time,
      user,
      salt: Buffer.alloc(0),
      data: scopedPdu(engineId, pdu),
    }
    return [writeV3Message(report, 0).packet]
  }
  const session = openUser(transport, agent, { user: 'open', context: 'vlan-10' })
  expect(await failureOf(session)).toMatchObject({
    reason: 'agent',
    message: 'the agent has no context "vlan-10" to read',
  })
})

test('sessions of several users at one address get their own answers', async () => {
  await using agent = await openV3Agent(USER)
  const right = openUser(transport, agent, USER)
  const wrong = openUser(transport, agent, { ...USER, auth_password: 'another one' })
  for (let i = 0; i < 5; i++) {
    const [name, failure] = await Promise.all([askName(right), failureOf(wrong)])
    expect(name).toMatchObject({ name: 'fast' })
    expect(failure.reason).toBe('auth')
  }
})

test('a session keeps nothing of what was answered or given up', async () => {
  await using agent = await openV3Agent(USER)
  const session = openUser(transport, agent, USER)
  await askName(session)
  let held: readonly Buffer[] = []
  agent.respond = (_request, genuine) => {
    held = genuine === null ? [] : [genuine.packet]
    return []
  }
  expect((await failureOf(session, { tries: 1, waitMs: 50 })).reason).toBe('timeout')
  const late = transport.counts.dropped.late
  agent.respond = (_request, genuine) => [...held, ...(genuine === null ? [] : [genuine.packet])]
  expect(await askName(session)).toMatchObject({ name: 'fast' })
  expect(transport.counts.dropped.late).toBeGreaterThan(late)
})
