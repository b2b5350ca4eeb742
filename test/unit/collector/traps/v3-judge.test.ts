import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { FLAG, readV3Message } from '../../../../collector/snmp/protocol/v3/message.ts'
import { Secret } from '../../../../lib/secret.ts'
import type { EngineKeys } from '../../../../lib/usm/keys.ts'
import { v2Pdu } from './packets.ts'
import {
  NEXT_OPS,
  OPS,
  OWN_ID,
  THEIR_ID,
  deviceAt,
  keysOf,
  startReceiver,
  v3Message,
} from './receiver-fixture.ts'

const OID = '1.3.6.1.6.3.1.1.5.3'
const TOLD = `a ${OID}`
const pdu = v2Pdu({ trapOid: OID })
const inform = v2Pdu({ trapOid: OID, inform: true, requestId: 9 })
const a = deviceAt('a', '198.18.0.1')
const NO_KEYS: EngineKeys = { auth: null, priv: null }

let theirs: EngineKeys
let ours: EngineKeys
beforeAll(async () => {
  theirs = await keysOf(OPS, THEIR_ID)
  ours = await keysOf(OPS, OWN_ID)
})

/** What comes of messages, one after the other. */
async function judge(...messages: readonly (Buffer | { packet: Buffer; now: number })[]) {
  const { send, settled, told, replies, dropped } = startReceiver(a)
  for (const [n, message] of messages.entries()) {
    if (Buffer.isBuffer(message)) send(message, a.address, n * 1_000)
    else send(message.packet, a.address, message.now)
    await settled(n + 1)
  }
  return { told, replies, dropped }
}

const readReply = (reply: Buffer | undefined) => readV3Message(reply ?? Buffer.alloc(0))

describe('a trap of v3', () => {
  test('counts when user, level, digest and time are right', async () => {
    expect(await judge(v3Message(pdu, theirs))).toEqual({ told: [TOLD], replies: [], dropped: {} })
  })

  test('of a user without secrets counts for what it is', async () => {
    const { told } = await judge(v3Message(pdu, NO_KEYS, { user: 'guest' }))
    expect(told).toEqual([TOLD])
  })

  test.each([
    ['without a digest, in the name of a user who has one', () => v3Message(pdu, NO_KEYS)],
    [
      'with a digest and no privacy, for a user who has it',
      () => v3Message(pdu, { ...theirs, priv: null }),
    ],
    ['of another user', () => v3Message(pdu, theirs, { user: 'eve' })],
    ['with the keys of another engine', () => v3Message(pdu, ours)],
    [
      'that says to have privacy without a digest',
      () => v3Message(pdu, NO_KEYS, { flags: FLAG.priv }),
    ],
  ])('%s is dropped', async (_what, message) => {
    const { told, replies, dropped } = await judge(message())
    expect([told, replies, Object.values(dropped)]).toEqual([[], [], [1]])
  })

  test('that comes twice counts once', async () => {
    const message = v3Message(pdu, theirs)
    expect(await judge(message, message)).toMatchObject({ told: [TOLD], dropped: { window: 1 } })
  })

  test.each([
    ['a little out of order', 5, 900, 1],
    ['of long before', 5, 800, 0],
    ['of an earlier start', 4, 9_000, 0],
    ['of a later start', 6, 1, 1],
    ['of an engine that has no starts left', 2 ** 31 - 1, 2_000, 0],
  ])('%s, beside one of boots 5 and time 1000', async (_what, boots, time, counted) => {
    const first = v3Message(pdu, theirs, { boots: 5, time: 1_000 })
    const { told } = await judge(first, v3Message(pdu, theirs, { boots, time }))
    expect(told).toHaveLength(1 + counted)
  })

  test('is old when the time since the newest says so', async () => {
    const newest = { packet: v3Message(pdu, theirs, { time: 1_000 }), now: 0 }
    const late = { packet: v3Message(pdu, theirs, { time: 1_000, id: 78 }), now: 200_000 }
    expect((await judge(newest, late)).dropped).toEqual({ window: 1 })
  })

  test('that was sent by one device counts for no other that it is sent again in the name of', async () => {
    const { send, settled, told, dropped } = startReceiver(a, deviceAt('b', '198.18.0.2'))
    const message = v3Message(pdu, theirs)
    send(message, '198.18.0.1', 0)
    await settled(1)
    send(message, '198.18.0.2', 3_600_000)
    await settled(2)
    expect([told, dropped]).toEqual([[TOLD], { window: 1 }])
  })

  test('that asks for a report, as none should (RFC 3412 §6.4), counts as well', async () => {
    const flags = FLAG.auth | FLAG.priv | FLAG.reportable
    expect(await judge(v3Message(pdu, theirs, { flags }))).toMatchObject({
      told: [TOLD],
      replies: [],
    })
  })

  test('counts by the credential that opens it, of several of one user', async () => {
    const { told } = await judge(v3Message(pdu, await keysOf(NEXT_OPS, THEIR_ID)))
    expect(told).toEqual([TOLD])
  })

  test('sealed with another password is one of a wrong key', async () => {
    const other = await keysOf({ ...OPS, priv_password: new Secret('something-else') }, THEIR_ID)
    expect((await judge(v3Message(pdu, other))).dropped).toEqual({ auth: 1 })
  })

  test('of a user who is not there takes nothing from those who are', async () => {
    const { send, settled, told, dropped } = startReceiver(a)
    for (let n = 0; n < 500; n++) send(v3Message(pdu, theirs, { user: 'eve' }))
    send(v3Message(pdu, theirs))
    await settled(501)
    expect([told, dropped]).toEqual([[TOLD], { auth: 500 }])
  })

  test('is looked at in small numbers: digests and ciphers cost', async () => {
    const { send, settled, told, dropped } = startReceiver(a)
    for (let n = 0; n < 500; n++) send(v3Message(pdu, theirs, { time: 1_000 + n }))
    await settled(500)
    expect([told.length, dropped]).toEqual([60, { overload: 440 }])
  })
})

