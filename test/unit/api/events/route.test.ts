import { beforeEach, expect, test } from 'vitest'
import { ANYBODY, type Principal } from '../../../../api/auth/principal.ts'
import { authAs } from '../../../fakes/auth.ts'
import { device, inventoryOf } from '../../../fakes/inventory.ts'
import { vectorsOf } from '../fleet-vectors.ts'
import { type Stand, standOver } from '../stand.ts'

const auth = authAs()
const nino: Principal = { name: 'nino', kind: 'user', role: 'viewer', scope: null }

let stand: Stand
beforeEach(async () => {
  auth.principal = ANYBODY
  stand = await standOver(inventoryOf(device('a')), vectorsOf({ id: 'a', up: true }), {}, { auth })
})

/** As over a connection, of which nothing is known. */
const ask = async (): Promise<Response> => stand.app.request('/api/v1/events', {}, {})

/** Asks until a stream is refused. */
async function refusalAfter(most: number): Promise<Response> {
  for (let asked = 0; asked <= most; asked++) {
    const response = await ask()
    if (response.status !== 200) return response
  }
  throw new Error('none was refused')
}

test.each([
  ['an address', ANYBODY, /^this address .* close some, or sign in; .* auth\.trusted_proxies/],
  ['a user', nino, /^nino .* close some, or let one program read for the others/],
])(
  'of %s that holds too many streams the next is a 429 that says what to do',
  async (_, principal, detail) => {
    auth.principal = principal
    const response = await refusalAfter(10)

    expect(response.status).toBe(429)
    expect(response.headers.get('retry-after')).toBe('15')
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(await response.json()).toMatchObject({
      reason: 'reader',
      detail: expect.stringMatching(detail),
    })
  },
)

test('without any place left it is a 503 for whoever comes, with the time to wait', async () => {
  for (let index = 0; index < 10; index++) {
    auth.principal = { ...nino, name: `user ${index}` }
    expect((await ask()).status).toBe(200)
  }
  auth.principal = nino
  const response = await ask()

  expect(response.status).toBe(503)
  expect(response.headers.get('retry-after')).toBe('15')
  expect(await response.json()).toMatchObject({ reason: 'all' })
})
