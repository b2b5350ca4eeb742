import type * as nodeCrypto from 'node:crypto'
import { createHash, createSecretKey } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Transport, openTransport } from '../../../collector/snmp/protocol/transport.ts'
import { AUTH_PROTOCOLS, PRIV_PROTOCOLS } from '../../../lib/config/credential.ts'
import { type Snmpd, type SnmpdUser, startSnmpd, userLines } from './snmpd.ts'
import { askName, askingOf, failureOf, openUser } from './v3-fixture.ts'

vi.mock('node:crypto', async (original) => {
  const real = await original<typeof nodeCrypto>()
  return {
    ...real,
    createHash: vi.fn(real.createHash),
    createSecretKey: vi.fn(real.createSecretKey),
  }
})

const IF_DESCR = '1.3.6.1.2.1.2.2.1.2'
const IF_MTU = '1.3.6.1.2.1.2.2.1.4'

const OPEN: SnmpdUser = { user: 'open' }
const SIGNING = AUTH_PROTOCOLS.map((protocol): SnmpdUser => ({
  user: `signing-${protocol}`,
  auth_protocol: protocol,
  auth_password: `signing-with-${protocol}`,
}))
const HIDING = SIGNING.flatMap((signing) =>
  PRIV_PROTOCOLS.map((protocol): SnmpdUser => ({
    ...signing,
    user: `hiding-${signing.auth_protocol}-${protocol}`,
    priv_protocol: protocol,
    priv_password: `hiding-with-${protocol}`,
  })),
)
const USERS = [OPEN, ...SIGNING, ...HIDING]
const USER: SnmpdUser = {
  user: 'hiding-SHA-AES',
  auth_protocol: 'SHA',
  auth_password: 'signing-with-SHA',
  priv_protocol: 'AES',
  priv_password: 'hiding-with-AES',
}

let elsewhere: Snmpd
let snmpd: Snmpd
let transport: Transport

beforeAll(async () => {
  elsewhere = await startSnmpd({ port: 16_164, lines: ['sysName elsewhere'] })
  snmpd = await startSnmpd({
    port: 16_163,
    lines: [
      ...USERS.flatMap(userLines),
      'proxy -Cn vlan-10 -v 2c -c public 127.0.0.1:16164 .1.3.6.1.2.1.1',
    ],
  })
  transport = await openTransport(new AbortController().signal)
})
afterAll(async () => {
  await transport[Symbol.asyncDispose]()
  await snmpd[Symbol.asyncDispose]()
  await elsewhere[Symbol.asyncDispose]()
})

describe.each(USERS)('$user reads from a real snmpd', (user) => {
  test('scalars and tables; finding out about the engine costs once', async () => {
    const session = openUser(transport, snmpd, user)
    expect(await askName(session)).toEqual({ name: 'core-1.example', pdus: 2, errors: 0 })
    expect(await askName(session)).toEqual({ name: 'core-1.example', pdus: 1, errors: 0 })
    const [descr, mtu] = await session.getBulk([IF_DESCR, IF_MTU], 1, askingOf())
    expect(descr).toEqual([{ oid: `${IF_DESCR}.1`, type: 4, value: Buffer.from('lo') }])
    expect(mtu).toEqual([{ oid: `${IF_MTU}.1`, type: 2, value: 65_536 }])
    const [next] = await session.getNext([`${IF_DESCR}.1`], askingOf())
    expect(next?.oid).toMatch(/^1\.3\.6\.1\.2\.1\.2\.2\.1\./)
    session.close()
  })
})

test('a context is read instead of the default one', async () => {
  const session = openUser(transport, snmpd, { ...USER, context: 'vlan-10' })
  expect(await askName(session)).toMatchObject({ name: 'elsewhere' })
})

describe('a credential that the agent refuses is told at once, and says what is wrong', () => {
  test.each([
    [
      'another auth_password',
      { ...USER, auth_password: 'another password' },
      'auth_password or auth_protocol of user hiding-SHA-AES is wrong (wrongDigests)',
    ],
    [
      'another auth_protocol',
      { ...USER, auth_protocol: 'SHA256' },
      'auth_password or auth_protocol of user hiding-SHA-AES is wrong (wrongDigests)',
    ],
    [
      'a user that it does not have',
      { ...USER, user: 'nobody' },
      'the agent has no user nobody (unknownUserNames)',
    ],
    [
      'privacy for a user that has none',
      { ...USER, user: 'signing-SHA' },
      "the agent doesn't take user signing-SHA at this level (unsupportedSecLevels)",
    ],
    [
      'less than the user has to use',
      { user: 'signing-SHA' },
      'the agent answers authorizationError',
    ],
  ])('%s', async (_what, user, message) => {
    const failure = await failureOf(openUser(transport, snmpd, user))
    expect(failure.reason).toBe('auth')
    expect(failure.message).toContain(message)
  })
})

