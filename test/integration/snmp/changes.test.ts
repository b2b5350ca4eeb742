import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createMemory } from '../../../collector/snmp/memory.ts'
import { type Transport, openTransport } from '../../../collector/snmp/protocol/transport.ts'
import { encodeResponse } from '../../../lab/snmp-packet.ts'
import {
  type Agent,
  type Behave,
  type Mib,
  answerOf,
  honestly,
  mibOf,
  silently,
  startAgent,
} from './agent.ts'
import { deviceAt, pollerOf, valueOf } from './poll-fixture.ts'

const SYS_UP_TIME = '1.3.6.1.2.1.1.3.0'
const IF_NAME = '1.3.6.1.2.1.31.1.1.1.1'

let transport: Transport
beforeAll(async () => {
  transport = await openTransport(new AbortController().signal)
})
afterAll(() => transport[Symbol.asyncDispose]())

const agents: Agent[] = []
afterEach(async () => {
  for (const agent of agents.splice(0)) await agent[Symbol.asyncDispose]()
})

async function agentOf(mib: Mib, options: { address?: string; port?: number } = {}) {
  const agent = await startAgent({ mib, ...options })
  agents.push(agent)
  return agent
}

/** Two interfaces, called Gi0/1 and Gi0/2. */
const plain = mibOf({ name: 'sw', interfaces: 2 })

/** The same, numbered the other way round, up for so many hundredths of a second. */
const renumbered = (upTime: number): Mib =>
  plain.map((entry) => {
    const { oid } = entry
    if (oid === SYS_UP_TIME) return { oid, value: { type: 'timeticks', value: upTime } }
    if (!oid.startsWith(`${IF_NAME}.`)) return entry
    const name = oid.endsWith('.1') ? 'Gi0/2' : 'Gi0/1'
    return { oid, value: { type: 'octets', value: Buffer.from(name) } }
  })

const having =
  (mib: Mib): Behave =>
  (request) => [{ packet: encodeResponse(request, answerOf(mib, request)) }]

/** 2: down, as the interface with index 1 is. */
const states = (result: Parameters<typeof valueOf>[0]) =>
  ['Gi0/1', 'Gi0/2'].map((ifName) => valueOf(result, 'ifOperStatus', { ifName }))

describe('an agent that started anew, its interfaces renumbered', () => {
  test('in whose first poll only GET was answered: the next one has the new names (E2)', async () => {
    const agent = await agentOf(plain)
    const poll = pollerOf(transport, deviceAt(agent, { timeoutMs: 900 }))
    expect(states(await poll())).toEqual([2, 1])
    const later = having(renumbered(500))
    agent.become((request, outcome, number) =>
      request.operation === 'get' ? later(request, outcome, number) : [],
    )
    expect(await poll()).toMatchObject({ failure: { reason: 'timeout' } })
    agent.become(later)
    expect(states(await poll())).toEqual([1, 2])
  })

  test('in whose first poll the names alone were read: the next one has the new names (E2)', async () => {
    const agent = await agentOf(plain)
    const poll = pollerOf(transport, deviceAt(agent, { timeoutMs: 900 }))
    await poll()
    const later = having(renumbered(500))
    agent.become((request, outcome, number) =>
      request.operation === 'get' || request.oids.some((oid) => `${oid}.`.startsWith(`${IF_NAME}.`))
        ? later(request, outcome, number)
        : [],
    )
    await poll()
    agent.become(later)
    expect(states(await poll())).toEqual([1, 2])
  })

  test('longer ago than its last poll had found it to be up (E2)', async () => {
    const agent = await agentOf(plain)
    const poll = pollerOf(transport, deviceAt(agent))
    await poll()
    agent.become(having(renumbered(123_456 + 60_000)))
    expect(states(await poll())).toEqual([1, 2])
  })
})

test('a name that leads to another agent now: nothing of the one before is taken for its own', async () => {
  const first = await agentOf(plain)
  await agentOf(renumbered(123_456), { address: '127.0.0.2', port: first.port })
  const memory = createMemory()
  const device = deviceAt(first)
  await pollerOf(transport, device, { memory })()
  const moved = { ...device, address: '127.0.0.2' }
  expect(states(await pollerOf(transport, moved, { memory })())).toEqual([1, 2])
})

describe('an agent that loses packets', () => {
  /** The so manieth request. */
  const losing =
    (which: number): Behave =>
    (request, outcome, number) =>
      number === which ? [] : honestly(request, outcome, number)

  test('and failed before is asked as patiently as others once it answers', async () => {
    const agent = await agentOf(plain)
    const poll = pollerOf(transport, deviceAt(agent, { credentials: ['v1'], timeoutMs: 5_000 }), {
      memory: Object.assign(createMemory(), { outcome: 'failed', failures: 1, silences: 1 }),
    })
    agent.become(losing(4))
    expect(await poll()).toMatchObject({ failure: null })
  })

  test('has answered a credential once part of the values came: no other one is tried', async () => {
    const agent = await agentOf(plain)
    const memory = createMemory()
    memory.limits.getOids = 2
    const poll = pollerOf(
      transport,
      deviceAt(agent, { credentials: ['v2c', 'other'], modules: ['system'] }),
      { memory },
    )
    agent.become(losing(3))
    expect(await poll()).toMatchObject({ failure: null, credential: 'v2c' })
  })

  test('all of them costs one request when the last poll was not answered either', async () => {
    const agent = await agentOf(plain)
    agent.become(silently)
    const poll = pollerOf(transport, deviceAt(agent, { timeoutMs: 300 }))
    await poll()
    expect(await poll()).toMatchObject({ pdus: 1, failure: { reason: 'timeout' } })
  })
})
