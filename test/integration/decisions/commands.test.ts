import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { alertmanagerApp } from '../../../alerting/http/alertmanager.ts'
import { addAckCommands } from '../../../bin/ack.ts'
import { addMaintenanceCommands } from '../../../bin/maintenance.ts'
import { addSilenceCommands } from '../../../bin/silence.ts'
import { systemClock } from '../../../lib/clock.ts'
import { type Decisions, openDecisions } from '../../../lib/decisions/decisions.ts'
import { serveHttp } from '../../../lib/http-listen.ts'
import { recordLog } from '../../fakes/log.ts'
import { type Ran, runCommand } from '../../run-command.ts'
import { type Stores, freePort, startStores } from '../../stores.ts'

const HOUR = 3_600_000

let opened: AsyncDisposableStack
let stores: Stores
let decisions: Decisions
let config: string
let alertingListen: string

beforeEach(async () => {
  opened = new AsyncDisposableStack()
  stores = opened.use(await startStores())
  const { log } = recordLog()
  decisions = opened.use(await openDecisions({ redis: stores.redis, clock: systemClock, log }))
  const directory = await mkdtemp(join(tmpdir(), 'wardline-commands-'))
  opened.defer(() => rm(directory, { recursive: true, force: true }))
  config = join(directory, 'wardline.yaml')
  alertingListen = `127.0.0.1:${await freePort()}`
  await configure({})
})
afterEach(() => opened.disposeAsync())

const configure = (more: object): Promise<void> =>
  writeFile(
    config,
    stringify({
      redis: { url: stores.redisUrl },
      alerting: { listen: alertingListen },
      inventory: {
        devices: [
          {
            id: 'r1',
            address: '198.18.0.1',
            name: 'vake-router',
            branch: 'Vake',
            region: 'Tbilisi',
          },
          { id: 'r.2', address: '198.18.0.2', branch: 'Gldani', region: 'Tbilisi' },
        ],
      },
      ...more,
    }),
  )

const run = (...args: readonly string[]): Promise<Ran> =>
  runCommand(
    (program) => {
      for (const add of [addSilenceCommands, addMaintenanceCommands, addAckCommands])
        add(program, () => config)
    },
    ...args,
  )

const WHY = ['--comment', 'new roof', '--author', 'nino']

describe('wardline silence', () => {
  test('silences devices by what people call them, branches and matchers', async () => {
    const { code, out } = await run(
      ...'silence add severity=~"warning|info" --device vake-router r.2 --branch Vake'.split(' '),
      ...'--for 2h --author nino --comment'.split(' '),
      'new roof',
    )
    expect(code).toBe(0)
    await decisions.refresh()
    const [silence] = decisions.current.silences
    expect(out).toContain(silence?.id)
    expect(silence).toMatchObject({
      createdBy: 'nino',
      comment: 'new roof',
      matchers: [
        { name: 'severity', value: 'warning|info', isRegex: true },
        { name: 'device', value: String.raw`r1|r\.2`, isRegex: true },
        { name: 'branch', value: 'Vake', isRegex: false },
      ],
    })
    expect((silence?.endsAt ?? 0) - (silence?.startsAt ?? 0)).toBeCloseTo(2 * HOUR, -4)
  })

  test('lists those in force, expires them by the beginning of their id, and keeps who did it', async () => {
    await run('silence', 'add', '--branch', 'Vake', '--for', '2h', ...WHY)
    await decisions.refresh()
    const id = decisions.current.silences[0]?.id ?? ''
    expect((await run('silence', 'list', '--branch', 'Vake')).out).toContain(id)
    expect((await run('silence', 'list', '--branch', 'Gldani')).out).not.toContain(id)
    const expired = await run('silence', 'expire', id.slice(0, 8), '--author', 'levan')
    expect(expired.out).toBe(`${id} expired\n`)
    expect((await run('silence', 'list')).out).not.toContain(id)
    const listed = await run('silence', 'list', '--expired', '--json')
    expect(JSON.parse(listed.out)).toMatchObject([{ id, state: 'expired' }])
    const log = await run('silence', 'log', '--json')
    expect(JSON.parse(log.out)).toMatchObject([
      { who: 'levan', what: 'silence expired', id },
      { who: 'nino', what: 'silence created', id },
    ])
  })

  test.each([
    [['add', '--for', '2h', ...WHY], /--device, --branch/],
    [['add', '--branch', 'Vake', ...WHY], /--for 2h, or --until/],
    [['add', '--branch', 'Vake', '--for', 'long', ...WHY], /--for: expected a duration/],
    [['add', '--branch', 'Vake', '--until', '2020-01-01', ...WHY], /after the beginning/],
    [['add', '--branch', 'Vakee', '--for', '2h', ...WHY], /no device.*"Vakee", did you mean Vake/],
    [['add', '--device', 'r7', '--for', '2h', ...WHY], /r7/],
    [['add', 'branch', '--for', '2h', ...WHY], /expected a matcher such as/],
    [['add', 'a=~".*"', '--for', '2h', ...WHY], /match everything/],
    [['add', '--branch', 'Vake', '--for', '2h'], /--comment/],
    [['expire', 'nobody'], /no silence has the id nobody/],
    [['log', '--limit', 'many'], /--limit: expected a whole number from 1, got "many"/],
  ])('%j is refused with what was expected', async (args, message) => {
    const { code, err } = await run('silence', ...args)
    expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(message) })
  })

  test('says what to do when no Redis is there', async () => {
    await configure({ redis: { url: `redis://127.0.0.1:${await freePort()}` } })
    expect(await run('silence', 'list')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^redis\.url: .*check that it runs/),
    })
    await configure({ redis: {}, data_dir: '/nowhere/data' })
    expect(await run('silence', 'list')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/start wardline/),
    })
  })
})

