import { execFile } from 'node:child_process'
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { loadRuleFiles } from '../../../alerting/rule-files/load.ts'
import { directoryWith } from '../inventory/files.ts'
import { vmalertProblem } from './vmalert.ts'

const run = promisify(execFile)
const command = fileURLToPath(new URL('../../../bin/rules/export.ts', import.meta.url))

const RULES = `
import { alert, derive, group, record, series } from 'wardline/rules'
const rtt = series('ping_rtt_seconds', { vantage: 'hq' }).avg('5m').maxBy('device', 'branch')
export default [
  group('quality', { interval: '30s', limit: 100, labels: { team: 'noc' } }, [
    record('device:rtt_seconds:avg5m', { expr: rtt, labels: { source: 'ping' } }),
    alert('Slow', {
      expr: rtt.above(0.2),
      severity: 'warning',
      for: '1h30m',
      labels: { where: ({ labels }) => labels.branch },
      annotations: {
        summary: ({ labels }) => labels.device + ' is slow',
        description: ({ value }) => 'Round trip of ' + value.toFixed(3) + ' s, {{ not a template }}',
        since: ({ activeAt }) => new Date(activeAt).toISOString(),
      },
    }),
    alert('Loss', {
      expr: derive(
        { sent: series('ping_sent').sum('5m').sumBy('device') },
        { by: ['device'], value: ({ sent }) => sent ?? null },
      ),
      severity: 'warning',
      annotations: { summary: 'x' },
    }),
  ]),
]`

test('what is exported is what vmalert reads, and what is left out is told with the reason', async () => {
  await using directory = await directoryWith({
    'wardline.yaml':
      'inventory: {devices: [{id: a, address: 10.0.0.1}]}\nalerting: {rule_files: [r.ts, own.yml]}',
    'r.ts': RULES,
    'own.yml': 'groups: []',
    // In a Node of its own: tests run through a loader of theirs.
    'run.ts': `import { exportRules } from ${JSON.stringify(command)}
      process.exitCode = await exportRules({ configPath: process.argv[2], out: process.argv[3] })`,
  })
  const out = directory.of('out')
  const { stdout, stderr } = await run(process.execPath, [
    directory.of('run.ts'),
    directory.of('wardline.yaml'),
    out,
  ])
  expect(stdout).toMatch(/^\d+ rules written to /)
  expect(stderr.split('\n').filter((line) => line.startsWith('r.yml'))).toEqual([
    'r.yml: group quality: Slow: without its annotation since: it tells activeAt',
    'r.yml: group quality: Loss: left out: its expression is a function',
  ])
  expect(await readdir(out)).toContain('r.yml')
  const rtt = 'max by (device, branch) (avg_over_time(ping_rtt_seconds{vantage="hq"}[5m]))'
  expect(await readFile(join(out, 'r.yml'), 'utf8')).toBe(`groups:
  - name: quality
    interval: 30s
    limit: 100
    labels:
      team: noc
    rules:
      - record: device:rtt_seconds:avg5m
        expr: ${rtt}
        labels:
          source: ping
      - alert: Slow
        expr: (${rtt}) > 0.2
        for: 1h30m
        labels:
          where: "{{ $labels.branch }}"
          severity: warning
        annotations:
          summary: "{{ $labels.device }} is slow"
          description: Round trip of {{ printf "%.3f" $value }} s, {{ "{{" }} not a template }}
`)
  const files = (await readdir(out)).map((name) => join(out, name))
  // Debian's vmalert is older than keep_firing_for and the keys of evaluation.
  for (const file of files) {
    const text = await readFile(file, 'utf8')
    await writeFile(
      file,
      text.replace(/^ +(keep_firing_for|eval_\w+|update_entries_limit): .*\n/gm, ''),
    )
  }
  expect(await vmalertProblem(files)).toBeNull()
  const { problems } = await loadRuleFiles(files, directory.path)
  expect(problems).toEqual([])
})
