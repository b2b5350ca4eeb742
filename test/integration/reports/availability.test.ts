import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Principal } from '../../../api/auth/principal.ts'
import { createEndpoints } from '../../../api/endpoint.ts'
import { answerError } from '../../../api/problem.ts'
import { type ReportJson, reportSchema } from '../../../api/reports/json.ts'
import { reportRoutes } from '../../../api/routes/reports.ts'
import { systemClock } from '../../../lib/clock.ts'
import { type Decisions, openDecisions } from '../../../lib/decisions/decisions.ts'
import { createLog } from '../../../lib/log.ts'
import { type VictoriaMetrics, connectVictoriaMetrics } from '../../../lib/victoriametrics.ts'
import { parseMatchers } from '../../../lib/matchers.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { type Stores, startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'
import { type RunningApi, startApi } from '../api/stand.ts'
import { type Past, blindness, evaluations, pings, states, write, writeUnknown } from './truth.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const day = Date.parse('2026-10-05T00:00:00Z')
const at = (hours: number): number => day + hours * HOUR
const iso = (instant: number): string => new Date(instant).toISOString()

const a = device('a', { branch: 'Vake', region: 'Tbilisi' })
const b = device('b', { branch: 'Vake', region: 'Tbilisi' })
const fresh = device('fresh', { branch: 'Gori', region: 'Kartli' })
const off = device('off', { branch: 'Gori', region: 'Kartli', enabled: false })
const never = device('never', { branch: 'Kazbegi', region: 'Mtskheta' })
const all = [a, b, fresh, off, never]

// A quarter of an hour without alerting, in which the collector stood still for ten minutes; then half a day of nothing.
const PAUSE = [at(6), at(6.25)] as const
const SILENCE = [at(6) + 120_000, at(6) + 720_000] as const
const LOST = [at(30), at(42)] as const
// Another quarter, in which the collector had lost its network for five minutes.
const BLIND_PAUSE = [at(50), at(50.25)] as const
const BLIND = [at(50) + 300_000, at(50) + 600_000] as const
const past: Past = {
  from: day - 8 * HOUR,
  until: day + 3 * DAY,
  paused: [PAUSE, LOST, BLIND_PAUSE],
}

let stores: Stores
let api: RunningApi
let decisions: Decisions
let asked: string[] = []

/** Notes what reports ask for. */
function counting(vm: VictoriaMetrics): VictoriaMetrics {
  return {
    ...vm,
    query(expr, options) {
      if (expr.includes('device_state')) asked.push(expr)
      return vm.query(expr, options)
    },
    exportSeries(match, ...rest) {
      asked.push(match)
      return vm.exportSeries(match, ...rest)
    },
    separate: (connections) => counting(vm.separate(connections)),
  }
}

beforeAll(async () => {
  stores = await startStores()
  const vm = stores.victoriaMetrics
  await write(vm, [
    ...evaluations(past),
    ...states(
      a,
      [
        [day - 7 * HOUR, true],
        [at(2), false],
        [at(3.5), true],
      ],
      past,
    ),
    ...states(
      b,
      [
        [day - 7 * HOUR, false],
        [at(3), true],
        [at(35), false],
      ],
      past,
    ),
    ...states(fresh, [[at(12), true]], past),
    ...states(
      off,
      [
        [day - 7 * HOUR, true],
        [at(10), null],
        [at(20), true],
      ],
      past,
    ),
    ...[a, b, off].flatMap((one) => pings(one, { from: at(5), until: at(7) }, [SILENCE])),
    ...pings(a, { from: at(49.9), until: at(50.4) }, [BLIND]),
    ...blindness('v1', BLIND),
    ...pings(a, { from: BLIND[0], until: BLIND[1] }, [], 0),
  ])
  await writeUnknown(vm, a, [at(14), at(15)])
  await vm.flush()
  const log = createLog('silent')
  decisions = await openDecisions({ redis: stores.redis, clock: systemClock, log })
  const real = connectVictoriaMetrics(stores.vmUrl)
  api = await startApi(stores, inventoryOf(...all), { victoriaMetrics: counting(real) })
})
afterAll(async () => {
  await api?.[Symbol.asyncDispose]()
  await decisions?.[Symbol.asyncDispose]()
  await stores?.[Symbol.asyncDispose]()
})

