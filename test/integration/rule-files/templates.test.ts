import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { compileTemplate } from '../../../alerting/template/template.ts'
import { type Stores, startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'
import { startVmalert } from './vmalert.ts'

const EXPR = 'last_over_time(load[1h])'
const labels = {
  instance: 'host-1.example.com:9100',
  job: 'node exporter',
  odd: 'a "b" <c> & \'d\'\n/é=ß',
}
const value = 1_234_567.891

/**
 * What these give is compared with what Debian's vmalert makes of them. Left out is what it doesn't know yet: its 1.79
 * has no missingkey=zero, jsonEscape, htmlEscape, stripDomain, toTime, and its quotesEscape is about quotes alone.
 */
const templates: readonly string[] = [
  'plain text, no braces }} at all',
  '{{ $value }} {{ .Value }} {{ $labels.instance }} {{ .Labels.job }}',
  '{{ $labels }} {{ .Expr }} {{ $expr }}',
  '{{ 0.0 }} {{ 1.0 }} {{ 0.1 }} {{ 100000.0 }} {{ 999999.0 }} {{ 1000000.0 }} {{ 1e21 }} {{ 1e-4 }} {{ 1e-5 }}',
  '{{ 123456789.0 }} {{ 1234567.0 }} {{ 0.30000000000000004 }} {{ 5e-324 }} {{ 1.7976931348623157e308 }}',
  "{{ 1 }} {{ -5 }} {{ 0x10 }} {{ 0b101 }} {{ 0o17 }} {{ 017 }} {{ 1_000 }} {{ 'a' }} {{ 1e3 }}",
  '{{ "a\\tb\\"c\\x41\\u00e9" }} {{ `raw \\n` }} {{ true }} {{ false }}',
  '{{ $value | humanize }} {{ humanize 0.0 }} {{ humanize 0.00012345 }} {{ humanize 999.95 }} {{ humanize 999.99 }} {{ humanize -1234.5 }} {{ humanize 1e27 }}',
  '{{ humanize1024 0.5 }} {{ humanize1024 1.0 }} {{ humanize1024 1048576.0 }} {{ humanize1024 -2048.0 }} {{ humanize1024 1e30 }}',
  '{{ humanizeDuration 0.0 }} {{ humanizeDuration 0.0123 }} {{ humanizeDuration 59.99 }} {{ humanizeDuration 61.0 }} {{ humanizeDuration 3661.5 }} {{ humanizeDuration 90061.0 }} {{ humanizeDuration -61.0 }} {{ humanizeDuration 1.5 }}',
  '{{ humanizePercentage 0.12345 }} {{ humanizePercentage 1.0 }} {{ humanizePercentage 0.00001 }}',
  '{{ humanizeTimestamp 1435065584.128 }} {{ humanizeTimestamp 0.0 }} {{ humanizeTimestamp 1700000000.0 }}',
  '{{ parseDuration "1h30m" }} {{ parseDuration "1.5d" }} {{ parseDuration "1w" }}',
  '{{ printf "%d %5d|%-5d|%05d|%+d|%x|%X|%#x|%o|%b|%c|%q|%U" 42 42 42 42 42 42 255 255 8 5 65 65 8364 }}',
  '{{ printf "%f %.2f %8.3f|%-8.1f|%08.2f|%+.1f|%e|%.2e|%g|%.3g|%G" 1.5 2.345 3.14159 2.5 -1.5 2.25 123456.789 0.00012 1e20 1234.5 1e-10 }}',
  '{{ printf "%.0f %.0f %.0f %.0f %.1f %.1f" 0.5 1.5 2.5 3.5 0.25 0.35 }}',
  '{{ printf "%s|%10s|%-10s|%.2s|%q|%x|%X|% x|%v|%+v" "abc" "abc" "abc" "abcdef" "a\\"b\\n" "hi" "hi" "hi" "v" "w" }}',
  '{{ printf "%t %v %s %d" true false true 1.5 }} {{ printf "%d %s" "x" 5 }}',
  '{{ printf "%d" }} {{ printf "x" 1 "y" }} {{ printf "%z" 5 }} {{ printf "100%%" }} {{ printf "%" }} {{ printf "%!" 1 }}',
  '{{ printf "%[2]d %[1]d" 1 2 }} {{ printf "%*d|%-*d|" 5 42 5 42 }} {{ printf "%.*f" 2 3.14159 }} {{ printf "%[3]d" 1 }}',
  '{{ printf "%v %s %d %T %T %T %T" $labels $labels 5 5 5.5 "s" $labels }}',
  '{{ print 1 2 "a" 3 4.5 true "b" "c" }} {{ println "x" 1 }}{{ print }}|{{ print nil }}',
  '{{ html $labels.odd }} {{ js $labels.odd }} {{ urlquery $labels.odd }} {{ html 5 "a" 6 }}',
  '{{ queryEscape $labels.odd }} {{ pathEscape $labels.odd }} {{ crlfEscape $labels.odd }} {{ pathEscape "a b/c?d$e&f+g=h:i@j!k" }}',
  '{{ quotesEscape `say "hi"` }} {{ safeHtml "<b>" }} {{ toUpper "abcé" }} {{ toLower "ABCÉ" }}',
  '{{ title "hello wORLD foo-bar foo_bar o\'neil 1st ébène" }}',
  '{{ stripPort "host:80" }} {{ stripPort "host" }} {{ stripPort "[::1]:80" }} {{ stripPort "::1" }} {{ stripPort "a:b:c" }}',
  '{{ match "^host-[0-9]" $labels.instance }} {{ match "^x" $labels.instance }} {{ match "ode" $labels.job }}',
  '{{ reReplaceAll "(.*):(.*)" "$2-$1" $labels.instance }} {{ reReplaceAll "a*" "x" "baac" }} {{ reReplaceAll "(?P<n>b)" "<${n}$n$1x$$>" "abc" }}',
  '{{ if gt $value 5.0 }}big{{ else }}small{{ end }} {{ if eq $labels.job "x" "node exporter" }}yes{{ end }}',
  '{{ if and (ne $labels.job "") (not (eq $labels.job "x")) }}a{{ else if true }}b{{ else }}c{{ end }}',
  '{{ if $labels.missing }}a{{ else if $labels.job }}b{{ else }}c{{ end }} {{ with $labels.job }}[{{ . }}]{{ else }}none{{ end }} {{ with $labels.none }}x{{ else }}none{{ end }}',
  '{{ and 1 0 2 }} {{ or 0 "" "x" }} {{ not 0 }} {{ and true false }} {{ lt 1 2 }} {{ le 2 2 }} {{ gt "b" "a" }} {{ ge 1.5 2.5 }} {{ ne 1 2 }}',
  '{{ len $labels }} {{ len "é" }} {{ index $labels "job" }} {{ slice "abcdef" 1 3 }} {{ slice "abcdef" 4 }} {{ index "abc" 1 }}',
  '{{ range $name, $text := $labels }}{{ $name }}={{ $text }};{{ end }} {{ range $labels }}<{{ . }}>{{ end }}',
  '{{ range query "sort(last_over_time(load[1h]))" }}{{ .Labels.instance }}={{ .Value }} {{ end }}{{ range query "nothing_there" }}x{{ else }}none{{ end }}',
  '{{ with query "sort(last_over_time(load[1h]))" }}{{ . | first | value | humanize }} {{ first . | label "job" }}{{ end }}',
  '{{ range $i, $one := (query "last_over_time(load[1h])" | sortByLabel "instance") }}{{ $i }}:{{ $one.Labels.instance }}{{ if eq $i 0 }}{{ continue }}{{ end }}!{{ end }}',
  '{{ range $i, $one := query "sort(last_over_time(load[1h]))" }}{{ if gt $i 0 }}{{ break }}{{ end }}{{ $i }}{{ end }}',
  '{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ $y := 3 }}{{ $y }}{{ end }}{{ $x }}{{ if true }}{{ $x := 9 }}{{ $x }}{{ end }}{{ $x }}',
  'a  {{- 1 -}}  b {{- /* a comment */ -}} c {{/* another */}} d\n  {{- "x" }}\n{{ "y" -}}\n e',
  '{{ define "one" }}<{{ . }}:{{ .job }}>{{ end }}{{ template "one" $labels }}{{ block "two" 5 }}[{{ . }}]{{ end }}',
  '{{ define "many" }}{{ .arg0 }}-{{ .arg1 }}-{{ .arg2 }}{{ end }}{{ template "many" (args 1 "two") }} {{ (args "a" "b").arg1 }}',
  '{{ (printf "%s-%s" $labels.job "x") | toUpper | printf "%q" }} {{ len (printf "%d" 12345) }} {{ ((1)) }}',
  '{{ externalURL }} {{ pathPrefix }} {{ $labels.instance | stripPort | printf "%s/%s" externalURL }}',
  '{{ $value | printf "%.1f" }} {{ printf "%.1f%%" $value }} {{ printf "%v" 1e6 }} {{ printf "%6.2f|" 1.0 }}',
]

let stores: Stores
let directory: string
const told = new Map<string, string>()
const now = Math.floor(Date.now() / 1000) * 1000

beforeAll(async () => {
  stores = await startStores()
  directory = await mkdtemp(join(tmpdir(), 'wardline-templates-'))
  const series = [
    `load{instance="host-1.example.com:9100",job="node exporter",odd=${JSON.stringify(labels.odd)}} ${value}`,
    `load{instance="host-0:1",job="other"} 7`,
  ]
  await fetch(`${stores.vmUrl}/api/v1/import/prometheus?timestamp=${now - 60_000}`, {
    method: 'POST',
    body: `${series.join('\n')}\n`,
  })
  await stores.victoriaMetrics.flush()
  const annotations = Object.fromEntries(templates.map((text, index) => [`t${index}`, text]))
  const rule = { alert: 'Load', expr: `${EXPR} > 100`, annotations }
  const file = join(directory, 'rules.yml')
  await writeFile(file, stringify({ groups: [{ name: 'g', rules: [rule] }] }))
  await using vmalert = await startVmalert(
    stores.vmUrl,
    [file],
    ['-external.url=http://noc.example.com/up', '-datasource.queryTimeAlignment=false'],
  )
  const [alert] = await waitFor(
    async () => {
      const alerts = await vmalert.alerts()
      return alerts.length > 0 && alerts
    },
    { what: 'the alert' },
  )
  for (const [name, text] of Object.entries(alert?.annotations ?? {})) told.set(name, text)
})
afterAll(async () => {
  await stores?.[Symbol.asyncDispose]()
  await rm(directory, { recursive: true, force: true })
})

describe('a template says what it says in vmalert', () => {
  test.each(templates.map((source, index) => ({ source, name: `t${index}` })))(
    '$source',
    async ({ source, name }) => {
      const { victoriaMetrics } = stores
      const text = await compileTemplate(source, 1_000).render({
        labels: { ...labels, __name__: 'load' },
        value,
        expr: `${EXPR} > 100`,
        alertId: '1',
        groupId: '2',
        activeAt: now,
        forMs: 0,
        isPartial: false,
        externalLabels: {},
        externalUrl: 'http://noc.example.com/up',
        at: now,
        query: (expr) => victoriaMetrics.query(expr, { at: Date.now() }),
      })
      expect(text).toBe(told.get(name))
    },
  )
})
