import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Expected,
  type V3DropReason,
  judgeV3,
} from '../../../../../../collector/snmp/protocol/v3/guard.ts'
import {
  element,
  integer,
  reportPdu,
  scopedPdu,
  writeV3Message,
} from '../../../../../../lab/v3-packet.ts'

const ENGINE = Buffer.from('80001f880401020304', 'hex')
const OTHER_ENGINE = Buffer.from('80001f8804ffffffff', 'hex')
const USER = Buffer.from('wardline')
const ASKED = { requestId: 77, isDiscovery: false }
const MESSAGE_ID = 1_234_567
const DISCOVERY_ID = 7_654_321

const LEVELS = { noAuthNoPriv: 0, authNoPriv: 1, authPriv: 3 } as const

const expecting = (level: number, engineId: Buffer | null = ENGINE): Expected => ({
  level,
  user: USER,
  engineId,
  waiting: new Map([
    [MESSAGE_ID, ASKED],
    [DISCOVERY_ID, { requestId: 78, isDiscovery: true }],
  ]),
})

const pdu = (tag: number, requestId = ASKED.requestId): Buffer =>
  element(tag, integer(requestId), integer(0), integer(0), element(0x30))
const RESPONSE = pdu(0xa2)
const REPORTS = { secLevels: 1, window: 2, users: 3, engines: 4, digests: 5, decryption: 6 }
const report = (name: keyof typeof REPORTS): Buffer => reportPdu(REPORTS[name])

type Change = Partial<{ id: number; flags: number; engineId: Buffer; user: Buffer; pdu: Buffer }>

/** A packet as an agent sends it, except for what it is signed with: that is the next check. */
function packetWith(change: Change): Buffer {
  const { pdu: inner = RESPONSE, flags = 0, engineId = ENGINE, ...rest } = change
  const isSealed = (flags & 2) !== 0
  return writeV3Message(
    {
      id: MESSAGE_ID,
      flags,
      engineId,
      boots: 3,
      time: 1000,
      user: USER,
      salt: Buffer.alloc(isSealed ? 8 : 0),
      data: isSealed ? Buffer.alloc(40, 0xee) : scopedPdu(engineId, inner),
      ...rest,
    },
    (flags & 1) === 0 ? 0 : 12,
  ).packet
}

const verdict = (packet: Buffer, expected: Expected): V3DropReason | 'passes' => {
  const judged = judgeV3(packet, expected)
  return typeof judged === 'string' ? judged : 'passes'
}

describe.each(Object.entries(LEVELS))('a session of %s', (_name, level) => {
  test('is shown a response of its level', () => {
    expect(verdict(packetWith({ flags: level }), expecting(level))).toBe('passes')
  })

  test('is shown no response of another level, whatever else it says', () => {
    for (const other of Object.values(LEVELS)) {
      if (other === level) continue
      expect(verdict(packetWith({ flags: other }), expecting(level))).toBe('level')
    }
    expect(verdict(packetWith({ flags: 2 }), expecting(level))).toBe('malformed')
  })

  test.each([
    ['an answer that nothing waits for', { id: 99 }, 'late'],
    ["another user's", { user: Buffer.from('mallory') }, 'user'],
    ["nobody's", { user: Buffer.alloc(0) }, 'user'],
    ["another engine's", { engineId: OTHER_ENGINE }, 'engine'],
    ['one without an engine', { engineId: Buffer.alloc(0) }, 'engine'],
  ] as const)('is not shown %s', (_what, change, reason) => {
    expect(verdict(packetWith({ flags: level, ...change }), expecting(level))).toBe(reason)
  })

  test('is shown nothing from an engine before it has told its id', () => {
    expect(verdict(packetWith({ flags: level }), expecting(level, null))).toBe('engine')
  })

  test.each(['secLevels', 'users', 'digests', 'decryption'] as const)(
    'is shown the unsigned report of %s',
    (name) => {
      expect(verdict(packetWith({ pdu: report(name) }), expecting(level))).toBe('passes')
      const nameless = packetWith({ pdu: report(name), user: Buffer.alloc(0) })
      expect(verdict(nameless, expecting(level))).toBe('passes')
      const strange = packetWith({ pdu: report(name), engineId: OTHER_ENGINE })
      expect(verdict(strange, expecting(level))).toBe('engine')
    },
  )

  test("is shown another engine's id as unknownEngineIDs alone", () => {
    const packet = packetWith({ pdu: report('engines'), engineId: OTHER_ENGINE })
    expect(verdict(packet, expecting(level))).toBe('passes')
  })

  test('takes an answer to discovery for a report only', () => {
    const discovery = { id: DISCOVERY_ID, user: Buffer.alloc(0), engineId: OTHER_ENGINE }
    const told = packetWith({ ...discovery, pdu: report('engines') })
    expect(verdict(told, expecting(level, null))).toBe('passes')
    const response = packetWith({ ...discovery, pdu: pdu(0xa2, 78) })
    expect(verdict(response, expecting(level, null))).toBe('level')
  })
})

