import { Hono } from 'hono'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { offerFirstAdmin } from '../../../api/auth/first-admin.ts'
import { digestOf } from '../../../lib/auth/token-text.ts'
import { waitFor } from '../../wait.ts'
import { SCOPE, SESSION, signIn, withUsers } from './people.ts'
import { type AuthStand, type Replica, PASSWORD, bySession, startAuthStand } from './stand.ts'

let stand: AuthStand
beforeAll(async () => {
  stand = await startAuthStand()
})
afterAll(() => stand[Symbol.asyncDispose]())
afterEach(() => stand.empty())

describe('the first admin', () => {
  async function offered(replica: Replica): Promise<string> {
    const lines: string[] = []
    const externalUrl = 'http://127.0.0.1:5001/'
    const print = (line: string): void => void lines.push(line)
    const { signal } = new AbortController()
    await offerFirstAdmin(replica.auth, { externalUrl, clock: replica.clock, print }, signal)
    return lines.join()
  }
  const codeOf = (text: string): string => /login#code=(\S+)$/.exec(text)?.[1] ?? ''
  const claim = (code: string) => ({
    method: 'POST',
    body: { code, user: 'nino', password: PASSWORD },
  })

  test('H5 there is no default password: a link makes the first admin, once', async () => {
    const replica = await stand.replica()
    const link = await offered(replica)
    const before = await replica.ask(SESSION)
    const made = await replica.ask('/api/v1/session/claim', claim(codeOf(link)))
    const again = await replica.ask('/api/v1/session/claim', claim(codeOf(link)))

    expect(link).toContain('http://127.0.0.1:5001/login#code=')
    expect(before.body).toMatchObject({ authenticated: false, needs_first_admin: true })
    expect(made).toMatchObject({
      status: 200,
      body: { authenticated: true, name: 'nino', role: 'admin', needs_first_admin: false },
    })
    expect(again.status).toBe(403)
    expect(await offered(replica)).toBe('')
  })

  test('each start makes a new link, and the former is none any more', async () => {
    const replica = await stand.replica()
    const former = codeOf(await offered(replica))
    const latter = codeOf(await offered(replica))

    expect((await replica.ask('/api/v1/session/claim', claim(former))).status).toBe(403)
    expect((await replica.ask('/api/v1/session/claim', claim(latter))).status).toBe(200)
  })

  test('a password that is too short leaves the link as it was', async () => {
    const replica = await stand.replica()
    const code = codeOf(await offered(replica))
    const body = { code, user: 'nino', password: 'short' }
    const refused = await replica.ask('/api/v1/session/claim', { method: 'POST', body })

    expect(refused).toMatchObject({
      status: 400,
      body: { detail: 'password: expected a password of at least 12 characters' },
    })
    expect((await replica.ask('/api/v1/session/claim', claim(code))).status).toBe(200)
  })
})

