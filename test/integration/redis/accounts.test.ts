import { describe, expect, test } from 'vitest'
import { createClaims } from '../../../lib/auth/claim.ts'
import { type Register, openRegister } from '../../../lib/auth/register.ts'
import { createSessions } from '../../../lib/auth/sessions.ts'
import { systemClock } from '../../../lib/clock.ts'
import { waitFor } from '../../wait.ts'
import { standForEach } from './stand.ts'

const PASSWORD = 'a horse, a battery, a staple'
const SOON = { timeoutMs: 30_000 }
const stand = standForEach()

async function open(): Promise<Register & AsyncDisposable> {
  const redis = await stand.connect()
  const dataDir = stand.directory.of('data')
  const { log } = stand.recorded
  return stand.use(
    await openRegister({ redis, dataDir, clock: systemClock, log, isAnyAdmin: false }),
  )
}

const add = (register: Register, name: string): Promise<unknown> =>
  register.edits.addUser({ name, password: PASSWORD, role: 'admin', scope: null }, 'test')
const addToken = async (register: Register, name: string): Promise<string> => {
  const grant = { name, role: 'viewer' as const, scope: null, expiresAt: null }
  return (await register.edits.addToken(grant, 'test')).token.id
}
const usersInRedis = async (): Promise<string> =>
  (await stand.server.redis.hkeys('wardline:auth:users')).sort().join()

describe('users and tokens in a Redis that', () => {
  test('was flushed are put back from memory: nobody is locked out, and all sign in again', async () => {
    const register = await open()
    await add(register, 'root')
    const token = await addToken(register, 'grafana')
    const before = register.current.users.get('root')
    await stand.server.redis.flushall()
    await waitFor(async () => (await usersInRedis()) === 'root', SOON)
    await waitFor(() => register.current.users.get('root')?.epoch !== before?.epoch, SOON)
    expect(register.current.users.get('root')?.password).toBe(before?.password)
    expect([...register.current.tokens.keys()]).toEqual([token])
  })

  test('was restored from an old file: whoever was removed stays out, another password stays, ended sessions stay ended', async () => {
    const register = await open()
    await add(register, 'root')
    await add(register, 'leaver')
    const revoked = await addToken(register, 'revoked')
    const times = { idleMs: 3_600_000, lifetimeMs: 3_600_000 }
    const sessions = createSessions(stand.server.redis, systemClock, times)
    const { epoch = '' } = register.current.users.get('root') ?? {}
    const session = await sessions.open({ user: 'root', epoch })
    await stand.server.backUp()
    await sessions.close(session)
    await register.edits.removeUser('leaver', 'test')
    await register.edits.removeToken(revoked, 'test')
    const changed = await register.edits.setPassword('root', `${PASSWORD} 2`, 'test')

    await stand.server.restore()
    await waitFor(async () => (await usersInRedis()) === 'root', SOON)
    await register.refresh()
    expect(await stand.server.redis.hlen('wardline:auth:tokens')).toBe(0)
    const root = register.current.users.get('root')
    expect(root?.password).toBe(changed.password)
    expect((await sessions.isOpen(session))?.epoch).not.toBe(root?.epoch)
  })

  test('was restored from an old file are signed out also where no account changed since', async () => {
    const register = await open()
    await add(register, 'root')
    const before = register.current.users.get('root')
    await register.endSessions()
    await waitFor(() => register.current.users.get('root')?.epoch !== before?.epoch, SOON)
    expect(register.current.users.get('root')?.password).toBe(before?.password)
  })

  test('was restored from an old file, and went away again at once, are signed out when it is back', async () => {
    const register = await open()
    await add(register, 'root')
    const before = register.current.users.get('root')
    await stand.server.backUp()
    await stand.server.kill()
    await expect(register.endSessions()).rejects.toMatchObject({ reason: 'unavailable' })
    await stand.server.restore()
    await waitFor(() => register.current.users.get('root')?.epoch !== before?.epoch, SOON)
  })

  test('was restored from an old file while the API was down lets in nobody who changed since', async () => {
    const first = await open()
    await add(first, 'root')
    await add(first, 'same')
    await add(first, 'leaver')
    const token = await addToken(first, 'kept')
    const revoked = await addToken(first, 'revoked')
    const same = first.current.users.get('same')
    await stand.server.backUp()
    await first.edits.removeUser('leaver', 'test')
    await first.edits.removeToken(revoked, 'test')
    await first.edits.setPassword('root', `${PASSWORD} 2`, 'test')
    await first[Symbol.asyncDispose]()

    await stand.server.restore()
    const { users, tokens } = (await open()).current
    expect([...users.values()].map(({ name, disabled }) => `${name} ${disabled}`).sort()).toEqual([
      'root true',
      'same false',
    ])
    expect([...tokens.keys()]).toEqual([token])
    expect(users.get('same')?.password).toBe(same?.password)
    expect(users.get('same')?.epoch).not.toBe(same?.epoch)
    expect(
      stand.recorded.lines.some(({ level, msg }) => level === 50 && /older users/.test(msg)),
    ).toBe(true)
  })

  test('lost everything while the API was down: a file lets nobody in, a link makes the first admin', async () => {
    const first = await open()
    await add(first, 'root')
    await first[Symbol.asyncDispose]()
    await stand.server.redis.flushall()
    expect((await open()).current.users.size).toBe(0)
    expect(stand.recorded.lines.some(({ msg }) => /first admin is made anew/.test(msg))).toBe(true)
  })

  test('was flushed, and has another first admin by now, is not taken for the one that was known', async () => {
    const claims = createClaims(stand.server.redis, systemClock)
    const claim = async (name: string): Promise<unknown> =>
      claims.take(await claims.offer(), { name, password: PASSWORD })
    await claim('root')
    const first = await open()
    await first[Symbol.asyncDispose]()
    await stand.server.redis.flushall()
    await claim('other')
    const { users } = (await open()).current
    expect([...users.keys()]).toEqual(['other'])
    expect(stand.recorded.lines.some(({ msg }) => /older users/.test(msg))).toBe(true)
  })
})