describe.each([
  ['authNoPriv', 1],
  ['authPriv', 3],
] as const)('a session of %s', (_name, level) => {
  test('has its clock set by signed reports alone', () => {
    const unsigned = packetWith({ pdu: report('window') })
    expect(verdict(unsigned, expecting(level))).toBe('report')
    const signed = packetWith({ pdu: report('window'), flags: 1 })
    expect(verdict(signed, expecting(level))).toBe('passes')
  })

  test('is shown no report that RFC 3414 does not have below its level', () => {
    const unknownContexts = element(0x06, Buffer.from([0x2b, 6, 1, 6, 3, 12, 1, 5, 0]))
    const binding = element(0x30, unknownContexts, integer(1))
    const zeros = [integer(0), integer(0), integer(0)]
    const packet = packetWith({ pdu: element(0xa8, ...zeros, element(0x30, binding)) })
    expect(verdict(packet, expecting(level))).toBe('report')
    const empty = packetWith({ pdu: element(0xa8, ...zeros, element(0x30)) })
    expect(verdict(empty, expecting(level))).toBe('report')
  })
})

test('a session of noAuthNoPriv is shown the response to its very request', () => {
  const other = packetWith({ pdu: pdu(0xa2, ASKED.requestId + 1) })
  expect(verdict(other, expecting(0))).toBe('late')
})

test.each([0xa0, 0xa1, 0xa3, 0xa5, 0xa6, 0xa7])('a PDU of %s is no answer', (tag) => {
  expect(verdict(packetWith({ pdu: pdu(tag) }), expecting(0))).toBe('malformed')
})

test('an element that hides another behind its content is refused', () => {
  const forged = packetWith({ flags: 0 })
  const header = (extra: Buffer) =>
    element(
      0x30,
      integer(MESSAGE_ID),
      integer(65_507),
      element(0x04, Buffer.from([0])),
      integer(3),
      extra,
    )
  const usm = element(
    0x30,
    element(0x04, ENGINE),
    integer(1),
    integer(1),
    element(0x04, USER),
    element(0x04),
    element(0x04),
  )
  const message = (global: Buffer, parameters: Buffer, ...data: Buffer[]) =>
    element(0x30, integer(3), global, element(0x04, parameters), ...data)
  const scoped = scopedPdu(ENGINE, report('engines'))
  const nothing = Buffer.alloc(0)
  expect(verdict(message(header(nothing), usm, scoped), expecting(3))).toBe('passes')
  expect(verdict(message(header(forged), usm, scoped), expecting(3))).toBe('malformed')
  expect(
    verdict(message(header(nothing), Buffer.concat([usm, forged]), scoped), expecting(3)),
  ).toBe('malformed')
  expect(verdict(message(header(nothing), usm, scoped, forged), expecting(3))).toBe('malformed')
})

const packets = fc
  .record({
    id: fc.constantFrom(MESSAGE_ID, DISCOVERY_ID, 5),
    flags: fc.constantFrom(0, 1, 2, 3, 4, 5, 7),
    engineId: fc.constantFrom(ENGINE, OTHER_ENGINE, Buffer.alloc(0)),
    user: fc.constantFrom(USER, Buffer.from('mallory'), Buffer.alloc(0)),
    pdu: fc.constantFrom(RESPONSE, ...Object.values(REPORTS).map(reportPdu), pdu(0xa0)),
  })
  .map(packetWith)

const mutations = fc.array(
  fc.record({
    at: fc.nat(400),
    remove: fc.integer({ min: 0, max: 3 }),
    insert: fc.uint8Array({ maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 6 },
)

function mutate(
  packet: Buffer,
  changes: readonly { at: number; remove: number; insert: Uint8Array }[],
): Buffer {
  return changes.reduce((bytes, { at, remove, insert }) => {
    const start = at % (bytes.length + 1)
    return Buffer.concat([bytes.subarray(0, start), insert, bytes.subarray(start + remove)])
  }, packet)
}

test('never throws, whatever comes', () => {
  fc.assert(
    fc.property(packets, mutations, fc.constantFrom(0, 1, 3), (packet, changes, level) => {
      const mutated = mutate(packet, changes)
      judgeV3(mutated, expecting(level))
      judgeV3(mutated, expecting(level, null))
      for (let end = 0; end < packet.length; end += 7) {
        judgeV3(packet.subarray(0, end), expecting(level))
      }
    }),
    { numRuns: 3_000 },
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(verdict(Buffer.from(bytes), expecting(3))).not.toBe('passes')
    }),
    { numRuns: 3_000 },
  )
})

test('what passes below the level is a report, however a packet was bent', () => {
  fc.assert(
    fc.property(packets, mutations, fc.constantFrom(1, 3), (packet, changes, level) => {
      for (const bytes of [packet, mutate(packet, changes)]) {
        const judged = judgeV3(bytes, expecting(level))
        if (typeof judged === 'string' || judged.level === level) continue
        expect(judged.pdu?.tag).toBe(0xa8)
        expect(judged.pdu?.reportOid).toMatch(/^1\.3\.6\.1\.6\.3\.15\.1\.1\.[1-6]\.0$/)
      }
    }),
    { numRuns: 5_000 },
  )
})