describe('a session', () => {
  test('begins with name and password, says who it is, and ends', async () => {
    const replica = await withUsers(stand)
    const cookie = await signIn(replica, 'op')
    const during = await replica.ask(SESSION, { headers: bySession(cookie) })
    await replica.ask(SESSION, { method: 'DELETE', headers: bySession(cookie) })
    const after = await replica.ask(SESSION, { headers: bySession(cookie) })

    expect(during.body).toEqual({
      authenticated: true,
      name: 'op',
      kind: 'user',
      role: 'operator',
      scope: null,
      open_access: true,
      login: { password: true, oidc: null },
      needs_first_admin: false,
    })
    expect(after.body).toMatchObject({ authenticated: false, kind: 'open' })
  })

  test('its cookie is for this page alone, and by https for this very host', async () => {
    const replica = await withUsers(stand, {
      auth: { trusted_proxies: ['192.0.2.1'], hosts: ['noc.example.net'] },
    })
    const body = { user: 'op', password: PASSWORD }
    const plain = await replica.ask(SESSION, { method: 'POST', body })
    const headers = { 'x-forwarded-proto': 'https', host: 'noc.example.net' }
    const secure = await replica.ask(SESSION, { method: 'POST', body, headers })
    const claimed = await replica.ask(SESSION, { method: 'POST', body, headers, from: '192.0.2.9' })

    expect(plain.headers.get('set-cookie')).toMatch(
      /^wardline=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Strict$/,
    )
    expect(secure.headers.get('set-cookie')).toMatch(
      /^__Host-wardline=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    )
    expect(secure.headers.get('strict-transport-security')).toContain('max-age=')
    expect(claimed.headers.get('set-cookie')).toMatch(/^wardline=/)
  })

  test('a wrong password, a wrong name and a disabled user get one answer', async () => {
    const replica = await withUsers(stand)
    await replica.auth.register.edits.changeUser('west', { disabled: true }, 'test')
    const tries = [
      { user: 'op', password: 'something else' },
      { user: 'nobody', password: PASSWORD },
      { user: 'west', password: PASSWORD },
    ]
    const answers = []
    for (const body of tries) {
      const { status, body: told, cookie } = await replica.ask(SESSION, { method: 'POST', body })
      answers.push([status, told.detail, cookie])
    }

    expect(answers).toEqual(Array(3).fill([401, 'the name or the password is wrong', null]))
  })

  test('gets another id every quarter of an hour; the former is good for what is under way', async () => {
    const replica = await withUsers(stand)
    const first = await signIn(replica, 'op')
    await replica.clock.advance(15 * 60_000)
    const [one, other] = await Promise.all([
      replica.ask(SESSION, { headers: bySession(first) }),
      replica.ask(SESSION, { headers: bySession(first) }),
    ])
    const next = one.cookie ?? other.cookie
    const late = await replica.ask(SESSION, { headers: bySession(first) })
    const later = await replica.ask(SESSION, { headers: bySession(next) })

    expect([one.cookie, other.cookie].filter(Boolean)).toHaveLength(1)
    expect(next).not.toBe(first)
    expect([late.body.name, later.body.name]).toEqual(['op', 'op'])
    expect(later.cookie).toBeNull()
    expect(await ttlOf(first)).toBeLessThanOrEqual(60_000)
  })

  test('outlives an answer that never arrived: the id that it brought is given again', async () => {
    const replica = await withUsers(stand)
    const first = await signIn(replica, 'op')
    await replica.clock.advance(15 * 60_000)
    const { cookie: lost } = await replica.ask(SESSION, { headers: bySession(first) })
    await replica.clock.advance(10 * 60_000)
    const again = await replica.ask(SESSION, { headers: bySession(first) })
    const next = await replica.ask(SESSION, { headers: bySession(again.cookie) })
    const former = await replica.ask(SESSION, { headers: bySession(first) })

    expect([again.body.name, next.body.name]).toEqual(['op', 'op'])
    expect([again.cookie, next.cookie, former.cookie]).toEqual([lost, null, null])
    expect(await ttlOf(first)).toBeLessThanOrEqual(60_000)
  })

  test('ends by its former id, too: the next one, on its way meanwhile, is none any more', async () => {
    const replica = await withUsers(stand)
    const first = await signIn(replica, 'op')
    await replica.clock.advance(15 * 60_000)
    const { cookie: next } = await replica.ask(SESSION, { headers: bySession(first) })
    await replica.ask(SESSION, { method: 'DELETE', headers: bySession(first) })
    const after = await replica.ask(SESSION, { headers: bySession(next) })

    expect(next).not.toBeNull()
    expect(after.body.authenticated).toBe(false)
    expect(await stand.redis.keys('wardline:auth:session:*')).toEqual([])
  })

  test('that is due for another id ends, and leaves none', async () => {
    const replica = await withUsers(stand)
    const cookie = await signIn(replica, 'op')
    await replica.clock.advance(15 * 60_000)
    await replica.ask(SESSION, { method: 'DELETE', headers: bySession(cookie) })

    expect(await stand.redis.keys('wardline:auth:session:*')).toEqual([])
  })

  test('with another scope sees no more by what it opened before; with another role it goes on', async () => {
    const replica = await withUsers(stand)
    const { register, identify } = replica.auth
    const headers = { cookie: (await signIn(replica, 'op')) ?? '' }
    const app = new Hono()
    let isStill = async (): Promise<boolean> => false
    app.get('/', async (c) => {
      ;({ isStill } = await identify(c))
      return c.body(null)
    })
    await app.request('/', { headers })
    const before = await isStill()
    await register.edits.changeUser('op', { role: 'viewer' }, 'root')
    const demoted = await isStill()
    await register.edits.changeUser('op', { scope: SCOPE }, 'root')

    expect([before, demoted, await isStill()]).toEqual([true, true, false])
  })

  async function ttlOf(cookie: string | null): Promise<number> {
    const id = cookie?.split('=')[1] ?? ''
    return stand.redis.pttl(`wardline:auth:session:${digestOf(id)}`)
  }

  test('ends after its lifetime, however busy it is', async () => {
    const replica = await withUsers(stand, { auth: { session: { idle: '1h', lifetime: '2h' } } })
    let cookie = await signIn(replica, 'op')
    const names: string[] = []
    for (let turn = 0; turn < 5; turn++) {
      const answer = await replica.ask(SESSION, { headers: bySession(cookie) })
      names.push(answer.body.name)
      cookie = answer.cookie ?? cookie
      await replica.clock.advance(35 * 60_000)
    }

    expect(names).toEqual(['op', 'op', 'op', 'op', 'anybody'])
  })

  test('ends at once when somebody is disabled or removed, and another role holds at once', async () => {
    const replica = await withUsers(stand)
    const other = await stand.replica()
    const { edits } = replica.auth.register
    const cookie = await signIn(replica, 'op')
    const removed = await signIn(replica, 'west')
    await edits.changeUser('op', { role: 'viewer' }, 'root')
    const demoted = await waitFor(async () => {
      const { body } = await other.ask(SESSION, { headers: bySession(cookie) })
      return body.role === 'viewer' ? body : null
    })
    await edits.changeUser('op', { disabled: true }, 'root')
    await edits.removeUser('west', 'root')
    const here = await replica.ask(SESSION, { headers: bySession(cookie) })
    const gone = await replica.ask(SESSION, { headers: bySession(removed) })
    await edits.changeUser('op', { disabled: false }, 'root')
    const enabled = await replica.ask(SESSION, { headers: bySession(cookie) })

    expect(demoted.name).toBe('op')
    expect([here, gone, enabled].map(({ body }) => body.authenticated)).toEqual([
      false,
      false,
      false,
    ])
    expect(here.headers.get('set-cookie')).toContain('Max-Age=0')
  })

  test('another password takes the one that is in force, and ends the other sessions', async () => {
    const replica = await withUsers(stand)
    const here = await signIn(replica, 'op')
    const elsewhere = await signIn(replica, 'op')
    const put = (body: object) =>
      replica.ask('/api/v1/users/op/password', { method: 'PUT', body, headers: bySession(here) })
    const password = 'quite another set of words'
    const wrong = await put({ password, current: 'guessed, I think' })
    const without = await put({ password })
    const set = await put({ password, current: PASSWORD })
    const sessions = await Promise.all(
      [set.cookie, elsewhere].map((cookie) => replica.ask(SESSION, { headers: bySession(cookie) })),
    )

    expect([wrong.status, without.status, set.status]).toEqual([403, 400, 204])
    expect(sessions.map(({ body }) => body.authenticated)).toEqual([true, false])
    expect(await signIn(replica, 'op')).toBeNull()
    expect(await signIn(replica, 'op', password)).not.toBeNull()
  })
})
