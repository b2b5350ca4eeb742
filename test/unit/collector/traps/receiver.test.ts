import { describe, expect, test } from 'vitest'
import { v1Trap, v2Trap } from './packets.ts'
import { deviceAt, startReceiver } from './receiver-fixture.ts'

const OID = '1.3.6.1.6.3.1.1.5.3'
const a = deviceAt('a', '198.18.0.1')
const b = deviceAt('b', '198.18.0.2')
const trap = v2Trap({ trapOid: OID, community: 'red' })

describe('a packet', () => {
  test("counts for the device at its source's address", () => {
    const { send, told } = startReceiver(a, b)
    send(trap)
    send(trap, '::ffff:198.18.0.2')
    expect(told).toEqual([`a ${OID}`, `b ${OID}`])
  })

  test.each([
    ['an unknown address', trap, '198.18.0.9', 'sender'],
    ['an unknown address, of no sense', Buffer.from('hello'), '198.18.0.9', 'sender'],
    ['another community', v2Trap({ trapOid: OID, community: 'blue' }), '198.18.0.1', 'community'],
    ['an empty community', v2Trap({ trapOid: OID, community: '' }), '198.18.0.1', 'community'],
    ['no sense', Buffer.from('hello'), '198.18.0.1', 'malformed'],
    ['nothing', Buffer.alloc(0), '198.18.0.1', 'malformed'],
    ['half of it', trap.subarray(0, 40), '198.18.0.1', 'malformed'],
  ])('with %s is dropped and counted', (_what, packet, address, reason) => {
    const { send, told, replies, dropped } = startReceiver(a)
    send(packet, address)
    expect({ told, replies, dropped }).toEqual({ told: [], replies: [], dropped: { [reason]: 1 } })
  })

  test('of v1 that names another agent counts for its source alone', () => {
    const { send, told } = startReceiver(a, b)
    send(v1Trap({ generic: 2, community: 'red', agentAddress: Buffer.from([198, 18, 0, 2]) }))
    expect(told).toEqual([`a ${OID}`])
  })

  test('that is an inform is answered after it was counted, and counted once', () => {
    const { send, told, replies } = startReceiver(a)
    const inform = v2Trap({ trapOid: OID, community: 'red', inform: true, requestId: 7 })
    send(inform)
    send(inform, '198.18.0.1', 1_000)
    send(v2Trap({ trapOid: OID, community: 'red', inform: true, requestId: 8 }))
    expect([told.length, replies.length]).toEqual([2, 3])
  })
})

describe('a flood', () => {
  test('of one device leaves the others their share', () => {
    const { send, told, dropped } = startReceiver(a, b)
    for (let n = 0; n < 10_000; n++) send(trap)
    send(trap, '198.18.0.2')
    expect([told.length, told.at(-1), dropped]).toEqual([101, `b ${OID}`, { overload: 9_900 }])
  })

  test('of all devices is bounded in all', () => {
    const devices = Array.from({ length: 50 }, (_, n) => deviceAt(`d${n}`, `198.18.1.${n}`))
    const { send, told } = startReceiver(...devices)
    for (const { address } of devices) for (let n = 0; n < 100; n++) send(trap, address)
    expect(told.length).toBe(500)
  })

  test('of strangers, or of wrong communities in the name of a device, takes nothing from anybody', () => {
    const { send, told } = startReceiver(a)
    for (let n = 0; n < 5_000; n++) {
      send(trap, '198.18.0.9')
      send(v2Trap({ trapOid: OID, community: 'guess' }), '198.18.0.1')
    }
    send(trap)
    expect(told).toEqual([`a ${OID}`])
  })

  test('is over when it is over', () => {
    const { send, told } = startReceiver(a)
    for (let n = 0; n < 1_000; n++) send(trap, '198.18.0.1', 0)
    send(trap, '198.18.0.1', 100)
    expect(told.length).toBe(101)
  })
})
