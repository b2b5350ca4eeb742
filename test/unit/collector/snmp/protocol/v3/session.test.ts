import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Receive } from '../../../../../../collector/snmp/protocol/endpoint.ts'
import { createSlots } from '../../../../../../collector/snmp/protocol/slots.ts'
import {
  type Transport,
  openTransport,
} from '../../../../../../collector/snmp/protocol/transport.ts'
import { openV3Session } from '../../../../../../collector/snmp/protocol/v3/session.ts'
import { credentialSchema } from '../../../../../../lib/config/credential.ts'
import { deriveUserKeys } from '../../../../../../lib/usm/keys.ts'
import { createAnswerer } from '../../../../../../lab/fast-answer.ts'
import { answerV3 } from '../../../../../../lab/v3-answer.ts'

const NAME = '1.3.6.1.2.1.1.5.0'
const DESCR = '1.3.6.1.2.1.2.2.1.2'
const ENGINE = Buffer.from('80001f88040a0b0c0d', 'hex')

const LEVELS = {
  noAuthNoPriv: {},
  authNoPriv: { auth_protocol: 'SHA', auth_password: 'auth-password' },
  authPriv: {
    auth_protocol: 'SHA',
    auth_password: 'auth-password',
    priv_protocol: 'AES',
    priv_password: 'priv-password',
  },
  'authPriv with DES': {
    auth_protocol: 'MD5',
    auth_password: 'auth-password',
    priv_protocol: 'DES',
    priv_password: 'priv-password',
  },
}

/** Between a session and an agent of the lab, whose codec is another one. `onWay` puts what it likes in an answer's place, `inside` in that of what is signed. */
async function between(level: keyof typeof LEVELS, context?: string) {
  const credential = credentialSchema.parse({
    version: '3',
    user: 'wardline',
    ...LEVELS[level],
    ...(context === undefined ? {} : { context }),
  })
  if (credential.version !== '3') throw new TypeError('expected a user')
  const keys = await deriveUserKeys(credential)
  const engine = { id: ENGINE, boots: 5, time: () => 1_000, keys: null }
  const answer = createAnswerer({ interfaces: 2, community: '' })
  const line = {
    onWay: (genuine: Buffer): readonly Buffer[] => [genuine],
    inside: (response: Buffer | null): Buffer | null => response,
    requests: [] as Buffer[],
    verdicts: [] as (string | null)[],
  }
  let receive: Receive = () => null
  await using real = await openTransport(new AbortController().signal)
  const transport: Transport = {
    ...real,
    signal: new AbortController().signal,
    outstanding: createSlots(),
    endpoint(_at, receivePacket) {
      receive = receivePacket
      return {
        send(packet, sent) {
          line.requests.push(packet)
          sent(null, packet.length)
          const user = { name: Buffer.from(credential.user), keys }
          const answered = answerV3(packet, engine, user, (pdu) => line.inside(answer(pdu, 0, 0)))
          if (answered === null) return
          for (const bytes of line.onWay(answered.packet)) {
            line.verdicts.push(receive(Buffer.from(bytes)))
          }
        },
        close() {},
      }
    },
  }
  const session = openV3Session(transport, { address: '127.0.0.1', port: 161, credential })
  const asking = () => ({
    tries: 1,
    waitMs: 5,
    deadlineAt: performance.now() + 1_000,
    counts: { pdus: 0, errors: 0 },
  })
  return {
    line,
    counts: transport.counts,
    name: async () => String((await session.get([NAME], asking()))[0]?.value),
    rows: () => session.getBulk([DESCR], 2, asking()),
    next: async () => (await session.getNext([DESCR], asking()))[0]?.oid,
  }
}

describe.each(Object.keys(LEVELS) as (keyof typeof LEVELS)[])('a session of %s', (level) => {
  test('asks what an agent with another codec understands, and reads its answers', async () => {
    const { name, rows, next } = await between(level)
    expect(await name()).toBe('fast')
    expect((await rows()).map((cells) => cells.map(({ oid }) => oid))).toEqual([
      [`${DESCR}.1`, `${DESCR}.2`],
    ])
    expect(await next()).toBe(`${DESCR}.1`)
  })

  test('says neither user nor context to an engine that it does not know', async () => {
    const { line, name } = await between(level, 'vlan-10')
    await name()
    const [discovery, request] = line.requests.map((packet) => packet.toString('latin1'))
    expect(discovery).not.toMatch(/wardline|vlan-10/)
    expect(request).toContain('wardline')
    expect(request?.includes('vlan-10')).toBe(!level.startsWith('authPriv'))
  })

  test('takes an answer once, and with bytes behind it', async () => {
    const { line, name } = await between(level)
    await name()
    line.verdicts.length = 0
    line.onWay = (genuine) => [Buffer.concat([genuine, Buffer.alloc(3, 1)]), genuine]
    expect(await name()).toBe('fast')
    expect(line.verdicts).toEqual([null, 'late'])
  })
})

const changes = fc.array(
  fc.record({
    at: fc.nat(300),
    remove: fc.integer({ min: 0, max: 3 }),
    insert: fc.uint8Array({ maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 4 },
)

function bend(
  packet: Buffer,
  bends: readonly { at: number; remove: number; insert: Uint8Array }[],
): Buffer {
  return bends.reduce((bytes, { at, remove, insert }) => {
    const start = at % (bytes.length + 1)
    return Buffer.concat([bytes.subarray(0, start), insert, bytes.subarray(start + remove)])
  }, packet)
}

test.each(['authNoPriv', 'authPriv', 'authPriv with DES'] as const)(
  'a session of %s never throws, and gives no value but what was signed, however answers were bent',
  async (level) => {
    const { line, name } = await between(level)
    await fc.assert(
      fc.asyncProperty(changes, async (bends) => {
        line.onWay = (genuine) => [bend(genuine, bends), genuine]
        // A report that was bent may end the exchange, as one that is forged: it has no digest.
        const outcome = await name().catch((error: Error) => error.name)
        expect(['fast', 'SnmpError']).toContain(outcome)
      }),
      { numRuns: 1_500 },
    )
    line.onWay = (genuine) => [genuine]
    expect(await name()).toBe('fast')
  },
)

test.each(['authNoPriv', 'authPriv', 'authPriv with DES'] as const)(
  'a session of %s never throws at what an agent signed that is out of its mind',
  async (level) => {
    const { line, counts, name } = await between(level)
    const { broken } = counts
    await fc.assert(
      fc.asyncProperty(changes, async (bends) => {
        line.inside = (response) => response && bend(response, bends)
        await name().catch((error: Error) => expect(error.name).toBe('SnmpError'))
      }),
      { numRuns: 200 },
    )
    expect(counts.broken).toBeGreaterThan(broken)
    line.inside = (response) => response
    expect(await name()).toBe('fast')
  },
)

test('a session of noAuthNoPriv never throws, however answers were bent', async () => {
  const { line, name } = await between('noAuthNoPriv')
  await fc.assert(
    fc.asyncProperty(changes, async (bends) => {
      line.onWay = (genuine) => [bend(genuine, bends), genuine]
      await name().catch((error: Error) => expect(error.name).toBe('SnmpError'))
    }),
    { numRuns: 1_500 },
  )
  line.onWay = (genuine) => [genuine]
  expect(await name()).toBe('fast')
})
