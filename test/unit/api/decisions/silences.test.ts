import { beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ANYBODY } from '../../../../api/auth/principal.ts'
import { previewSchema } from '../../../../api/decisions/preview.ts'
import { type SilenceJson, silenceSchema } from '../../../../api/decisions/silence-json.ts'
import { silenceRoutes } from '../../../../api/routes/silences.ts'
import { problemSchema } from '../../../../api/schemas.ts'
import { device, inventoryOf } from '../../../fakes/inventory.ts'
import { type Ask, acting, someone } from '../acting.ts'
import { AT, alertPoints, emptyVectors } from '../fleet-vectors.ts'
import { type Stand, standOver } from '../stand.ts'

const HOUR = 3_600_000
const iso = (at: number): string => new Date(at).toISOString()

const inventory = inventoryOf(
  device('r1', { branch: 'Vake', region: 'East' }),
  device('r2', { branch: 'Vake', region: 'East' }),
  device('r3', { branch: 'Batumi', region: 'West' }),
)
const vectors = {
  ...emptyVectors,
  alerts: alertPoints({ alertname: 'DeviceDown', device: 'r1', branch: 'Vake' }, 'firing', 5_000),
}

let stand: Stand
let ask: Ask
beforeEach(async () => {
  stand = await standOver(inventory, vectors)
  ask = acting(stand.parts, someone(), silenceRoutes)
})

const west = { regions: ['West'], branches: [] }
const askAs = (...given: Parameters<typeof someone>): Ask =>
  acting(stand.parts, someone(...given), silenceRoutes)

const draft = (given: object = {}) => ({
  branch: 'Vake',
  ends_at: iso(AT + HOUR),
  comment: 'new roof',
  ...given,
})

async function add(given: object = {}, by: Ask = ask): Promise<SilenceJson> {
  const { status, body } = await by('POST', '/silences', draft(given))
  expect({ status, body }).toMatchObject({ status: 201 })
  return silenceSchema.parse(body)
}

