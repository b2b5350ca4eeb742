import { beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ANYBODY } from '../../../../api/auth/principal.ts'
import {
  type OccurrenceJson,
  type WindowJson,
  occurrenceSchema,
  windowSchema,
} from '../../../../api/decisions/window-json.ts'
import { maintenanceRoutes } from '../../../../api/routes/maintenance.ts'
import { parseMatchers } from '../../../../lib/matchers.ts'
import { fakeDecisions } from '../../../fakes/decisions.ts'
import { device, inventoryOf } from '../../../fakes/inventory.ts'
import { type Ask, acting, someone } from '../acting.ts'
import { AT, emptyVectors } from '../fleet-vectors.ts'
import { type Stand, standOver } from '../stand.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const iso = (at: number): string => new Date(at).toISOString()

const inventory = inventoryOf(
  device('r1', { branch: 'Vake', region: 'East' }),
  device('r3', { branch: 'Batumi', region: 'West' }),
)
const CONFIGURED = {
  id: 'config:Backup',
  name: 'Backup',
  matchers: parseMatchers('branch="Vake"'),
  schedule: {
    kind: 'recurring' as const,
    cron: '0 2 * * *',
    durationMs: HOUR,
    timeZone: 'Asia/Tbilisi',
  },
  createdBy: 'configuration',
  comment: '',
  updatedAt: 0,
}

let stand: Stand
let ask: Ask
beforeEach(async () => {
  stand = await standOver(inventory, emptyVectors)
  const decisions = fakeDecisions(stand.clock, [CONFIGURED])
  await decisions.refresh()
  stand = { ...stand, decisions, parts: { ...stand.parts, decisions } }
  ask = acting(stand.parts, someone(), maintenanceRoutes)
})

const once = (from: number, until: number) => ({
  kind: 'once',
  starts_at: iso(from),
  ends_at: iso(until),
})
const weekly = (given: object = {}) => ({
  kind: 'recurring',
  cron: '30 2 * * *',
  duration_seconds: 7_200,
  time_zone: 'Europe/Berlin',
  ...given,
})
const draft = (schedule: object, given: object = {}) => ({
  name: 'Roof',
  branch: 'Vake',
  schedule,
  comment: 'ticket 4711',
  ...given,
})

async function add(schedule: object, given: object = {}): Promise<WindowJson> {
  const { status, body } = await ask('POST', '/maintenance', draft(schedule, given))
  expect({ status, body }).toMatchObject({ status: 201 })
  return windowSchema.parse(body)
}

describe('a window', () => {
  test('H1 once: is told as it is described', async () => {
    const made = await add(once(AT - HOUR, AT + HOUR))

    expect(made).toEqual({
      id: made.id,
      name: 'Roof',
      matchers: [{ name: 'branch', value: 'Vake', is_regex: false, is_equal: true }],
      schedule: once(AT - HOUR, AT + HOUR),
      created_by: 'nino',
      comment: 'ticket 4711',
      updated_at: iso(AT),
      from_configuration: false,
      active_until: iso(AT + HOUR),
      next: null,
      affects: { devices: 1 },
    })
    expect((await ask('GET', `/maintenance/${made.id}`)).body).toEqual(made)
  })

  test('recurring: on the clock of its time zone', async () => {
    const made = await add(weekly())

    expect(made).toMatchObject({
      schedule: { kind: 'recurring', starts_at: null, ends_at: null },
      active_until: null,
      // Winter time in Berlin.
      next: { from: '2026-11-23T01:30:00.000Z', until: '2026-11-23T03:30:00.000Z' },
    })
  })

  test('may be over already: whoever looks back finds it', async () => {
    const made = await add(once(AT - 3 * DAY, AT - 2 * DAY))
    const past = `from=${iso(AT - 4 * DAY)}&to=${iso(AT - DAY)}`
    const found = (await ask('GET', `/maintenance/calendar?${past}`)).body as OccurrenceJson[]

    expect(made).toMatchObject({ active_until: null, next: null })
    expect(found.map(({ window }) => window)).toContain(made.id)
  })

  test('of the configuration is told and stays as it is', async () => {
    const path = '/maintenance/config:Backup'
    const [listed] = (await ask('GET', '/maintenance')).body as WindowJson[]
    const change = await ask('PUT', path, draft(weekly()))
    const removal = await ask('DELETE', path)

    expect(windowSchema.parse(listed)).toMatchObject({
      id: 'config:Backup',
      from_configuration: true,
      updated_at: null,
    })
    for (const refused of [change, removal]) {
      expect(refused).toMatchObject({
        status: 409,
        body: { detail: expect.stringContaining('configuration'), current: listed },
      })
    }
  })

  test('is changed and removed; who was late is told what is in force', async () => {
    const made = await add(once(AT, AT + HOUR))
    await stand.clock.advance(1_000)
    const path = `/maintenance/${made.id}`
    const renamed = await ask('PUT', path, draft(weekly(), { name: 'Roof and rain' }))
    const late = await ask('PUT', path, draft(weekly(), { updated_at: made.updated_at }))

    expect(renamed).toMatchObject({ status: 200, body: { id: made.id, name: 'Roof and rain' } })
    expect(late).toMatchObject({ status: 409, body: { current: { name: 'Roof and rain' } } })
    expect((await ask('DELETE', path)).status).toBe(204)
    expect((await ask('GET', path)).status).toBe(404)
  })

  test('the open ones come first, then those to come, then those that are over', async () => {
    await add(once(AT - 2 * HOUR, AT - HOUR), { name: 'over' })
    await add(once(AT + HOUR, AT + 2 * HOUR), { name: 'soon' })
    await add(once(AT - HOUR, AT + HOUR), { name: 'open' })
    const names = async (query = '') =>
      ((await ask('GET', `/maintenance${query}`)).body as WindowJson[]).map(({ name }) => name)

    expect(await names()).toEqual(['open', 'soon', 'Backup', 'over'])
    expect(await names('?state=pending')).toEqual(['soon', 'Backup'])
    expect(await names('?device=r3')).toEqual([])
  })
})