describe('wardline maintenance', () => {
  test('plans windows once and recurring, and shows what comes, with those of the configuration', async () => {
    await configure({
      maintenance: [
        {
          name: 'Nightly',
          matchers: ['region="Tbilisi"'],
          cron: '0 2 * * *',
          duration: '1h',
          time_zone: 'Asia/Tbilisi',
        },
      ],
    })
    await run('maintenance', 'add', 'UPS', '--branch', 'Vake', '--for', '3h', ...WHY)
    const weekly = ['--cron', '0 3 * * 0', '--for', '2h', '--time-zone', 'Europe/Berlin']
    expect(
      await run('maintenance', 'add', 'Backup', '--device', 'r1', ...weekly, ...WHY),
    ).toMatchObject({ code: 0 })
    const listed = await run('maintenance', 'list')
    expect(listed.out).toMatch(/UPS +open until/)
    expect(listed.out).toMatch(/Backup +next .*0 3 \* \* 0 for 2h, Europe\/Berlin/)
    const next = JSON.parse((await run('maintenance', 'list', '--next', '7d', '--json')).out) as {
      name: string
      from: string
    }[]
    const counts = Object.groupBy(next, ({ name }) => name)
    expect(counts['UPS']).toHaveLength(1)
    expect(counts['Backup']).toHaveLength(1)
    // Seven nights, and maybe the one that is under way.
    expect([7, 8]).toContain(counts['Nightly']?.length)
    expect(counts['Nightly']?.at(-1)?.from).toMatch(/T22:00:00/)
    expect(next.map(({ from }) => from)).toEqual(next.map(({ from }) => from).toSorted())
  })

  test('takes windows that are past, and removes what was planned here', async () => {
    await run(
      'maintenance',
      'add',
      'Storm',
      '--region',
      'Tbilisi',
      '--from',
      '2026-01-01 10:00',
      '--until',
      '2026-01-01 12:00',
      '--time-zone',
      'Asia/Tbilisi',
      ...WHY,
    )
    await decisions.refresh()
    const [window] = decisions.current.windows
    expect(window?.schedule).toEqual({
      kind: 'once',
      startsAt: Date.parse('2026-01-01T06:00:00Z'),
      endsAt: Date.parse('2026-01-01T08:00:00Z'),
    })
    const id = window?.id ?? ''
    expect((await run('maintenance', 'list')).out).not.toContain(id)
    expect((await run('maintenance', 'list', '--all')).out).toMatch(/Storm +over/)
    expect(await run('maintenance', 'remove', id)).toMatchObject({
      code: 0,
      out: `${id} removed\n`,
    })
    expect((await run('maintenance', 'remove', 'config:Nightly')).err).toMatch(/configuration/)
  })
})

describe('wardline ack', () => {
  const labels = { alertname: 'DeviceDown', device: 'r1', branch: 'Vake', severity: 'critical' }

  async function startAlerting(): Promise<void> {
    const { log } = recordLog()
    const firing = {
      alert: {
        key: 'r1',
        labels,
        annotations: {},
        state: 'firing' as const,
        startsAt: 1_760_000_000_123,
      },
      fingerprint: '0123456789abcdef',
      receivers: ['noc'],
      suppressions: [],
    }
    const app = alertmanagerApp({
      decisions,
      view: () => ({ alerts: [firing], groups: [] }),
      receivers: ['noc'],
      config: '',
      version: '1',
      generatorUrl: () => '',
      clock: systemClock,
      log,
    })
    opened.use(await serveHttp((request) => app.fetch(request), alertingListen, 'alerting.listen'))
  }

  test('acknowledges what fires, exactly that occurrence, and takes it back', async () => {
    await startAlerting()
    const added = await run('ack', 'add', '--device', 'r1', ...WHY)
    expect(added).toMatchObject({ code: 0, out: '0123456789abcdef  DeviceDown r1, Vake\n' })
    await decisions.refresh()
    expect(decisions.current.acknowledgements).toMatchObject([
      {
        id: '0123456789abcdef',
        labels,
        startsAt: 1_760_000_000_123,
        createdBy: 'nino',
        expiresAt: null,
        sticky: false,
      },
    ])
    expect((await run('ack', 'list')).out).toMatch(
      /0123456789abcdef +DeviceDown r1, Vake .* nino +new roof/,
    )
    expect((await run('ack', 'remove', '0123')).out).toBe('0123456789abcdef removed\n')
    await decisions.refresh()
    expect(decisions.current.acknowledgements).toEqual([])
  })

  test('says so when nothing fires that matches, when it must have an end, and when nobody can be asked', async () => {
    expect((await run('ack', 'add', '--device', 'r1', ...WHY)).err).toMatch(
      /check that it runs, alerting\.listen/,
    )
    await startAlerting()
    expect(await run('ack', 'add', '--branch', 'Gldani', ...WHY)).toMatchObject({ code: 1 })
    expect((await run('ack', 'add', '--device', 'r1', '--sticky', ...WHY)).err).toMatch(
      /--sticky: expected an end/,
    )
    expect(
      await run('ack', 'add', '--device', 'r1', '--sticky', '--for', '8h', ...WHY),
    ).toMatchObject({ code: 0 })
  })
})
