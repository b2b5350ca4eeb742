import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BacktestCommandOptions, backtestRules } from '../../../bin/rules/backtest.ts'
import { encodeLine } from '../../../lib/line-protocol.ts'
import { type Stores, startStores } from '../../stores.ts'

const MINUTE = 60_000
const END = Math.floor(Date.now() / MINUTE) * MINUTE - 10 * MINUTE
const START = END - 120 * MINUTE

let stores: Stores
let folder = ''

beforeAll(async () => {
  stores = await startStores()
  const lines: string[] = []
  for (let at = START; at < END; at += 10_000) {
    for (const id of ['router', 'switch']) {
      const labels = { device: id, branch: 'Vake', region: 'Tbilisi' }
      const minute = (at - START) / MINUTE
      const up = id === 'switch' || minute < 60 || minute >= 70
      const isSlow = id === 'switch' && minute >= 90 && minute < 100
      const fields = up ? { up: 1, rtt_seconds: isSlow ? 0.4 : 0.01 } : { up: 0 }
      lines.push(encodeLine({ measurement: 'ping', labels, fields, at }))
    }
  }
  await stores.victoriaMetrics.writeLines(lines.join('\n'))
  await stores.victoriaMetrics.flush()
  folder = await mkdtemp(join(tmpdir(), 'wardline-backtest-'))
  const put = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text)
  const rule = (minutes: number): string => `
groups:
  - name: links
    interval: 30s
    rules:
      - { record: 'device:rtt', expr: 'avg_over_time(ping_rtt_seconds[1m])' }
      - { alert: Slow, expr: 'avg_over_time(ping_rtt_seconds[1m]) > 0.2', for: ${minutes}m }
`
  await put('new.yml', rule(1))
  await put('old.yml', rule(4))
  await put(
    'unseen.yml',
    `${rule(1)}      - { alert: Seen, expr: 'last_over_time(device:rtt[1m]) > 0.2' }\n`,
  )
  await put(
    'wardline.yaml',
    `
victoriametrics: { url: '${stores.vmUrl}' }
inventory:
  devices:
    - { id: router, address: 198.18.0.1, branch: Vake, region: Tbilisi }
    - { id: switch, address: 198.18.0.2, branch: Vake, region: Tbilisi, parents: [router] }
receivers: [{ name: noc, webhook: { url: 'http://127.0.0.1:9/' } }]
route:
  receiver: noc
  group_by: [alertname]
  routes: [{ matchers: ['alertname="MonitoringLate"'], receiver: noc, mute_time_intervals: [always] }]
time_intervals: [{ name: always, time_intervals: [{}] }]
alerting: { rule_files: [new.yml] }
`,
  )
})
afterAll(async () => {
  await stores[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

async function run(options: Partial<BacktestCommandOptions> = {}) {
  const lines: string[] = []
  const errors: string[] = []
  const output = {
    print: (line: string) => void lines.push(line),
    error: (line: string) => void errors.push(line),
  }
  const code = await backtestRules(
    join(folder, 'wardline.yaml'),
    {
      from: new Date(START + 30 * MINUTE).toISOString(),
      to: new Date(END).toISOString(),
      timeZone: 'UTC',
      ...options,
    },
    output,
    new AbortController().signal,
  )
  return { code, lines, errors }
}

const messagesIn = (lines: readonly string[]): string[] =>
  lines
    .slice(lines.indexOf('Messages') + 1, lines.indexOf('In all') - 1)
    .map((line) => line.trim().split('  ').slice(1).join(' '))

describe('wardline rules backtest', () => {
  test('tells what the configured rules and routes would have sent', async () => {
    const { code, lines, errors } = await run()
    expect(errors).toEqual([])
    expect(messagesIn(lines)).toEqual([
      'noc first notification: DeviceDown router (Vake)',
      'noc all alerts resolved: over: DeviceDown router (Vake)',
      'noc first notification: Slow switch (Vake)',
      'noc all alerts resolved: over: Slow switch (Vake)',
    ])
    expect(lines.find((line) => line.startsWith('  noc: '))).toMatch(
      /^ {2}noc: 4 messages \(2 first notification, 2 all alerts resolved\); /,
    )
    expect(code).toBe(0)
  })

  test('tells what differs from other rules', async () => {
    const { lines } = await run({ against: [join(folder, 'old.yml')], builtIn: false })
    const difference = lines.slice(lines.indexOf('Against the old rules') + 1)
    expect(difference.slice(0, 2)).toEqual(['  messages: 2 -> 2 (+0)', '  problems: 1 -> 1 (+0)'])
    expect(difference.find((line) => line.includes('earlier: '))).toBe('  earlier: 1')
    expect(difference.find((line) => line.includes('Slow switch'))).toMatch(
      /, (2m 59s|3m|3m 1s) earlier$/,
    )
  })

  test('takes other rules in place of the configured ones, and speaks JSON', async () => {
    const { lines } = await run({
      rules: [join(folder, 'old.yml')],
      builtIn: false,
      format: 'json',
    })
    const found = JSON.parse(lines.join('\n')) as {
      messages: { at: string; alerts: { startsAt: string; activeAt: string }[] }[]
    }
    const [first] = found.messages
    const [alert] = first?.alerts ?? []
    expect(Date.parse(alert?.startsAt ?? '') - Date.parse(alert?.activeAt ?? '')).toBe(4 * MINUTE)
  })

  test('says which recorded series nobody recorded', async () => {
    const { errors } = await run({ rules: [join(folder, 'unseen.yml')], builtIn: false })
    expect(errors).toEqual([
      "notice: nothing recorded device:rtt then, and a replay doesn't either: rules that read it see nothing",
    ])
  })

  test.each<[options: Partial<BacktestCommandOptions>, message: RegExp]>([
    [
      { from: 'yesterday' },
      /^--from: expected an instant such as .*, or how long ago, such as 30d, got "yesterday"/,
    ],
    [{ from: '1h', to: '2h' }, /^--from: expected an instant before --to and before now/],
    [
      { timeZone: 'Mars' },
      /^--time-zone: expected the name of a time zone, such as Asia\/Tbilisi, got "Mars"/,
    ],
    [{ messages: 'some' }, /^--messages: expected a number, or all, got "some"/],
    [
      { vmUrl: 'http://127.0.0.1:9' },
      /^VictoriaMetrics can't be reached at http:\/\/127\.0\.0\.1:9: /,
    ],
    [{ rules: ['nowhere.yml'] }, /^rules: .*nowhere\.yml: no such file/],
  ])('%j is told as wrong', async (options, message) => {
    await expect(run(options)).rejects.toThrow(message)
  })
})