describe('refused', () => {
  test.each<[string, object, RegExp]>([
    ['no name', draft(weekly(), { name: '' }), /^name: /],
    ['no schedule', draft(weekly(), { schedule: undefined }), /^schedule: /],
    ['another kind', draft({ kind: 'daily' }), /^schedule.*once/],
    ['a cron that is none', draft(weekly({ cron: 'often' })), /^schedule\.cron: .*five parts/],
    ['a cron that never comes', draft(weekly({ cron: '0 0 30 2 *' })), /^schedule\.cron: .*never/],
    ['a zone that is none', draft(weekly({ time_zone: 'Mars' })), /^schedule\.time_zone: .*Berlin/],
    ['no time', draft(weekly({ duration_seconds: 0 })), /^schedule\.duration_seconds: /],
    ['an end before the start', draft(once(AT, AT - 1)), /^schedule\.ends_at: .*after starts_at/],
  ])('%s is a 400 that names it', async (_, body, detail) => {
    expect(await ask('POST', '/maintenance', body)).toMatchObject({
      status: 400,
      body: { detail: expect.stringMatching(detail) },
    })
  })

  test('whoever may only read plans nothing', async () => {
    const open = acting(stand.parts, ANYBODY, maintenanceRoutes)

    expect((await open('POST', '/maintenance', draft(weekly()))).status).toBe(401)
  })

  test('without Redis nothing is changed, and that is said', async () => {
    stand.decisions.isAway = true

    expect(await ask('POST', '/maintenance', draft(weekly()))).toMatchObject({
      status: 503,
      body: { reason: 'redis', detail: expect.stringMatching(/nothing was changed$/) },
    })
  })
})

test('a dry run tells the devices and when, and writes nothing', async () => {
  const { status, body } = await ask('POST', '/maintenance?dry_run=true', draft(weekly()))

  expect(status).toBe(200)
  expect(body.affects).toMatchObject({ devices: 1, first: [{ id: 'r1' }] })
  expect(body.occurrences).toHaveLength(5)
  expect(body.occurrences[0]).toMatchObject({ from: '2026-11-23T01:30:00.000Z' })
  expect((await ask('GET', '/maintenance')).body).toHaveLength(1)
})

describe('the calendar', () => {
  test('H1 tells a week of all windows in order', async () => {
    await add(once(AT + HOUR, AT + 2 * HOUR))
    const { status, body } = await ask('GET', '/maintenance/calendar')
    const found = z.array(occurrenceSchema).parse(body)

    expect(status).toBe(200)
    expect(found.map(({ name }) => name)).toEqual(['Roof', ...Array<string>(7).fill('Backup')])
    expect(found[1]).toMatchObject({
      window: 'config:Backup',
      from: '2026-11-22T22:00:00.000Z',
      until: '2026-11-22T23:00:00.000Z',
      created_by: 'configuration',
    })
  })

  test('a window each minute is told so often, and that there is more', async () => {
    await add(weekly({ cron: '* * * * *', duration_seconds: 30 }))
    const { body, headers } = await ask('GET', '/maintenance/calendar')

    expect(body.length).toBe(1_007)
    expect(headers.get('x-incomplete')).toBe('true')
  })

  test.each([
    `from=${iso(AT)}&to=${iso(AT)}`,
    `from=${iso(AT)}&to=${iso(AT + 500 * DAY)}`,
    'from=tomorrow',
  ])('%s is a 400', async (query) => {
    expect((await ask('GET', `/maintenance/calendar?${query}`)).status).toBe(400)
  })
})

test('H5 whoever is of the region West plans there alone, and sees what can be about its devices', async () => {
  const scope = { regions: ['West'], branches: [] }
  const own = acting(stand.parts, someone('operator', scope), maintenanceRoutes)
  await add(weekly())
  const made = await own('POST', '/maintenance', draft(weekly(), { branch: 'Batumi' }))

  expect(made).toMatchObject({ status: 201, body: { affects: { devices: 1 } } })
  expect((await own('GET', '/maintenance')).body).toEqual([made.body])
  const calendar = (await own('GET', '/maintenance/calendar')).body as OccurrenceJson[]
  expect(new Set(calendar.map(({ window }) => window))).toEqual(new Set([made.body.id]))
  expect((await own('GET', '/maintenance/config:Backup')).status).toBe(404)
  const outside = draft(weekly(), {
    branch: undefined,
    matchers: [{ name: 'role', value: 'core' }],
  })
  expect((await own('POST', '/maintenance', outside)).status).toBe(403)
})
