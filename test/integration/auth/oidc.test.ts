import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Provider, CLIENT, startProvider } from './provider.ts'
import { type AuthStand, type Replica, bySession, startAuthStand } from './stand.ts'

let stand: AuthStand
let provider: Provider
let replica: Replica
beforeAll(async () => {
  stand = await startAuthStand()
  provider = await startProvider()
})
beforeEach(async () => {
  provider.claims = { preferred_username: 'nino', realm: { roles: ['noc', 'everybody'] } }
  provider.forged = false
  provider.nonce = null
  replica = await stand.replica({ auth: { oidc: configured() } })
})
afterEach(() => stand.empty())
afterAll(async () => {
  await provider?.[Symbol.asyncDispose]()
  await stand?.[Symbol.asyncDispose]()
})

const configured = (): object => ({
  issuer: provider.issuer,
  client_id: CLIENT.id,
  client_secret: CLIENT.secret,
  label: 'Example',
  role_claim: 'realm.roles',
  roles: [
    { value: 'noc', role: 'operator' },
    { value: 'west', role: 'viewer', regions: ['West'] },
  ],
})

/** Signs in as a browser does, up to where it is sent in the end. */
async function signIn(to = '/alerts?x=1'): Promise<{ to: string | null; cookie: string | null }> {
  const begun = await replica.ask(`/api/v1/oidc/login?to=${encodeURIComponent(to)}`)
  const back = await provider.visit(begun.headers.get('location') ?? '')
  return comeBack(back, begun.cookie)
}

async function comeBack(back: URL, cookie: string | null) {
  const answer = await replica.ask(back.pathname + back.search, {
    headers: { cookie: cookie ?? '', 'sec-fetch-site': 'cross-site' },
  })
  const set = answer.headers.getSetCookie().find((each) => each.startsWith('wardline='))
  return { to: answer.headers.get('location'), cookie: set?.split(';')[0] ?? null }
}

const whoIs = async (cookie: string | null) =>
  (await replica.ask('/api/v1/session', { headers: bySession(cookie) })).body

test('whoever the provider lets in has the role that its claims give, and is back where they were', async () => {
  const { to, cookie } = await signIn()

  expect(to).toBe('/alerts?x=1')
  expect(await whoIs(cookie)).toMatchObject({
    authenticated: true,
    name: 'nino',
    role: 'operator',
    scope: null,
    login: { oidc: 'Example', password: false },
    needs_first_admin: false,
  })
})

test('another sign-in gives the role of then, and a scope', async () => {
  await signIn()
  provider.claims = { preferred_username: 'nino', realm: { roles: 'west' } }
  const { cookie } = await signIn()

  expect(await whoIs(cookie)).toMatchObject({
    role: 'viewer',
    scope: { regions: ['West'], branches: [] },
  })
})

test.each<[string, () => void, string]>([
  [
    'nothing in the claims gives a role',
    () => (provider.claims = { preferred_username: 'x' }),
    'oidc-refused',
  ],
  [
    'the claims have no name',
    () => (provider.claims = { realm: { roles: ['noc'] } }),
    'oidc-refused',
  ],
  ['the signature is of another key', () => (provider.forged = true), 'oidc-refused'],
  ['the token is for another sign-in', () => (provider.nonce = 'another'), 'oidc-refused'],
])('nobody gets in when %s', async (_what, spoil, error) => {
  spoil()
  const { to, cookie } = await signIn()

  expect(to).toBe(`/login?error=${error}`)
  expect(cookie).toBeNull()
})

test('a name that somebody has here is not taken over', async () => {
  const { addUser } = replica.auth.register.edits
  const password = 'twelve or more characters'
  await addUser({ name: 'nino', password, role: 'admin', scope: null }, 'test')
  const local = await signIn()
  provider.claims = { ...provider.claims, preferred_username: 'other' }
  await signIn()
  provider.claims = { ...provider.claims, sub: 'somebody-else' }
  const namesake = await signIn()

  expect([local.to, namesake.to]).toEqual(Array(2).fill('/login?error=oidc-refused'))
  expect(await whoIs(local.cookie)).toMatchObject({ authenticated: false })
})

test('who is disabled here stays out, and their sessions end', async () => {
  const { cookie } = await signIn()
  await replica.auth.register.edits.changeUser('nino', { disabled: true }, 'root')

  expect(await whoIs(cookie)).toMatchObject({ authenticated: false })
  expect((await signIn()).to).toBe('/login?error=oidc-refused')
})

test('what another browser began, or was finished before, is not finished', async () => {
  const begun = await replica.ask('/api/v1/oidc/login')
  const back = await provider.visit(begun.headers.get('location') ?? '')
  const stolen = await comeBack(back, null)
  const first = await comeBack(back, begun.cookie)
  const again = await comeBack(back, begun.cookie)

  expect([stolen.to, first.to, again.to]).toEqual([
    '/login?error=oidc-expired',
    '/',
    '/login?error=oidc-expired',
  ])
})

test.each([
  'https://evil.example/',
  '//evil.example',
  '/\\evil.example',
  'javascript:alert(1)',
  '',
])('after signing in nobody is sent to %s', async (to) => {
  expect((await signIn(to)).to).toBe('/')
})

test('a provider that is away is told, and asked again later', async () => {
  const oidc = { ...configured(), issuer: 'http://127.0.0.1:1/' }
  const other = await stand.replica({ auth: { oidc } })
  const answer = await other.ask('/api/v1/oidc/login')

  expect(answer).toMatchObject({ status: 503, body: { reason: 'unavailable' } })
  expect(answer.body.detail).toContain('http://127.0.0.1:1/')
})

test('without a provider there is nothing to sign in with', async () => {
  const other = await stand.replica()

  expect((await other.ask('/api/v1/oidc/login')).status).toBe(404)
})