test('snmpd is silent to another priv_password: the timeout says that this may be why', async () => {
  const session = openUser(transport, snmpd, { ...USER, priv_password: 'another password' })
  const failure = await failureOf(session, { waitMs: 150 })
  expect(failure.reason).toBe('timeout')
  expect(failure.message).toContain('silent to a wrong priv_password of user hiding-SHA-AES')
})

describe('an agent that starts anew is read in the same poll (§G 11)', () => {
  test('with one boot more', async () => {
    const session = openUser(transport, snmpd, USER)
    await askName(session)
    await snmpd.reboot()
    await snmpd.reboot()
    expect(await askName(session)).toEqual({ name: 'core-1.example', pdus: 2, errors: 0 })
    expect(await askName(session)).toMatchObject({ pdus: 1 })
  })

  test('with its boots lost', async () => {
    const session = openUser(transport, snmpd, USER)
    await askName(session)
    await snmpd.reboot({ lostBoots: true })
    expect(await askName(session)).toEqual({ name: 'core-1.example', pdus: 3, errors: 1 })
    expect(await askName(session)).toEqual({ name: 'core-1.example', pdus: 1, errors: 0 })
  })

  test('as another device, with fewer boots than the one before', async () => {
    await snmpd.reboot()
    await snmpd.reboot()
    const session = openUser(transport, snmpd, USER)
    await askName(session)
    await snmpd.reboot({ engineId: '80001f8804616e6f74686572' })
    expect(await askName(session)).toEqual({ name: 'core-1.example', pdus: 2, errors: 0 })
    expect(await askName(session)).toEqual({ name: 'core-1.example', pdus: 1, errors: 0 })
  })

  test('at every level of security', async () => {
    const sessions = [OPEN, SIGNING[0], HIDING[0]].map((user) =>
      openUser(transport, snmpd, user ?? OPEN),
    )
    for (const change of [{}, { lostBoots: true }, { engineId: '80001f880474686972642d31' }]) {
      for (const session of sessions) await askName(session)
      await snmpd.reboot(change)
      for (const session of sessions) {
        expect(await askName(session)).toMatchObject({ name: 'core-1.example' })
      }
    }
  })
})

test('keys are made once for each password, and once for each user and engine, never for a poll', async () => {
  const user = { ...USER, user: 'counted' }
  await using counted = await startSnmpd({ port: 16_165, lines: userLines(user) })
  vi.mocked(createHash).mockClear()
  vi.mocked(createSecretKey).mockClear()
  const session = openUser(transport, counted, user)
  const made = () => [
    vi.mocked(createHash).mock.calls.length,
    vi.mocked(createSecretKey).mock.calls.length,
  ]
  for (let poll = 0; poll < 20; poll++) await askName(session)
  expect(made()).toEqual([2, 2])
  await counted.reboot({ lostBoots: true })
  for (let poll = 0; poll < 20; poll++) await askName(session)
  expect(made()).toEqual([2, 2])
  await counted.reboot({ engineId: '80001f8804616e6f74686572' })
  for (let poll = 0; poll < 20; poll++) await askName(session)
  expect(made()).toEqual([2, 4])
})

test('when the transport ends, what waits for an answer rejects with its reason', async () => {
  const shutdown = new AbortController()
  await using own = await openTransport(shutdown.signal)
  const session = openUser(own, { address: '127.0.0.1', port: 9 }, USER)
  const waiting = askName(session)
  const reason = new Error('the collector ends')
  setImmediate(() => shutdown.abort(reason))
  await expect(waiting).rejects.toBe(reason)
})

test('no wait goes past the deadline', async () => {
  const session = openUser(transport, { address: '127.0.0.1', port: 9 }, USER)
  const startedAt = performance.now()
  const failure = await failureOf(session, { waitMs: 5_000, withinMs: 200 })
  expect(failure.reason).toBe('timeout')
  expect(performance.now() - startedAt).toBeLessThan(2_000)
})
