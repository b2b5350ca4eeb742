import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { SESSION, signIn, withUsers } from './people.ts'
import { type AuthStand, PASSWORD, bySession, byToken, startAuthStand } from './stand.ts'

let stand: AuthStand
beforeAll(async () => {
  stand = await startAuthStand()
})
afterAll(() => stand[Symbol.asyncDispose]())
afterEach(() => stand.empty())

describe('what a browser is led to do', () => {
  test.each<[string, Record<string, string>, number]>([
    ['from the page', { 'sec-fetch-site': 'same-origin' }, 404],
    ['by an older browser from the page', { origin: 'http://localhost' }, 404],
    ['from another site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['from a neighbour', { 'sec-fetch-site': 'same-site' }, 403],
    ['by an older browser from another site', { origin: 'http://evil.example' }, 403],
    ['with an origin that says nothing', { origin: 'null' }, 403],
    ['with neither', {}, 403],
  ])('a write with the cookie %s', async (_what, headers, expected) => {
    const replica = await withUsers(stand)
    const cookie = (await signIn(replica, 'root')) ?? ''
    const answer = await replica.ask('/api/v1/tokens/none', {
      method: 'DELETE',
      headers: { cookie, ...headers },
    })

    expect(answer.status).toBe(expected)
  })

  test.each<[string, string, Record<string, string>, number, string | null]>([
    [
      'a page',
      '/reports/availability?by=branch',
      {},
      302,
      '/login?to=%2Freports%2Favailability%3Fby%3Dbranch',
    ],
    ['what is not there', '/nothing', {}, 302, '/login?to=%2Fnothing'],
    ['the API', '/api/v1/devices', {}, 401, null],
    ['a page, by a program', '/reports/availability', { accept: 'application/json' }, 401, null],
    ['an image', '/reports/availability', { 'sec-fetch-dest': 'image' }, 401, null],
    [
      'a page, with a token that is none',
      '/reports/availability',
      { authorization: 'Bearer x' },
      401,
      null,
    ],
  ])('somebody who is not signed in opens %s', async (_what, path, headers, status, to) => {
    const replica = await withUsers(stand, { auth: { open: false } })
    const accept = 'text/html,application/xhtml+xml,*/*;q=0.8'
    const answer = await replica.ask(path, { headers: { accept, ...headers } })

    expect([answer.status, answer.headers.get('location')]).toEqual([status, to])
  })

  test('nobody signs a browser in from another site', async () => {
    const replica = await withUsers(stand)
    const body = { user: 'op', password: PASSWORD }
    const headers = { 'sec-fetch-site': 'cross-site' }

    expect((await replica.ask(SESSION, { method: 'POST', body, headers })).status).toBe(403)
  })

  test.each([
    ['evil.example', 421],
    ['evil.example:5001', 421],
    ['localhost:5001', 200],
    ['127.0.0.1:5001', 200],
    ['[::1]:5001', 200],
    ['192.0.2.7', 200],
    ['noc.example.net', 200],
    ['wall.example.net:8443', 200],
  ])('under the name %s it gets %i', async (host, expected) => {
    const replica = await stand.replica({
      auth: { hosts: ['noc.example.net'] },
      alerting: { external_url: 'https://wall.example.net:8443' },
    })

    for (const path of ['/', '/api/v1/devices'])
      expect((await replica.ask(path, { headers: { host } })).status, path).toBe(expected)
    expect((await replica.ask('/livez', { headers: { host } })).status).toBe(200)
  })
})

describe('rate limits', () => {
  test('passwords of one name are tried ten times in ten minutes, from wherever', async () => {
    const replica = await withUsers(stand)
    const statuses: number[] = []
    for (let turn = 0; turn < 12; turn++) {
      const body = { user: 'op', password: 'a wrong one' }
      const from = `192.0.2.${turn + 1}`
      const { status, headers } = await replica.ask(SESSION, { method: 'POST', body, from })
      statuses.push(status)
      if (status === 429) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    }

    expect(statuses).toEqual([...Array(10).fill(401), 429, 429])
    expect(await signIn(replica, 'west')).not.toBeNull()
  })

  test('behind a proxy the address is the one that it names, of IPv6 the network', async () => {
    const replica = await withUsers(stand, { auth: { trusted_proxies: ['10.0.0.0/8'] } })
    const of = async (from: string, forwarded: string): Promise<string> => {
      const headers = { 'x-forwarded-for': forwarded }
      const body = { user: 'west', password: 'a wrong one' }
      await replica.ask(SESSION, { method: 'POST', body, headers, from })
      const { entries } = await replica.auth.audit.read({ kind: 'session', limit: 1, offset: 0 })
      const { address } = (entries[0]?.after ?? {}) as { address?: string }
      return address ?? 'none'
    }

    expect(await of('10.1.1.1', '198.51.100.9')).toBe('198.51.100.9')
    expect(await of('::ffff:10.1.1.1', '6.6.6.6, 198.51.100.8, 10.2.2.2')).toBe('198.51.100.8')
    expect(await of('192.0.2.50', '198.51.100.9')).toBe('192.0.2.50')
    expect(await of('10.1.1.1', '2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64')
  })

  test('writes of one principal are bounded', async () => {
    const replica = await withUsers(stand)
    const { text } = await replica.auth.register.edits.addToken(
      { name: 'busy', role: 'operator', scope: null, expiresAt: null },
      'test',
    )
    const statuses: number[] = []
    for (let turn = 0; turn < 121; turn++) {
      const asking = { method: 'POST', headers: byToken(text) }
      statuses.push((await replica.ask('/alertmanager/api/v2/silences', asking)).status)
    }

    expect(statuses.slice(0, 120).every((status) => status === 200)).toBe(true)
    expect(statuses.at(-1)).toBe(429)
  })
})

describe('where reading is not open', () => {
  test('the page and signing in are for all, everything else for those who signed in', async () => {
    const replica = await withUsers(stand, { auth: { open: false } })
    const status = async (path: string, headers = {}): Promise<number> =>
      (await replica.ask(path, { headers })).status
    const headers = bySession(await signIn(replica, 'west'))

    for (const path of ['/', '/login', '/devices/w-1', '/livez', SESSION])
      expect(await status(path), path).toBe(200)
    for (const path of ['/api/v1/devices', '/metrics', '/api/v1/events', '/vmalert/api/v1/rules'])
      expect(await status(path), path).toBe(401)
    expect(await status('/api/v1/devices', headers)).toBe(200)
    expect((await replica.ask(SESSION)).body).toMatchObject({
      authenticated: false,
      open_access: false,
      scope: { regions: [], branches: [] },
    })
  })

  test.each([
    ['127.0.0.1:5001', undefined, true],
    ['[::1]:5001', undefined, true],
    ['0.0.0.0:5001', undefined, false],
    ['192.0.2.1:5001', undefined, false],
    ['0.0.0.0:5001', true, true],
    ['127.0.0.1:5001', false, false],
  ])('api.listen %s with auth.open %s: open is %s', async (listen, open, expected) => {
    const auth = open === undefined ? {} : { open }
    const replica = await stand.replica({ api: { listen }, auth })

    expect((await replica.ask(SESSION)).body.open_access).toBe(expected)
  })
})

describe('while Redis is away', () => {
  test('what is open is read on; signing in and writing say why they can not be done', async () => {
    const replica = await withUsers(stand)
    const headers = bySession(await signIn(replica, 'op'))
    replica.cut()
    const devices = await replica.ask('/api/v1/devices', { headers })
    const write = await replica.ask('/api/v1/tokens/x', { method: 'DELETE', headers })
    const body = { user: 'op', password: PASSWORD }
    const entry = await replica.ask(SESSION, { method: 'POST', body })

    expect(devices.status).toBe(200)
    expect(devices.body).toHaveLength(2)
    expect(write).toMatchObject({ status: 503, body: { reason: 'unavailable' } })
    expect(entry).toMatchObject({ status: 503, body: { detail: /Redis can't be asked/ } })
  })

  test('where reading is not open it is a 503 that names Redis', async () => {
    const replica = await withUsers(stand, { auth: { open: false } })
    const headers = bySession(await signIn(replica, 'op'))
    replica.cut()
    const devices = await replica.ask('/api/v1/devices', { headers })

    expect(devices).toMatchObject({ status: 503, body: { reason: 'unavailable' } })
    expect(devices.body.detail).toContain('Redis')
  })
})
