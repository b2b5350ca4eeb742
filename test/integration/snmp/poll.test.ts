import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createMemory } from '../../../collector/snmp/memory.ts'
import { defineModule, gauge, scalars, table } from '../../../collector/snmp/modules/define.ts'
import { BUILT_IN_MODULES } from '../../../collector/snmp/modules/index.ts'
import type { SnmpModule } from '../../../collector/snmp/module.ts'
import { compareOids } from '../../../collector/snmp/protocol/oid.ts'
import { type Transport, openTransport } from '../../../collector/snmp/protocol/transport.ts'
import { encodeResponse } from '../../../lab/snmp-packet.ts'
import {
  type Agent,
  type Behave,
  type Mib,
  honestly,
  mibOf,
  refusal,
  silently,
  startAgent,
} from './agent.ts'
import { deviceAt, pollerOf, valueOf } from './poll-fixture.ts'

const SYS_OBJECT_ID = '1.3.6.1.2.1.1.2.0'
const CISCO_CPU = '1.3.6.1.4.1.9.9.109.1.1.1.1.8'

let transport: Transport
beforeAll(async () => {
  transport = await openTransport(new AbortController().signal)
})
afterAll(() => transport[Symbol.asyncDispose]())

const agents: Agent[] = []
afterEach(async () => {
  for (const agent of agents.splice(0)) await agent[Symbol.asyncDispose]()
})

async function agentOf(mib: Mib, behave: Behave = honestly, community = 'public'): Promise<Agent> {
  const agent = await startAgent({ mib, behave, community })
  agents.push(agent)
  return agent
}

const plain = mibOf({ name: 'sw', interfaces: 2 })
const cisco: Mib = [
  ...plain.filter(({ oid }) => oid !== SYS_OBJECT_ID),
  { oid: SYS_OBJECT_ID, value: { type: 'oid', value: '1.3.6.1.4.1.9.1.1208' } as const },
  { oid: `${CISCO_CPU}.1`, value: { type: 'gauge32', value: 37 } } as const,
].sort((a, b) => compareOids(a.oid, b.oid))

describe('several credentials', () => {
  test('are tried in order, and the one that is answered is used alone from then on (E3)', async () => {
    const agent = await agentOf(plain)
    const poll = pollerOf(transport, deviceAt(agent, { credentials: ['other', 'v1', 'v2c'] }))
    const first = await poll()
    expect(first).toMatchObject({ failure: null, credential: 'v1' })
    const second = await poll()
    expect(second).toMatchObject({ failure: null, credential: 'v1', errors: 0 })
    expect(second.pdus).toBeLessThan(first.pdus)
  })

  test('are all tried again when the known one is not answered any more', async () => {
    const agent = await agentOf(plain)
    const memory = createMemory()
    const device = deviceAt(agent, { credentials: ['v2c', 'other'], timeoutMs: 900 })
    const poll = pollerOf(transport, device, { memory })
    await poll()
    await agent[Symbol.asyncDispose]()
    agents.pop()
    const port = agent.port
    agents.push(await startAgent({ mib: plain, port, community: 'something else' }))
    expect(await poll()).toMatchObject({ credential: null, failure: { reason: 'timeout' } })
    expect(await poll()).toMatchObject({ credential: 'other', failure: null })
  })

  test('of which none is configured is an error of that device alone', async () => {
    const agent = await agentOf(plain)
    const poll = pollerOf(transport, deviceAt(agent, { credentials: ['gone'] }))
    expect(await poll()).toMatchObject({ failure: { reason: 'auth' }, pdus: 0, errors: 1 })
  })
})

