import { expect, test } from 'vitest'
import { ANYBODY, type Principal } from '../../../api/auth/principal.ts'
import { Problem } from '../../../api/problem.ts'
import { inventoryOf } from '../../fakes/inventory.ts'
import { emptyVectors } from './fleet-vectors.ts'
import { authAs } from '../../fakes/auth.ts'
import { someone } from './acting.ts'
import { type Stand, standOver } from './stand.ts'

/** The app with alerting in its place, and what was passed on to it. */
async function stand(
  answer: () => Response = () => new Response('told'),
): Promise<Stand & { readonly passedOn: string[] }> {
  const passedOn: string[] = []
  const forward = async ({ method, url }: Request): Promise<Response> => {
    const { pathname, search } = new URL(url)
    passedOn.push(`${method} ${pathname}${search}`)
    return answer()
  }
  const made = await standOver(
    inventoryOf(),
    emptyVectors,
    {},
    { alerting: { forward }, auth: authAs(someone('operator')) },
  )
  return { ...made, passedOn }
}

test.each([
  ['GET', '/vmalert/api/v1/rules?type=alert'],
  ['GET', '/vmalert/'],
  ['POST', '/vmalert/-/reload'],
  ['GET', '/alertmanager/api/v2/silences?filter=a%3D%22b%22'],
  ['POST', '/alertmanager/api/v2/silences'],
  ['DELETE', '/alertmanager/api/v2/silence/1'],
])("%s %s is alerting's to answer", async (method, path) => {
  const { app, passedOn } = await stand()

  const answer = await app.request(path, { method })

  expect(await answer.text()).toBe('told')
  expect(passedOn).toEqual([`${method} ${path}`])
})

test('whoever silences through it is named by who they are, whatever they say', async () => {
  const bodies: unknown[] = []
  const forward = async (request: Request): Promise<Response> => {
    bodies.push(await request.json())
    return new Response('told')
  }
  const auth = authAs(someone('operator', null, 'nino'))
  const { app } = await standOver(inventoryOf(), emptyVectors, {}, { alerting: { forward }, auth })
  const body = JSON.stringify({ comment: 'new roof', createdBy: 'the boss' })
  await app.request('/alertmanager/api/v2/silences', { method: 'POST', body })

  expect(bodies).toEqual([{ comment: 'new roof', createdBy: 'nino' }])
})

test("whoever ends a silence through it is named by who they are; what is no silence is alerting's to refuse", async () => {
  const auth = authAs(someone('operator', null, 'nino'))
  const forward = async () => new Response('none', { status: 404 })
  const { app, decisions, clock } = await standOver(
    inventoryOf(),
    emptyVectors,
    {},
    { alerting: { forward }, auth },
  )
  const { id } = await decisions.putSilence({
    matchers: [{ name: 'branch', value: 'Vake', isRegex: false, isEqual: true }],
    endsAt: clock.now() + 3_600_000,
    createdBy: 'tamar',
    comment: '',
  })
  const end = async (of: string) =>
    (await app.request(`/alertmanager/api/v2/silence/${of}`, { method: 'DELETE' })).status

  expect(await end(id)).toBe(200)
  expect(await end(crypto.randomUUID())).toBe(404)
  const changes = await decisions.log({ limit: 10 })
  expect(changes.map(({ who, what }) => [who, what])).toEqual([
    ['nino', 'silence expired'],
    ['tamar', 'silence created'],
  ])
})

test('a silence that is nested too deeply to be signed is not passed on', async () => {
  const { app, passedOn } = await stand()
  const depth = 200_000
  const nested = `${'['.repeat(depth)}${']'.repeat(depth)}`
  const body = `{"createdBy":"the boss","nested":${nested}}`
  const answer = await app.request('/alertmanager/api/v2/silences', { method: 'POST', body })

  expect(answer.status).toBe(400)
  expect(passedOn).toEqual([])
})

test.each<[string, Record<string, string>, Principal, number]>([
  ['the page itself', { 'sec-fetch-site': 'same-origin' }, someone('operator'), 200],
  ['a page elsewhere', { 'sec-fetch-site': 'cross-site' }, someone('operator'), 403],
  ['a neighbour', { 'sec-fetch-site': 'same-site' }, someone('operator'), 403],
  ['nobody knows what', {}, someone('operator'), 403],
  ['a program', {}, { ...someone('operator'), kind: 'token' }, 200],
])('reading rules again, asked for by %s with GET', async (_what, headers, principal, expected) => {
  const auth = authAs(principal)
  const alerting = { forward: async () => new Response('told') }
  const { app } = await standOver(inventoryOf(), emptyVectors, {}, { alerting, auth })

  expect((await app.request('/vmalert/-/reload', { headers })).status).toBe(expected)
})

test('what alerting says of caches nothing of is kept by none', async () => {
  const { app } = await stand()
  const silent = await app.request('/vmalert/api/v1/rules')
  const said = await stand(() => new Response('told', { headers: { 'cache-control': 'no-cache' } }))
  const answer = await said.app.request('/vmalert/api/v1/rules')

  expect(silent.headers.get('cache-control')).toBe('no-store')
  expect(answer.headers.get('cache-control')).toBe('no-cache')
})

test.each<[string, string, Principal, number]>([
  ['GET', '/vmalert/api/v1/rules', someone('viewer'), 200],
  ['GET', '/vmalert/-/reload', someone('viewer'), 403],
  ['POST', '/alertmanager/api/v2/silences', someone('viewer'), 403],
  ['POST', '/alertmanager/api/v2/silences', ANYBODY, 401],
  ['GET', '/vmalert/api/v1/rules', someone('admin', { regions: ['West'], branches: [] }), 403],
])('%s %s by %o is %i', async (method, path, principal, expected) => {
  const auth = authAs(principal)
  const alerting = { forward: async () => new Response('told') }
  const { app } = await standOver(inventoryOf(), emptyVectors, {}, { alerting, auth })

  expect((await app.request(path, { method })).status).toBe(expected)
})

test.each(['/vmalert/../metrics', '/vmalert/%2e%2e/metrics', '/api/v2/silences', '/rules'])(
  '%s is not passed on',
  async (path) => {
    const { app, passedOn } = await stand()

    await app.request(path)

    expect(passedOn).toEqual([])
  },
)

test('while alerting is away the answer is problem details', async () => {
  const { app } = await stand(() => {
    throw new Problem(502, 'Alerting is away', "can't reach alerting")
  })

  const answer = await app.request('/vmalert/api/v1/rules')

  expect(answer.status).toBe(502)
  expect(answer.headers.get('content-type')).toContain('application/problem+json')
  expect(await answer.json()).toMatchObject({ status: 502, title: 'Alerting is away' })
})