const FIRST_DAY = 'from=2026-10-05&to=2026-10-06'

async function report(query: string): Promise<ReportJson> {
  const { status, body } = await api.get(`/api/v1/reports/availability?${query}`)
  expect({ status, body }).toMatchObject({ status: 200 })
  return reportSchema.parse(body)
}

async function rowOf(key: string, query: string) {
  const row = (await report(query)).rows.find((one) => one.key === key)
  if (row === undefined) throw new Error(`no row of ${key}`)
  return row
}

/** What was said of it last before the silence counts for 2.5 of its intervals. */
const SILENT_SECONDS = 600 + 10 - 25

describe('the availability of a device', () => {
  test('is told to the second: up, down, and unknown where it was, was not watched, or nothing was sampled', async () => {
    const { seconds, ...row } = await rowOf('a', FIRST_DAY)

    expect(seconds).toEqual({
      total: 86_400,
      down: 5_400,
      unknown: 3_600 + SILENT_SECONDS,
      excluded: 0,
      up: 86_400 - 5_400 - 3_600 - SILENT_SECONDS,
    })
    expect(row.denominator_seconds).toBe(seconds.up + seconds.down)
    expect(row.availability).toBe(seconds.up / (seconds.up + seconds.down))
    expect(row).toMatchObject({ outage_count: 1, mttr_seconds: 5_400, mtbf_seconds: seconds.up })
    expect(row.outages).toEqual([
      {
        start: iso(at(2)),
        end: iso(at(3.5)),
        seconds: 5_400,
        excluded_seconds: 0,
        unknown_seconds: 0,
      },
    ])
  })

  test('tells when an outage truly began that was under way at the beginning', async () => {
    const row = await rowOf('b', FIRST_DAY)

    expect(row.outages).toMatchObject([
      { start: iso(day - 7 * HOUR), end: iso(at(3)), seconds: 3 * 3_600 },
    ])
  })

  test('that is new counts from its first sample, switched off not at all, never sampled as nothing', async () => {
    const { rows } = await report(FIRST_DAY)
    const totals = Object.fromEntries(rows.map(({ key, seconds }) => [key, seconds.total]))

    expect(totals).toEqual({ a: 86_400, b: 86_400, fresh: 43_200, off: 14 * 3_600, never: 0 })
    expect(rows.at(-1)).toMatchObject({ key: 'never', availability: null })
  })

  test('is unknown where alerting was away for so long that turns may be lost', async () => {
    const { seconds } = await rowOf('a', 'from=2026-10-06&to=2026-10-07&device=a')

    // From its last evaluation until the state is said again.
    expect(seconds.unknown).toBeGreaterThanOrEqual(12 * 3_600)
    expect(seconds.unknown).toBeLessThanOrEqual(12 * 3_600 + 320)
    expect(seconds.up + seconds.unknown).toBe(86_400)
  })

  test('is unknown while the collector was blind, whatever it asked meanwhile', async () => {
    const { seconds } = await rowOf(
      'a',
      'from=2026-10-07T01:30:00Z&to=2026-10-07T03:00:00Z&device=a',
    )

    expect(seconds).toMatchObject({ down: 0, unknown: 300 + 10 - 25, total: 5_400 })
  })

  test('is the same in pieces as in one, and the same each time', async () => {
    const whole = await rowOf('a', FIRST_DAY)
    const parts = await Promise.all([
      rowOf('a', 'from=2026-10-05&to=2026-10-05T02:30:00Z'),
      rowOf('a', 'from=2026-10-05T02:30:00Z&to=2026-10-05T06:05:00Z'),
      rowOf('a', 'from=2026-10-05T06:05:00Z&to=2026-10-06'),
    ])

    for (const key of ['up', 'down', 'unknown', 'total'] as const)
      expect(parts.reduce((sum, { seconds }) => sum + seconds[key], 0)).toBe(whole.seconds[key])
    expect(await report(FIRST_DAY)).toEqual(await report(FIRST_DAY))
  })
})

