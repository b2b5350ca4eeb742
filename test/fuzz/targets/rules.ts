import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { parseMetricsqlDuration } from '../../../alerting/metricsql-duration.ts'
import { readRuleYaml } from '../../../alerting/rule-files/read-yaml.ts'
import { parseInputValues } from '../../../alerting/rule-test/input-values.ts'
import { readTestYaml } from '../../../alerting/rule-test/read-yaml.ts'
import { parseSeriesText, seriesText } from '../../../alerting/rule-test/series-text.ts'
import { TemplateError } from '../../../alerting/template/template-error.ts'
import { type TemplateData, compileTemplate } from '../../../alerting/template/template.ts'
import { ConfigError } from '../../../lib/config/problem.ts'
import { parseDuration } from '../../../lib/duration.ts'
import { mutatedText } from '../mutate.ts'
import { must, target } from '../target.ts'

const text = (path: string): string =>
  readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')

const RULES = [
  text('examples/rules/links.yml'),
  'groups:\n- name: g\n  interval: 30s\n  limit: 7\n  labels: {site: hq}\n  params: {step: [1m]}\n  rules:\n  - alert: A\n    expr: up == 0\n    for: 5m\n    keep_firing_for: 1h30m\n    annotations: {summary: "{{ $labels.device }}: {{ $value | humanize }}"}\n  - record: a:b\n    expr: sum(up)\n',
]

export const ruleYaml = target({
  name: 'rule-yaml',
  inputs: mutatedText(RULES),
  refusals: [ConfigError],
  async read(given) {
    const read = await readRuleYaml('r.yml', given, { environment: {}, intervalMs: 60_000 })
    for (const { message } of read.problems) must(message !== '', 'a message')
    return read.problems.length === 0 && read.groups.length > 0
  },
})

const TESTS = [
  // Without files: what those are is the file system's business.
  text('examples/rules/links.test.yml').replace(
    /^rule_files:.*\n(?:\s+- .*\n)*/m,
    'rule_files: []\n',
  ),
  'rule_files: []\nevaluation_interval: 1m\ntests:\n- interval: 1m\n  name: t\n  input_series:\n  - {series: \'up{device="a"}\', values: "0x15 1 _ stale 1+1x3"}\n  alert_rule_test:\n  - {eval_time: 5m, groupname: g, alertname: A, exp_alerts: []}\n  metricsql_expr_test:\n  - {expr: up, eval_time: 1m, exp_samples: [{labels: \'up{device="a"}\', value: 1}]}\n',
]

export const ruleTestYaml = target({
  name: 'rule-test-yaml',
  inputs: mutatedText(TESTS),
  refusals: [ConfigError],
  async read(given) {
    const defaults = { externalLabels: {}, externalUrl: 'http://127.0.0.1' }
    const read = await readTestYaml('/nowhere/t.yml', given, defaults)
    for (const { message } of read.problems) must(message !== '', 'a message')
    return read.problems.length === 0
  },
})

export const inputValues = target({
  name: 'input-values',
  inputs: mutatedText([
    '0x15 1 _ stale',
    '1+1x3 -5-0.5x1000',
    '1x999999999999',
    'NaN Inf -Inf _x20',
  ]),
  read(given) {
    const values = parseInputValues(given)
    if (typeof values === 'string') must(values !== '', 'a message')
    else must(values.length <= 1_000_000, 'no more values than can be held')
    return typeof values !== 'string'
  },
})

export const series = target({
  name: 'series-text',
  inputs: mutatedText(['up', 'up{device="a", branch="ვაკე"}', '{__name__="x",a="\\"\\\\\\n"}']),
  read(given) {
    const labels = parseSeriesText(given)
    if (typeof labels === 'string') return false
    const again = parseSeriesText(seriesText(labels))
    must(isDeepStrictEqual(again, labels), 'the same when it is read again')
    return true
  },
})

const TEMPLATES = [
  '{{ $labels.device }} is {{ if eq $value 0.0 }}down{{ else if gt $value 1.0 }}odd{{ else }}up{{ end }}',
  '{{ range $i, $s := query "up" }}{{ $i }}:{{ $s.Labels.device }}={{ $s.Value | humanize }} {{ end }}',
  '{{ define "x" }}{{ . }}{{ end }}{{ template "x" .Value }}{{ block "y" $labels }}{{ .device }}{{ end }}',
  '{{ with $x := first (query "up") }}{{ $x.Value | printf "%8.3f %+d %q %x %%" }}{{ end }}',
  '{{ $activeAt.Format "2006-01-02T15:04:05Z07:00" }} {{ humanizeDuration 93784.5 }} {{ 1e3 | humanize1024 }}',
  '{{ reReplaceAll "(a+)+b" "$1" "aaaaaaaaaaaaaaaaaaaaaaaac" }} {{ printf "%999d" 1 }} {{ len "x" }}',
  '{{- /* a comment */ -}} {{ $a := 1 }}{{ $a = 2 }}{{ index (args 1 2) "arg0" }} {{ `raw` | toUpper | quotesEscape }}',
  '{{ define "r" }}{{ template "r" . }}{{ end }}{{ template "r" . }}',
  '{{ range $i, $e := query "up" }}{{ if $i }}{{ break }}{{ end }}{{ continue }}{{ end }}',
]

const data: TemplateData = {
  labels: { device: 'router-1', branch: 'Vake' },
  value: 0.25,
  expr: 'up == 0',
  alertId: '1',
  groupId: '7',
  activeAt: Date.UTC(2026, 2, 29, 1, 2, 3, 450),
  forMs: 90_000,
  isPartial: false,
  externalLabels: { site: 'hq' },
  externalUrl: 'https://noc.example.com',
  at: Date.UTC(2026, 2, 29, 1, 5),
  query: async () => [
    { labels: { device: 'b' }, value: 1, at: 0 },
    { labels: { device: 'a' }, value: 2, at: 0 },
  ],
}

const MOST_RENDERED = 4_194_304

export const template = target({
  name: 'template',
  inputs: mutatedText(TEMPLATES),
  refusals: [TemplateError],
  async read(given) {
    const rendered = await compileTemplate(given, 60_000).render(data)
    must(typeof rendered === 'string' && rendered.length <= MOST_RENDERED, 'a text with an end')
    return true
  },
})

export const durations = target({
  name: 'duration',
  inputs: mutatedText(['1h30m', '1.5m', '500ms', '2w', '1d12h', '0.001s']),
  read(given) {
    const known = [parseDuration(given), parseMetricsqlDuration(given)]
    for (const ms of known) must(ms === null || !Number.isNaN(ms), 'a length of time or none')
    return known.some((ms) => ms !== null)
  },
})