describe('a silence', () => {
  test('H1 is told as it is described: made, listed, and one of its id', async () => {
    const made = await add()
    const list = await ask('GET', '/silences')

    expect(made).toEqual({
      id: made.id,
      state: 'active',
      matchers: [{ name: 'branch', value: 'Vake', is_regex: false, is_equal: true }],
      starts_at: iso(AT),
      ends_at: iso(AT + HOUR),
      created_by: 'nino',
      comment: 'new roof',
      updated_at: iso(AT),
      affects: { devices: 2 },
    })
    expect(z.array(silenceSchema).parse(list.body)).toEqual([made])
    expect(list.headers.get('x-total-count')).toBe('1')
    expect((await ask('GET', `/silences/${made.id}`)).body).toEqual(made)
  })

  test('is in the name of who asked, whatever the body says', async () => {
    const token = acting(
      stand.parts,
      { name: 'token:ci', kind: 'token', role: 'operator', scope: null },
      silenceRoutes,
    )

    expect((await add({}, token)).created_by).toBe('token:ci')
    expect(await ask('POST', '/silences', draft({ created_by: 'somebody else' }))).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining('created_by') },
    })
  })

  test.each<[string, object, object]>([
    [
      'matchers',
      { branch: undefined, matchers: [{ name: 'alertname', value: 'X' }] },
      { devices: 3 },
    ],
    ['a device', { branch: undefined, device: 'r3' }, { devices: 1 }],
    ['a region', { branch: undefined, region: 'East' }, { devices: 2 }],
    [
      'several of them',
      { device: 'r1', matchers: [{ name: 'severity', value: 'info' }] },
      { devices: 1 },
    ],
  ])('is for %s', async (_, given, affects) => {
    expect((await add(given)).affects).toEqual(affects)
  })

  test('ends when it is told to', async () => {
    const { id } = await add()
    await stand.clock.advance(1_000)
    const ended = await ask('DELETE', `/silences/${id}`)
    const [silence] = (await ask('GET', '/silences?state=expired')).body as SilenceJson[]

    expect(ended.status).toBe(204)
    expect(silence).toMatchObject({ id, state: 'expired', ends_at: iso(AT + 1_000) })
    expect((await ask('GET', '/silences?state=active,pending')).body).toEqual([])
  })

  test('with another end it is the same one; with other matchers another one begins', async () => {
    const made = await add()
    await stand.clock.advance(1_000)
    const longer = await ask('PUT', `/silences/${made.id}`, draft({ ends_at: iso(AT + 2 * HOUR) }))
    const other = await ask('PUT', `/silences/${made.id}`, draft({ branch: 'Batumi' }))

    expect(longer).toMatchObject({ status: 200, body: { id: made.id, starts_at: iso(AT) } })
    expect(other.status).toBe(200)
    expect(other.body.id).not.toBe(made.id)
    const states = (await ask('GET', '/silences')).body as SilenceJson[]
    expect(states.map(({ id, state }) => [id, state])).toEqual([
      [other.body.id, 'active'],
      [made.id, 'expired'],
    ])
  })

  test('that somebody changed meanwhile is a 409 with the one that is in force', async () => {
    const made = await add()
    await stand.clock.advance(1_000)
    await ask('PUT', `/silences/${made.id}`, draft({ comment: 'rain' }))
    const late = await ask(
      'PUT',
      `/silences/${made.id}`,
      draft({ comment: 'snow', updated_at: made.updated_at }),
    )

    expect(late).toMatchObject({
      status: 409,
      body: { title: 'Changed meanwhile', current: { id: made.id, comment: 'rain' } },
    })
  })

  test('is found by its device and by words', async () => {
    const vake = await add()
    const batumi = await add({ branch: 'Batumi', comment: 'harbour' })
    const ids = async (query: string) =>
      ((await ask('GET', `/silences?${query}`)).body as SilenceJson[]).map(({ id }) => id)

    expect(await ids('device=r3')).toEqual([batumi.id])
    expect(await ids('q=VAKE roof')).toEqual([vake.id])
    expect(await ids('q=nobody')).toEqual([])
    expect(await ids('limit=1&offset=1')).toHaveLength(1)
  })
})

describe('refused', () => {
  test.each<[string, object, RegExp]>([
    ['nothing that it is for', { branch: undefined }, /what it is for/],
    ['a branch that there is not', { branch: 'Vaka' }, /branch: .*did you mean "Vake"/],
    ['a device that there is not', { device: 'r9' }, /device: /],
    ['no end', { ends_at: undefined }, /ends_at: /],
    ['an end without a zone', { ends_at: '2026-11-22T12:00' }, /ends_at: .*zone/],
    ['an end that is past', { ends_at: iso(AT - 1) }, /ends_at: .*to come/],
    ['a start after the end', { starts_at: iso(AT + 2 * HOUR) }, /starts_at: /],
    ['no comment', { comment: ' ' }, /comment: /],
    [
      'a pattern that is none',
      { matchers: [{ name: 'device', value: '(', is_regex: true }] },
      /matchers\.0: .*regular expression/,
    ],
    [
      'matchers that match everything',
      { branch: undefined, matchers: [{ name: 'x', value: '.*', is_regex: true }] },
      /everything/,
    ],
    ['a member that there is not', { severity: 'info' }, /severity/],
  ])('%s is a 400 that names it', async (_, given, detail) => {
    const { status, body } = await ask('POST', '/silences', draft(given))

    expect(problemSchema.parse(body)).toMatchObject({ detail: expect.stringMatching(detail) })
    expect(status).toBe(400)
    expect(stand.decisions.current.silences).toEqual([])
  })

  test.each(['GET', 'PUT', 'DELETE'])('%s of an id that there is not is a 404', async (method) => {
    const body = method === 'PUT' ? draft() : undefined

    expect((await ask(method, '/silences/nothing', body)).status).toBe(404)
  })

  test('without Redis nothing is changed, and that is said', async () => {
    stand.decisions.isAway = true
    const { status, body } = await ask('POST', '/silences', draft())

    expect({ status, body }).toMatchObject({
      status: 503,
      body: { reason: 'redis', detail: expect.stringMatching(/nothing was changed$/) },
    })
    expect((await ask('GET', '/silences')).status).toBe(200)
  })

  test('whoever may only read writes nothing', async () => {
    const open = acting(stand.parts, ANYBODY, silenceRoutes)
    const { id } = await add()

    expect((await open('POST', '/silences', draft())).status).toBe(401)
    expect((await open('DELETE', `/silences/${id}`)).status).toBe(401)
    expect((await askAs('viewer')('POST', '/silences', draft())).status).toBe(403)
    expect((await open('GET', '/silences')).body).toHaveLength(1)
  })
})

