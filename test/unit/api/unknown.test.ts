import { expect, test } from 'vitest'
import { problemSchema } from '../../../api/schemas.ts'
import { authAs } from '../../fakes/auth.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { someone } from './acting.ts'
import { vectorsOf } from './fleet-vectors.ts'
import { standOver } from './stand.ts'

const inventory = inventoryOf(
  device('router-1', { region: 'West', branch: 'Gori' }),
  device('far', { region: 'East', branch: 'Vake' }),
)
const appOf = async (scope: Parameters<typeof someone>[1]) =>
  (await standOver(inventory, vectorsOf(), {}, { auth: authAs(someone('admin', scope)) })).app
const whole = await appOf(null)
const west = await appOf({ regions: ['West'], branches: [] })

test.each([
  ['/alerts?device=router-2', 'device', 'did you mean "router-1"'],
  ['/alerts/history?device=router-2', 'device', 'did you mean "router-1"'],
  ['/sparklines?device=router-2', 'device', 'did you mean "router-1"'],
  ['/audit?kind=silense', 'kind', 'did you mean silence'],
  ['/health?x=1', 'x', 'takes none'],
  ['/devices/router-1/notes?x=1', 'x', 'takes none'],
  ['/branches?x=1', 'x', 'valid ones: '],
])('%s is a 400 that names %s', async (path, parameter, detail) => {
  const answer = await whole.request(`/api/v1${path}`)
  const problem = (await answer.json()) as Record<string, unknown>
  expect([answer.status, problem['parameter'], problem['detail']]).toEqual([
    400,
    parameter,
    expect.stringContaining(detail),
  ])
})

test.each([
  '/alerts?device=router-1',
  '/alerts?device=',
  '/alerts/history?device=router-1',
  '/audit?kind=silence',
  '/audit?kind=silence%20created',
  '/branches',
])('%s is answered', async (path) => {
  expect((await whole.request(`/api/v1${path}`)).status).toBe(200)
})

test('probes add what they like', async () => {
  expect((await whole.request('/livez?x=1')).status).toBe(200)
})

test.each(['/alerts', '/alerts/history', '/sparklines'])(
  '%s of a device outside of the scope answers as one that there never was',
  async (path) => {
    const tell = async (id: string): Promise<string> => {
      const answer = await west.request(`/api/v1${path}?device=${id}`)
      const { detail, status } = problemSchema.parse(await answer.json())
      return `${status} ${detail.replace(id, '')}`
    }
    expect(await tell('far')).toBe(await tell('zzz'))
  },
)

test('If-None-Match: * is a 304 where there is something', async () => {
  const headers = { 'if-none-match': '*' }
  expect((await whole.request('/api/v1/devices', { headers })).status).toBe(304)
})
