import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { auditEntry } from '../../../lib/auth/audit.ts'
import { waitFor } from '../../wait.ts'
import { SCOPE, SESSION, signIn, withUsers } from './people.ts'
import {
  type AuthStand,
  type Replica,
  PASSWORD,
  bySession,
  byToken,
  startAuthStand,
} from './stand.ts'

let stand: AuthStand
beforeAll(async () => {
  stand = await startAuthStand()
})
afterAll(() => stand[Symbol.asyncDispose]())
afterEach(() => stand.empty())

describe('a token', () => {
  const make = (replica: Replica, draft: object = {}) =>
    replica.auth.register.edits.addToken(
      { name: 'grafana', role: 'viewer', scope: null, expiresAt: null, ...draft },
      'root',
    )

  test('is made by an admin, shown once, and used as its role and scope say', async () => {
    const replica = await withUsers(stand)
    const headers = bySession(await signIn(replica, 'root'))
    const body = { name: 'west wall', role: 'viewer', scope: SCOPE }
    const made = await replica.ask('/api/v1/tokens', { method: 'POST', body, headers })
    const devices = await replica.ask('/api/v1/devices', { headers: byToken(made.body.token) })
    await replica.clock.advance(10_000)
    const list = await replica.ask('/api/v1/tokens', { headers })

    expect(made).toMatchObject({ status: 201, body: { created_by: 'root', expires_at: null } })
    expect(made.body.token).toMatch(/^wl_[0-9a-f]{16}_[\w-]{43}$/)
    expect(devices.body.map(({ id }: { id: string }) => id)).toEqual(['w-1'])
    expect(list.body).toMatchObject([{ name: 'west wall', role: 'viewer', scope: SCOPE }])
    expect(JSON.stringify(list.body)).not.toContain(made.body.token.slice(20))
  })

  test('is revoked everywhere within a second', async () => {
    const replica = await withUsers(stand)
    const other = await stand.replica({ auth: { open: false } })
    const { token, text } = await make(replica)
    await waitFor(
      async () => (await other.ask('/api/v1/devices', { headers: byToken(text) })).status === 200,
      { what: 'the token is known to the other replica' },
    )
    await replica.auth.register.edits.removeToken(token.id, 'root')

    await waitFor(
      async () => (await other.ask('/api/v1/devices', { headers: byToken(text) })).status === 401,
      { timeoutMs: 1_000, intervalMs: 20, what: 'the token is revoked' },
    )
  })

  test('expires', async () => {
    const replica = await withUsers(stand)
    const { text } = await make(replica, { expiresAt: replica.clock.now() + 3_600_000 })
    const before = await replica.ask('/api/v1/devices', { headers: byToken(text) })
    await replica.clock.advance(3_600_000)
    const after = await replica.ask('/api/v1/devices', { headers: byToken(text) })

    expect([before.status, after.status]).toEqual([200, 401])
    expect(after.headers.get('www-authenticate')).toBe('Bearer')
    expect(after.body.detail).toBe('the token has expired')
  })

  test('costs its slow hash once, not with every request', async () => {
    const replica = await withUsers(stand)
    const { text } = await make(replica)
    const once = await cpuOf(() => replica.ask('/livez', { headers: byToken(text) }))
    const first = await cpuOf(() => replica.ask(SESSION, { headers: byToken(text) }))
    const hundred = await cpuOf(async () => {
      for (let turn = 0; turn < 100; turn++) await replica.ask(SESSION, { headers: byToken(text) })
    })

    expect(first).toBeGreaterThan(once)
    // A hundred slow hashes would be eight seconds.
    expect(hundred).toBeLessThan(20 * first)
  })

  async function cpuOf(work: () => Promise<unknown>): Promise<number> {
    const before = process.cpuUsage()
    await work()
    const { user, system } = process.cpuUsage(before)
    return user + system
  }

  test.each([
    ['another scheme', 'Basic b3A6cGFzc3dvcmQ='],
    ['what is no token', 'Bearer hello'],
    ['one that nobody made', `Bearer wl_0123456789abcdef_${'A'.repeat(43)}`],
  ])('%s is a 401, also where reading is open', async (_what, authorization) => {
    const replica = await withUsers(stand)
    const answer = await replica.ask('/api/v1/devices', { headers: { authorization } })

    expect(answer.status).toBe(401)
  })

  test('with another secret is none', async () => {
    const replica = await withUsers(stand)
    const { text } = await make(replica)
    await replica.ask('/api/v1/devices', { headers: byToken(text) })
    const forged = `${text.slice(0, -1)}${text.endsWith('A') ? 'B' : 'A'}`

    expect((await replica.ask('/api/v1/devices', { headers: byToken(forged) })).status).toBe(401)
  })
})

