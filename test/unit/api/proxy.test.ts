import { expect, test } from 'vitest'
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
  const made = await standOver(inventoryOf(), emptyVectors, {}, { alerting: { forward }, auth: authAs(someone('operator')) })
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