test('a dry run tells the devices and the alerts, and writes nothing', async () => {
  const { status, body } = await ask('POST', '/silences?dry_run=true', draft())

  expect(status).toBe(200)
  expect(previewSchema.parse(body).affects).toEqual({
    devices: 2,
    first: [
      { id: 'r1', name: 'r1.example.net', branch: 'Vake', region: 'East' },
      { id: 'r2', name: 'r2.example.net', branch: 'Vake', region: 'East' },
    ],
    alerts: 1,
  })
  expect(stand.decisions.current.silences).toEqual([])
})

describe('H5 whoever is of the region West', () => {
  test('sees those that can be about its devices, and counts no others', async () => {
    const everywhere = await add({
      branch: undefined,
      matchers: [{ name: 'alertname', value: 'X' }],
    })
    const east = await add()
    const own = askAs('operator', west)
    const list = (await own('GET', '/silences')).body as SilenceJson[]

    expect(list.map(({ id, affects }) => [id, affects.devices])).toEqual([[everywhere.id, 1]])
    expect((await own('GET', `/silences/${east.id}`)).status).toBe(404)
    expect((await own('DELETE', `/silences/${east.id}`)).status).toBe(404)
    expect((await own('GET', '/silences?device=r1')).body).toEqual([])
  })

  test('silences inside of it', async () => {
    const own = askAs('operator', west)
    const [region, branch, one] = [
      await add({ branch: undefined, region: 'West' }, own),
      await add({ branch: 'Batumi' }, own),
      await add({ branch: undefined, device: 'r3' }, own),
    ]
    const inWest = { name: 'region', value: 'West', is_regex: false, is_equal: true }

    for (const { matchers } of [region, branch, one]) expect(matchers).toContainEqual(inWest)
    expect((await own('DELETE', `/silences/${region.id}`)).status).toBe(204)
  })

  test.each<[string, object, number]>([
    ['a pattern', { matchers: [{ name: 'region', value: 'W.*', is_regex: true }] }, 403],
    ['an alert everywhere', { matchers: [{ name: 'alertname', value: 'X' }] }, 403],
    ['a device by its matcher alone', { matchers: [{ name: 'device', value: 'r3' }] }, 403],
    ['another region', { region: 'East' }, 400],
    ['a device elsewhere', { device: 'r1' }, 400],
  ])('but not outside: %s', async (_, given, status) => {
    const body = { ...draft({ branch: undefined }), ...given }
    const answer = await askAs('operator', west)('POST', '/silences', body)

    expect(answer.status).toBe(status)
    if (status === 403) expect(answer.body.detail).toContain('region="West"')
    expect(stand.decisions.current.silences).toEqual([])
  })

  test('nor ends or changes one that reaches further', async () => {
    const { id } = await add({ branch: undefined, matchers: [{ name: 'alertname', value: 'X' }] })
    const own = askAs('operator', west)

    expect((await own('DELETE', `/silences/${id}`)).status).toBe(403)
    expect((await own('PUT', `/silences/${id}`, draft({ branch: 'Batumi' }))).status).toBe(403)
  })
})