describe('F1: a report', () => {
  test('asks a handful of questions, none of which lists devices, once for all who ask at the same time', async () => {
    asked = []
    const path = `/api/v1/reports/availability?${FIRST_DAY}`
    const answers = await Promise.all(
      ['', '&by=branch', '&by=region', '&region=Tbilisi', '&format=csv', ''].map((more) =>
        api.get(path + more),
      ),
    )

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200])
    // The turns, the states before, the unknown times, alerting's pauses, and the samples of the one that there was.
    const exports = asked.filter((match) => !match.startsWith('last_over_time'))
    expect(exports.toSorted()).toEqual([
      'wardline_availability_watermark_seconds',
      '{__name__="device_state_up"}',
      '{__name__="device_status",status="unknown"}',
      '{__name__="ping_up"}',
    ])
  })
})

describe('a branch', () => {
  test('has the sums of its devices, and the times in which all of it was down', async () => {
    const row = await rowOf('Vake', `${FIRST_DAY}&by=branch`)

    expect(row).toMatchObject({ devices: 2, outage_count: 1, mttr_seconds: 3_600 })
    expect(row.seconds.total).toBe(2 * 86_400)
    expect(row.seconds.down).toBe(5_400 + 3 * 3_600)
    expect(row.outages).toMatchObject([{ start: iso(at(2)), end: iso(at(3)) }])
  })

  test('or region, or a selection of them', async () => {
    const regions = await report(`${FIRST_DAY}&by=region`)
    const one = await report(`${FIRST_DAY}&region=Kartli`)

    expect(regions.rows.map(({ key }) => key).toSorted()).toEqual(['Kartli', 'Mtskheta', 'Tbilisi'])
    expect(one.rows.map(({ key }) => key).toSorted()).toEqual(['fresh', 'off'])
  })
})

describe('maintenance', () => {
  test('that is entered later changes the result, and the change shows; the result of before can be asked for', async () => {
    const before = await report(FIRST_DAY)
    const enteredAt = Date.now()
    await decisions.putWindow({
      name: 'line work',
      matchers: parseMatchers('branch="Vake"'),
      schedule: { kind: 'once', startsAt: at(1), endsAt: at(3) },
      createdBy: 'alice',
      comment: 'forgotten at the time',
    })
    const after = await waitFor(
      async () => {
        const now = await report(FIRST_DAY)
        return now.windows_version === before.windows_version ? null : now
      },
      { what: 'the window in the report' },
    )
    const own = (of: ReportJson) => of.rows.find(({ key }) => key === 'a')

    expect(after.windows).toMatchObject([
      {
        name: 'line work',
        created_by: 'alice',
        comment: 'forgotten at the time',
        seconds: 7_200,
        devices: 2,
      },
    ])
    expect(Date.parse(after.windows_as_of ?? '')).toBeGreaterThanOrEqual(enteredAt)
    expect(own(after)?.seconds).toMatchObject({ excluded: 7_200, down: 1_800, total: 86_400 })
    expect(own(after)?.outages).toMatchObject([{ seconds: 1_800, excluded_seconds: 3_600 }])
    expect(own(after)?.availability).toBeGreaterThan(own(before)?.availability ?? 1)

    const asBefore = await report(`${FIRST_DAY}&windows_as_of=${iso(enteredAt - 10_000)}`)
    expect(asBefore.rows).toEqual(before.rows)
    expect(asBefore).toMatchObject({ windows: [], windows_version: before.windows_version })
  })
})