describe('users', () => {
  test('are added, changed and removed by an admin; the last admin stays', async () => {
    const replica = await withUsers(stand)
    const headers = bySession(await signIn(replica, 'root'))
    const ask = (method: string, path: string, body?: unknown) =>
      replica.ask(`/api/v1/users${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body }),
      })
    const draft = { name: 'nino', password: PASSWORD, role: 'operator' }
    const added = await ask('POST', '', draft)
    const twice = await ask('POST', '', { ...draft, name: 'NINO' })
    const nowhere = await ask('PATCH', '/nino', { scope: { regions: ['Wset'], branches: [] } })
    const changed = await ask('PATCH', '/nino', { scope: SCOPE })
    const removed = await ask('DELETE', '/nino')
    const last = await ask('DELETE', '/root')
    const demoted = await ask('PATCH', '/root', { role: 'operator' })

    expect(added).toMatchObject({ status: 201, body: { name: 'nino', last_login_at: null } })
    expect(twice).toMatchObject({
      status: 409,
      body: { detail: 'somebody is called nino already' },
    })
    expect(nowhere).toMatchObject({ status: 400 })
    expect(nowhere.body.detail).toContain('did you mean West')
    expect(changed.body).toMatchObject({ scope: { regions: ['West'], branches: [] } })
    expect([removed.status, last.status, demoted.status]).toEqual([204, 409, 409])
    const { body: users } = await ask('GET', '')
    expect(users.map(({ name }: { name: string }) => name)).toEqual(['op', 'root', 'west'])
  })

  test('two who change the same at once: none is lost', async () => {
    const [one, other] = [await withUsers(stand), await stand.replica()]
    await Promise.allSettled(
      [one, other, one, other].map(({ auth }, i) =>
        auth.register.edits.addToken(
          { name: `t${i}`, role: 'viewer', scope: null, expiresAt: null },
          'test',
        ),
      ),
    )
    await one.auth.register.refresh()
    const { tokens, users } = one.auth.register.current
    const lines = await one.auth.audit.read({ kind: 'token', limit: 100, offset: 0 })

    expect(users.size).toBe(3)
    expect(tokens.size).toBeGreaterThan(1)
    expect(lines.total).toBe(tokens.size)
  })

  test.each([
    ['an operator', 'op'],
    ['a viewer with a scope', 'west'],
  ])('%s manages nobody', async (_who, name) => {
    const replica = await withUsers(stand)
    const headers = bySession(await signIn(replica, name))
    for (const path of ['/users', '/tokens', '/audit'])
      expect((await replica.ask(`/api/v1${path}`, { headers })).status, path).toBe(403)
  })

  test('an admin with a scope gives nobody more than they have: they manage nobody', async () => {
    const replica = await withUsers(stand)
    const { text } = await replica.auth.register.edits.addToken(
      { name: 'west admin', role: 'admin', scope: SCOPE, expiresAt: null },
      'test',
    )
    const body = { name: 'x', role: 'admin', scope: null }
    const headers = byToken(text)
    const made = await replica.ask('/api/v1/tokens', { method: 'POST', body, headers })

    expect(made.status).toBe(403)
    expect((await replica.ask('/api/v1/audit', { headers })).status).toBe(403)
  })
})

describe('the audit log', () => {
  test('says who did what, of decisions too, with what was before and after', async () => {
    const replica = await withUsers(stand)
    const headers = bySession(await signIn(replica, 'root'))
    await stand.redis.xadd(
      'wardline:decisions:log',
      '*',
      ...auditEntry({
        at: replica.clock.now(),
        who: 'op',
        what: 'silence created',
        id: 's1',
        before: null,
        after: { comment: 'new roof' },
      }),
    )
    await replica.clock.advance(1_000)
    await replica.ask('/api/v1/users/west', { method: 'DELETE', headers })
    const read = (query: string) => replica.ask(`/api/v1/audit${query}`, { headers })
    const all = await read('')
    const silences = await read('?kind=silence')
    await replica.auth.register.edits.changeUser('op', { role: 'viewer' }, 'root')
    const removed = await read('?kind=user&id=west&limit=1')
    const ofUsers = await read('?kind=user&limit=1')
    const found = await read('?q=NEW%20roof')

    expect(all.body.map(({ what }: { what: string }) => what)).toEqual([
      'user removed',
      'silence created',
      'session opened',
    ])
    expect(all.headers.get('x-total-count')).toBe('3')
    expect(silences.body).toMatchObject([{ who: 'op', id: 's1', after: { comment: 'new roof' } }])
    expect(removed.headers.get('x-total-count')).toBe('1')
    expect(ofUsers.headers.get('x-total-count')).toBe('2')
    expect(ofUsers.body).toMatchObject([{ what: 'user changed', id: 'op' }])
    expect(removed.body).toEqual([
      {
        at: expect.stringMatching(/^\d{4}-.*Z$/),
        who: 'root',
        what: 'user removed',
        id: 'west',
        before: {
          name: 'west',
          role: 'viewer',
          scope: SCOPE,
          disabled: false,
          signs_in: 'password',
        },
        after: null,
      },
    ])
    expect(found.body).toHaveLength(1)
  })

  test('who fails to sign in, however often, pushes out nothing that was changed', async () => {
    const replica = await withUsers(stand)
    await replica.ask(SESSION, { method: 'POST', body: { user: 'op', password: 'a wrong one' } })
    const { entries } = await replica.auth.audit.read({ kind: 'session', limit: 9, offset: 0 })

    expect(entries).toMatchObject([{ who: 'op', what: 'session refused', before: null }])
    expect(await stand.redis.xlen('wardline:audit')).toBe(0)
  })

  test('what was typed for a name may be a password: of nobody nothing is kept', async () => {
    const replica = await withUsers(stand)
    const typed = 'my-secret-password-1'
    await replica.ask(SESSION, { method: 'POST', body: { user: typed, password: 'x' } })

    expect(await stand.everything()).not.toContain(typed)
  })
})

test('H5 no secret is in Redis, in an answer or in a URL', async () => {
  const replica = await withUsers(stand)
  const cookie = await signIn(replica, 'root')
  const headers = bySession(cookie)
  const body = { name: 'x', role: 'viewer', scope: null }
  const { body: made } = await replica.ask('/api/v1/tokens', { method: 'POST', body, headers })
  const code = await replica.auth.claims.offer()
  const answers = await Promise.all(
    ['/session', '/users', '/tokens', '/audit'].map((path) =>
      replica.ask(`/api/v1${path}`, { headers }),
    ),
  )
  const told = JSON.stringify(answers.map((answer) => answer.body))
  const secrets = [PASSWORD, made.token.slice(20), cookie?.split('=')[1] ?? '', code]
  const inRedis = await stand.everything()

  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(20)
    expect(inRedis).not.toContain(secret)
    expect(told).not.toContain(secret)
  }
  expect(told).not.toContain('argon2')
})