describe('an inform of v3', () => {
  const asking = FLAG.auth | FLAG.priv | FLAG.reportable

  test('begins with our id, told to whom a device is, and to nobody else', async () => {
    const probe = v3Message(v2Pdu({ trapOid: OID }), NO_KEYS, {
      engineId: Buffer.alloc(0),
      user: '',
      boots: 0,
      time: 0,
      flags: FLAG.reportable,
    })
    const { replies } = await judge(probe)
    expect(readReply(replies[0])).toMatchObject({
      id: 77,
      flags: 0,
      engineId: OWN_ID,
      boots: 3,
      time: 1_000,
    })
    const stranger = startReceiver(a, deviceAt('b', '198.18.0.2', ['red']))
    stranger.send(probe, '198.18.0.9')
    stranger.send(probe, '198.18.0.2')
    await stranger.settled(2)
    expect([stranger.replies, stranger.dropped]).toEqual([[], { sender: 1, auth: 1 }])
  })

  test('goes on with our time, under the digest of its user', async () => {
    const { told, replies } = await judge(
      v3Message(inform, ours, { engineId: OWN_ID, boots: 0, time: 0, flags: asking }),
    )
    expect(told).toEqual([])
    expect(readReply(replies[0])).toMatchObject({
      flags: FLAG.auth,
      boots: 3,
      time: 1_000,
      digestBytes: 12,
    })
  })

  test('is counted and answered at its own level', async () => {
    const { told, replies } = await judge(
      v3Message(inform, ours, { engineId: OWN_ID, boots: 3, time: 990, flags: asking }),
    )
    expect(told).toEqual([TOLD])
    expect(readReply(replies[0])).toMatchObject({ id: 77, flags: FLAG.auth | FLAG.priv })
  })

  test('that comes again is answered again and counts once, from whatever port, for as long as it is in time', async () => {
    const { send, settled, told, replies } = startReceiver(a)
    const message = v3Message(inform, ours, { engineId: OWN_ID, boots: 3, time: 1_000 })
    for (const [n, [now, port]] of [
      [0, 50_000],
      [1_000, 50_001],
      [149_000, 50_000],
    ].entries()) {
      send(message, a.address, now, port)
      await settled(n + 2)
    }
    expect([told, replies.length]).toEqual([[TOLD], 3])
  })

  test('is none under the id of its sender: its answer is ours to date', async () => {
    expect(await judge(v3Message(inform, theirs))).toMatchObject({
      told: [],
      replies: [],
      dropped: { malformed: 1 },
    })
  })

  test('with a wrong digest has no answer', async () => {
    const { replies, dropped } = await judge(
      v3Message(inform, theirs, { engineId: OWN_ID, flags: asking }),
    )
    expect([replies, dropped]).toEqual([[], { auth: 1 }])
  })
})

describe('hostile packets', () => {
  test('that are honest ones with bytes changed, cut or added are never an exception, and never count', async () => {
    const honest = [
      v3Message(pdu, theirs),
      v3Message(inform, ours, { engineId: OWN_ID, boots: 3, time: 1_000 }),
    ]
    const { send, settled, told } = startReceiver(a)
    let now = 0
    let sent = 0
    const change = fc.record({
      place: fc.nat(300),
      byte: fc.oneof(fc.nat(255), fc.constantFrom(0x80, 0x84, 0xff, 0)),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...honest),
        fc.array(change, { minLength: 1, maxLength: 5 }),
        async (packet, changes) => {
          const bytes = Buffer.from(packet)
          for (const { place, byte } of changes) bytes[place % bytes.length] = byte
          if (bytes.equals(packet)) return
          send(bytes, a.address, (now += 100))
          await settled(++sent)
        },
      ),
      { numRuns: 3_000 },
    )
    expect(told).toEqual([])
  })
})