describe('H5: whoever sees a part of the fleet', () => {
  const scope = { regions: ['Kartli'], branches: [] }
  const principal: Principal = { name: 'nino', kind: 'token', role: 'viewer', scope }

  async function ask(path: string): Promise<{ status: number; text: string }> {
    const log = createLog('silent')
    const routes = reportRoutes({
      historyStore: stores.victoriaMetrics,
      inventory: inventoryOf(...all),
      decisions,
      evaluationMs: 15_000,
      clock: systemClock,
    })
    const app = createEndpoints()
    app.use(async (c, next) => {
      c.set('principal', principal)
      await next()
    })
    app.route('/api/v1', routes.api)
    app.route('/', routes.page)
    app.onError((error, c) => answerError(error, c, log))
    const response = await app.request(path)
    return { status: response.status, text: await response.text() }
  }

  test.each(['device', 'branch', 'region'])('has a report by %s of that part alone', async (by) => {
    for (const path of ['/api/v1/reports/availability', '/reports/availability']) {
      for (const more of path.startsWith('/api') ? ['', '&format=csv'] : ['']) {
        const { status, text } = await ask(`${path}?${FIRST_DAY}&by=${by}${more}`)

        expect(status).toBe(200)
        expect(text).toMatch(/Kartli|Gori|fresh/)
        // Neither devices of elsewhere nor the window that somebody made for them.
        expect(text).not.toMatch(/Vake|Tbilisi|Kazbegi|Mtskheta|line work/)
      }
    }
  })

  test('is told of that part what is told to whoever sees all', async () => {
    const { text } = await ask(`/api/v1/reports/availability?${FIRST_DAY}`)
    const { rows } = await report(`${FIRST_DAY}&region=Kartli`)

    expect(reportSchema.parse(JSON.parse(text)).rows).toEqual(rows)
  })

  test.each([
    ['device=a', 404],
    ['branch=Vake', 400],
    ['region=Tbilisi', 400],
  ])('finds nothing by %s, as if it were not there', async (query, status) => {
    const answer = await ask(`/api/v1/reports/availability?${FIRST_DAY}&${query}`)

    expect(answer.status).toBe(status)
    expect(answer.text).not.toMatch(/never|Mtskheta|Kazbegi/)
  })
})

describe('the report', () => {
  test('as CSV says what the JSON says', async () => {
    const { status, headers, body } = await api.get(
      `/api/v1/reports/availability?${FIRST_DAY}&format=csv&bom=true`,
    )
    const told = await report(FIRST_DAY)
    const lines: Record<string, string>[] = parse(body, { columns: true, bom: true })

    expect(status).toBe(200)
    expect(headers.get('content-type')).toContain('text/csv')
    expect(headers.get('content-disposition')).toBe(
      'attachment; filename="availability-device-2026-10-05.csv"',
    )
    expect(lines.map((line) => [line['device'], Number(line['up_seconds'])])).toEqual(
      told.rows.map(({ key, seconds }) => [key, seconds.up]),
    )
  })

  test('as a page says how it is made, in the time zone that is asked for, and runs nothing', async () => {
    const { status, headers, body } = await api.get(
      `/reports/availability?${FIRST_DAY}&by=branch&tz=Asia/Tbilisi`,
    )

    expect(status).toBe(200)
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(body).toContain('Asia/Tbilisi')
    expect(body).toContain('Vake')
    expect(body).toContain('How these figures are made')
    expect(body).not.toMatch(/<script|style=/)
    expect((await api.get('/reports/availability.css')).status).toBe(200)
  })

  test.each([
    ['month=2026-13', 'month', 400],
    ['month=2026-10&tz=Nowhere', 'tz', 400],
    ['by=rack', 'by', 400],
    ['branch=Atlantis', 'branch', 400],
    ['colour=red', 'colour', 400],
    ['from=1990-01-01', undefined, 200],
    ['device=x', undefined, 404],
  ])('%s: %s is answered with %i', async (query, parameter, expected) => {
    const { status, body } = await api.get(`/api/v1/reports/availability?${query}`)

    expect(status).toBe(expected)
    if (parameter !== undefined) expect(body).toMatchObject({ parameter })
  })
})
