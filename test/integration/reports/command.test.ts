import { writeFile } from 'node:fs/promises'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { addReportCommand } from '../../../bin/report.ts'
import { reportSchema } from '../../../api/reports/json.ts'
import { systemClock } from '../../../lib/clock.ts'
import { openDecisions } from '../../../lib/decisions/decisions.ts'
import { createLog } from '../../../lib/log.ts'
import { device } from '../../fakes/inventory.ts'
import { type Ran, runCommand } from '../../run-command.ts'
import { type Stores, startStores } from '../../stores.ts'
import { type Directory, directoryWith } from '../inventory/files.ts'
import { type Past, evaluations, states, write } from './truth.ts'

const HOUR = 3_600_000
const day = Date.parse('2026-10-05T00:00:00Z')
const past: Past = { from: day - HOUR, until: day + 25 * HOUR }
const DAY = ['--from', '2026-10-05', '--to', '2026-10-06', '--tz', 'UTC'] as const

let opened: AsyncDisposableStack
let stores: Stores
let directory: Directory

beforeAll(async () => {
  opened = new AsyncDisposableStack()
  stores = opened.use(await startStores())
  directory = opened.use(await directoryWith({}))
  const configuration = {
    redis: { url: stores.redisUrl },
    victoriametrics: { url: stores.vmUrl },
    data_dir: directory.of('data'),
    inventory: {
      devices: [
        {
          id: 'gori-1',
          address: '10.0.0.1',
          name: 'Gori router',
          branch: 'Gori',
          region: 'Kartli',
        },
        { id: 'vake-1', address: '10.0.0.2', branch: 'Vake', region: 'Tbilisi' },
      ],
    },
  }
  await writeFile(directory.of('wardline.yaml'), stringify(configuration))
  await write(stores.victoriaMetrics, [
    ...evaluations(past),
    // Out for three hours, in the last of which somebody works on it.
    ...states(
      device('gori-1'),
      [
        [past.from, true],
        [day + 2 * HOUR, false],
        [day + 5 * HOUR, true],
      ],
      past,
    ),
    ...states(device('vake-1'), [[past.from, true]], past),
  ])
  await stores.victoriaMetrics.flush()
  await using decisions = await openDecisions({
    redis: stores.redis,
    clock: systemClock,
    log: createLog('silent'),
  })
  await decisions.putWindow({
    name: 'new cables',
    matchers: [{ name: 'device', value: 'gori-1', isRegex: false, isEqual: true }],
    schedule: { kind: 'once', startsAt: day + 4 * HOUR, endsAt: day + 6 * HOUR },
    createdBy: 'nino',
    comment: '',
  })
})
afterAll(() => opened?.disposeAsync())

/** Runs the command as bin/wardline.ts does. */
const run = (...args: readonly string[]): Promise<Ran> =>
  runCommand(
    (program) => addReportCommand(program, () => directory.of('wardline.yaml')),
    'report',
    ...args,
  )

test('a table has the worst device first, with what was excluded, and the sum of all', async () => {
  const { code, out, err } = await run(...DAY)

  expect([code, err]).toEqual([0, ''])
  expect(out.split('\n')).toEqual([
    '2026-10-05 00:00 – 2026-10-06 00:00 (UTC), 1 maintenance window counted',
    expect.stringMatching(
      /^availability +down +maintenance +unknown +outages +MTTR +MTBF +device$/,
    ),
    expect.stringMatching(
      /^ *90\.909 % +2h +2h +- +1 +2h +20h +gori-1 +Gori router, Gori, Kartli$/,
    ),
    expect.stringMatching(/^ *100\.000 % +- +- +- +0 +- +- +vake-1 +Vake, Tbilisi$/),
    expect.stringMatching(/^ *95\.652 % +2h +2h .*all 2 devices$/),
    '',
  ])
})

test('each outage is told with its beginning and its end on the clock of a zone', async () => {
  const { out } = await run(
    '--from',
    '2026-10-05',
    '--to',
    '2026-10-06',
    '--tz',
    'Asia/Tbilisi',
    '--outages',
  )

  expect(out).toMatch(/2026-10-05 06:00 +2026-10-05 09:00 +2h +1h +- +gori-1/)
})

test('rows are branches or regions, of those that are asked for', async () => {
  const { out } = await run(...DAY, '--by', 'branch', '--region', 'Kartli')

  expect(out).toMatch(/90\.909 %.*Gori$/m)
  expect(out).not.toContain('Vake')
})

test('CSV and JSON are those of the API', async () => {
  const csv = await run(...DAY, '--csv')
  const json = await run(...DAY, '--json', '--outages')
  const [first] = parse<Record<string, string>>(csv.out, { columns: true })
  const told = reportSchema.parse(JSON.parse(json.out))

  expect(first).toMatchObject({ device: 'gori-1', down_seconds: '7200', excluded_seconds: '7200' })
  expect(csv.out.endsWith('\r\n')).toBe(true)
  expect(told.rows[0]?.outages).toMatchObject([{ seconds: 7_200, excluded_seconds: 3_600 }])
})

test.each<[string[], string]>([
  [['--month', '2026-13'], '--month: expected a month such as 2026-10, got "2026-13"'],
  [
    ['--month', '2026-10', '--from', '2026-10-01'],
    '--month: expected either a month, or `from` and `to`',
  ],
  [['--tz', 'Gori'], '--tz: '],
  [['--branch', 'Gorri'], '--branch: unknown value "Gorri", did you mean Gori?'],
  [['--device', 'gori-2'], 'no device "gori-2"'],
  [['--windows-as-of', 'once'], '--windows-as-of: expected an instant'],
  [['--limit', '0'], '--limit: expected a whole number from 1'],
  [['--by', 'street'], 'Allowed choices are device, branch, region'],
])('%j is refused in words', async (args, message) => {
  const { code, err } = await run(...args)

  expect(code).toBe(2)
  expect(err).toContain(message)
})

test('a VictoriaMetrics that is away is told with what to do', async () => {
  const text = stringify({
    redis: { url: stores.redisUrl },
    victoriametrics: { url: 'http://127.0.0.1:1' },
    inventory: { devices: [{ id: 'a', address: '10.0.0.1' }] },
  })
  const own = await directoryWith({ 'wardline.yaml': text })
  await using _removed = own
  const before = directory
  directory = own
  const { code, err } = await run(...DAY)
  directory = before

  expect(code).toBe(1)
  expect(err).toContain('wardline has to run')
})
