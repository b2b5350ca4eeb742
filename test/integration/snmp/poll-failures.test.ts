import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMemory } from '../../../collector/snmp/memory.ts'
import { BUILT_IN_MODULES } from '../../../collector/snmp/modules/index.ts'
import { pollDevice } from '../../../collector/snmp/poll.ts'
import { createReadings } from '../../../collector/snmp/readings.ts'
import { type Transport, openTransport } from '../../../collector/snmp/protocol/transport.ts'
import { waitFor } from '../../wait.ts'
import { type Behave, type Mib, honestly, mibOf, silently, startAgent } from './agent.ts'
import { CREDENTIALS, SLOT, deviceAt, pollerOf, valueOf } from './poll-fixture.ts'

const SYS_UP_TIME = '1.3.6.1.2.1.1.3.0'
const IF_OPER_STATUS = '1.3.6.1.2.1.2.2.1.8'
const mib = mibOf({ name: 'acc-1', interfaces: 12 })

let transport: Transport
beforeAll(async () => {
  transport = await openTransport(new AbortController().signal)
})
afterAll(() => transport[Symbol.asyncDispose]())

/** An agent of this behaviour and a way to poll it. */
async function facing(behave: Behave, of: Mib = mib) {
  const agent = await startAgent({ mib: of, behave })
  const poll = pollerOf(transport, deviceAt(agent, { timeoutMs: 900 }))
  return { agent, poll, [Symbol.asyncDispose]: () => agent[Symbol.asyncDispose]() }
}

describe('a poll of an agent that is silent', () => {
  test('costs two requests and the deadline at most, and is snmp_up 0', async () => {
    await using setting = await facing(silently)
    const result = await setting.poll()
    expect(valueOf(result, 'snmp_up')).toBe(0)
    expect(result).toMatchObject({ pdus: 2, failure: { reason: 'timeout' } })
    expect(result.seconds).toBeLessThan(1.5)
  })

  test('is one request when the last one failed', async () => {
    await using setting = await facing(silently)
    await setting.poll()
    expect((await setting.poll()).pdus).toBe(1)
  })

  test('from the middle on is snmp_up 0, with what was read before', async () => {
    await using setting = await facing((request, outcome, number) =>
      request.operation === 'get' ? honestly(request, outcome, number) : [],
    )
    const result = await setting.poll()
    expect(valueOf(result, 'snmp_up')).toBe(0)
    expect(valueOf(result, 'sysUpTime')).toBe(123_456)
    expect(result.texts).toMatchObject({ sysName: 'acc-1' })
  })
})

test('an interface without 64-bit counters has 32-bit ones in their place, others have not', async () => {
  const of = mibOf({ name: 'acc-1', interfaces: 12, isWide: (index) => index !== 12 })
  await using setting = await facing(honestly, of)
  for (const result of [await setting.poll(), await setting.poll()]) {
    expect(valueOf(result, 'ifInOctets', { ifIndex: '12' })).toBe(12)
    expect(valueOf(result, 'ifHCInOctets', { ifIndex: '12' })).toBeUndefined()
    expect(valueOf(result, 'ifHCInOctets', { ifIndex: '1' })).toBe(2 ** 40 + 1)
    expect(valueOf(result, 'ifInOctets', { ifIndex: '1' })).toBeUndefined()
  }
})

test('a text in the place of a number is no sample', async () => {
  const odd = mib.map((entry) =>
    entry.oid.startsWith(`${IF_OPER_STATUS}.`) || entry.oid === SYS_UP_TIME
      ? { ...entry, value: { type: 'octets' as const, value: Buffer.from('up') } }
      : entry,
  )
  await using setting = await facing(honestly, odd)
  const result = await setting.poll()
  expect(valueOf(result, 'snmp_up')).toBe(1)
  expect(valueOf(result, 'sysUpTime')).toBeUndefined()
  expect(valueOf(result, 'ifOperStatus')).toBeUndefined()
})

describe('a poll', () => {
  const readings = createReadings(BUILT_IN_MODULES)
  const tag = (_device: unknown, labels: Readonly<Record<string, string>>) => labels

  test('of a name that is not resolved yet is snmp_up 0 without a packet', async () => {
    const device = deviceAt({ address: 'switch.example', port: 161 })
    const result = await pollDevice(
      { device, memory: createMemory(), at: SLOT, address: null },
      { transport, credentials: CREDENTIALS, readings, tag },
    )
    expect(result).toMatchObject({ failure: { reason: 'send' }, pdus: 0 })
  })

  test('of an address that no packet can reach is a send error, told apart from silence', async () => {
    const device = deviceAt({ address: '192.0.2.1', port: 161 }, { timeoutMs: 900 })
    expect(await pollerOf(transport, device)()).toMatchObject({ failure: { reason: 'send' } })
  })

  test('that is aborted gives no result: nothing is known of the device', async () => {
    await using agent = await startAgent({ mib, behave: silently })
    const controller = new AbortController()
    await using own = await openTransport(controller.signal)
    const polling = pollDevice(
      { device: deviceAt(agent), memory: createMemory(), at: SLOT, address: agent.address },
      { transport: own, credentials: CREDENTIALS, readings, tag },
    )
    const outcome = expect(polling).rejects.toThrow('shutting down')
    await waitFor(() => agent.requests.length > 0)
    controller.abort(new Error('shutting down'))
    await outcome
  })
})
