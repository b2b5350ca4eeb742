import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { readTestYaml } from '../../../alerting/rule-test/read-yaml.ts'
import { seriesText } from '../../../alerting/rule-test/series-text.ts'
import { startTestStore } from '../../../alerting/rule-test/store.ts'
import { createLog } from '../../../lib/log.ts'
import { freePort } from '../../stores.ts'
import { testFolder } from './files.ts'

// Every window is written out: without one a replay, whose step is the interval, looks back less far.
const UP = 'last_over_time(up[30s])'
const RULES = `
groups:
  - name: nodes
    interval: 1m
    rules:
      - { alert: Down, expr: '${UP} == 0', for: 3m, labels: { severity: page } }
      - { alert: AtOnce, expr: 'sum(${UP}) by (job) < 2' }
      - { alert: Absent, expr: 'absent(last_over_time(up{instance="c"}[30s]))', for: 1m }
      - { record: 'job:up:sum', expr: 'sum(${UP}) by (job)' }
`

const SERIES = `
      - { series: 'up{job="node", instance="a"}', values: 1 1 0x3 1 0x8 1x9 }
      - { series: 'up{job="node", instance="b"}', values: 1x6 0 1 0x1 1 _x9 0x3 }
      - { series: 'up{job="node", instance="c"}', values: _x9 1x5 stale 1x9 }
`
const MINUTES = 24

const fileOf = (cases: string): string => `
rule_files: [rules.yml]
tests:
  - name: as vmalert
    input_series:${SERIES}
    metricsql_expr_test:
${cases}
`

/** Debian's vmalert over the past: it writes what its rules would have been. */
async function replay(rules: string, url: string, from: number, to: number): Promise<string> {
  const child = spawn(
    'vmalert',
    [
      `-rule=${rules}`,
      `-datasource.url=${url}`,
      `-remoteWrite.url=${url}`,
      `-replay.timeFrom=${new Date(from).toISOString()}`,
      `-replay.timeTo=${new Date(to).toISOString()}`,
      '-replay.rulesDelay=10ms',
      '-datasource.queryStep=1m',
      `-httpListenAddr=127.0.0.1:${await freePort()}`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  const [code] = (await once(child, 'close')) as [number]
  return code === 0 ? '' : said
}

test("states of alerts and recorded series are those of the real vmalert's replay", async () => {
  await using folder = await testFolder({ 'rules.yml': RULES })
  const text = fileOf('      - { expr: up, eval_time: 0, exp_samples: [] }')
  const defaults = { externalLabels: {}, externalUrl: '' }
  const { tests, problems } = await readTestYaml(`${folder.path}/test.yml`, text, defaults)
  expect(problems).toEqual([])
  const [own] = tests
  if (own === undefined) throw new Error('there is a test')
  const signal = new AbortController().signal
  const log = createLog('silent')
  const cases: string[] = []
  {
    await using store = await startTestStore(own, log, signal)
    const { victoriaMetrics } = store
    const end = own.startAt + MINUTES * 60_000
    // The instant of the start itself is midnight, at which VictoriaMetrics sees nothing new.
    const problem = await replay(
      `${folder.path}/rules.yml`,
      victoriaMetrics.url,
      own.startAt + 60_000,
      end,
    )
    expect(problem).toBe('')
    await victoriaMetrics.flush()
    for (let minute = 2; minute <= MINUTES; minute++) {
      for (const name of ['ALERTS', 'job:up:sum']) {
        const expr = `last_over_time(${name}[30s])`
        const vector = await victoriaMetrics.query(expr, { at: own.startAt + minute * 60_000 })
        const expected = vector
          .map(({ labels, value }) => `{ labels: '${seriesText(labels)}', value: ${value} }`)
          .join(', ')
        cases.push(`      - { expr: '${expr}', eval_time: ${minute}m, exp_samples: [${expected}] }`)
      }
    }
  }
  expect(cases.filter((line) => line.includes('alertstate="firing"')).length).toBeGreaterThan(9)
  expect(cases.filter((line) => line.includes('alertstate="pending"')).length).toBeGreaterThan(5)
  await folder.write('replay.yml', fileOf(cases.join('\n')))
  const { lines } = await folder.run('replay.yml')
  expect(lines).toEqual([
    `  ok    as vmalert (${MINUTES + 1} evaluations)`,
    '',
    '1 passed, 0 failed',
  ])
})