describe('auto', () => {
  test('polls what is made for agents of this sysObjectID, with the first poll', async () => {
    const agent = await agentOf(cisco)
    const poll = pollerOf(transport, deviceAt(agent, { modules: ['system', 'auto'] }))
    const result = await poll()
    expect(result.failure).toBeNull()
    expect(valueOf(result, 'cpmCPUTotal5minRev', { cpmCPUTotalIndex: '1' })).toBe(37)
    expect(result.texts).toMatchObject({ sysName: 'sw' })
  })

  test('finds out when another agent stands at the address', async () => {
    const agent = await agentOf(cisco)
    const memory = createMemory()
    const poll = pollerOf(transport, deviceAt(agent, { modules: ['auto'] }), { memory })
    await poll()
    await agent[Symbol.asyncDispose]()
    agents.pop()
    agents.push(await startAgent({ mib: plain, port: agent.port }))
    const result = await poll()
    expect(memory.sysObjectId).toBe('1.3.6.1.4.1.8072.3.2.10')
    expect(valueOf(result, 'cpmCPUTotal5minRev')).toBeUndefined()
    expect(result.failure).toBeNull()
  })

  test('of an agent that nothing is known of is what else is named', async () => {
    const agent = await agentOf(plain.filter(({ oid }) => oid !== SYS_OBJECT_ID))
    const poll = pollerOf(transport, deviceAt(agent, { modules: ['auto', 'if_mib'] }))
    const result = await poll()
    expect(result.failure).toBeNull()
    expect(valueOf(result, 'ifOperStatus', { ifIndex: '1' })).toBe(2)
  })
})

describe('one deadline', () => {
  test('holds for a whole poll, whatever number of requests it takes', async () => {
    const slow: Behave = (request, outcome) => [
      { packet: encodeResponse(request, outcome), afterMs: 120 },
    ]
    const agent = await agentOf(mibOf({ name: 'slow', interfaces: 60 }), slow)
    const poll = pollerOf(transport, deviceAt(agent, { timeoutMs: 700 }))
    const result = await poll()
    expect(result.failure).toMatchObject({ reason: 'timeout' })
    expect(result.seconds).toBeGreaterThanOrEqual(0.69)
    expect(result.seconds).toBeLessThan(1.5)
    // What came before it ended is kept.
    expect(valueOf(result, 'sysUpTime')).toBe(123_456)
  })

  test('there is one request to a device at a time', async () => {
    let [outstanding, most] = [0, 0]
    const counting: Behave = (request, outcome) => {
      outstanding++
      most = Math.max(most, outstanding)
      setTimeout(() => outstanding--, 5)
      return [{ packet: encodeResponse(request, outcome), afterMs: 6 }]
    }
    const agent = await agentOf(mibOf({ name: 'sw', interfaces: 60 }), counting)
    expect((await pollerOf(transport, deviceAt(agent))()).failure).toBeNull()
    expect(most).toBe(1)
  })
})

describe('a module of a file', () => {
  const SLOW = { ...settingsOf('system'), retries: 3, timeoutMs: 50 }
  const own: SnmpModule = {
    ...defineModule('own', scalars('1.3.6.1.2.1.2', { ifNumber: gauge(1, '') })),
    settings: SLOW,
  }

  test('says how often and how long an agent is waited for', async () => {
    const agent = await agentOf(plain, silently)
    const modules = new Map([['own', own]])
    const poll = pollerOf(transport, deviceAt(agent, { modules: ['own'] }), { modules })
    const result = await poll()
    expect(result).toMatchObject({ failure: { reason: 'timeout' }, pdus: 4 })
    // 50 + 100 + 200 + 400 ms.
    expect(result.seconds).toBeGreaterThan(0.7)
    expect(result.seconds).toBeLessThan(1.5)
  })

  test('whose table the agent refuses does not cost what the others read', async () => {
    const broken: Behave = (request, outcome) =>
      request.oids.some((oid) => oid.startsWith('1.3.6.1.9.'))
        ? [{ packet: encodeResponse(request, refusal(request, 5, 1)) }]
        : [{ packet: encodeResponse(request, outcome) }]
    const bad = defineModule(
      'bad',
      table({ entry: '1.3.6.1.9.1.1', index: 'row', columns: { odd: gauge(1, '') } }),
    )
    const agent = await agentOf(plain, broken)
    const modules = new Map([...BUILT_IN_MODULES, ['bad', bad]])
    const device = deviceAt(agent, { modules: ['bad', 'if_mib'] })
    const result = await pollerOf(transport, device, { modules })()
    expect(result.failure).toMatchObject({ reason: 'agent' })
    expect(valueOf(result, 'ifOperStatus', { ifIndex: '1' })).toBe(2)
  })
})

function settingsOf(name: string): SnmpModule['settings'] {
  const module = BUILT_IN_MODULES.get(name)
  if (module === undefined) throw new Error(`no module ${name}`)
  return module.settings
}
