import { describe, expect, test } from 'vitest'
import {
  type TemplateData,
  compileTemplate,
  tryTemplate,
} from '../../../../alerting/template/template.ts'
import type { Vector } from '../../../../lib/victoriametrics.ts'

// What vmalert itself gives for the same template is compared in test/integration/rule-files/templates.test.ts.

const asked: string[] = []
const data: TemplateData = {
  labels: { device: 'router-1', branch: 'Vake', 'odd-name': 'x' },
  value: 0.25,
  expr: 'up == 0',
  alertId: '18446744073709551615',
  groupId: '7',
  activeAt: Date.UTC(2026, 2, 29, 1, 2, 3, 450),
  forMs: 90_000,
  isPartial: true,
  externalLabels: { site: 'hq' },
  externalUrl: 'https://noc.example.com/up/',
  at: Date.UTC(2026, 2, 29, 1, 5),
  query(expr): Promise<Vector> {
    asked.push(expr)
    const series = (device: string, value: number) => ({ labels: { device }, value, at: 0 })
    return Promise.resolve(expr === 'none' ? [] : [series('b', 1), series('a', 2)])
  },
}

const render = (source: string): string | Promise<string> =>
  compileTemplate(source, 60_000).render(data)

describe('what newer versions of vmalert have', () => {
  test.each([
    ['{{ $labels.missing }}|{{ .Labels.missing }}', '|'],
    ['{{ (args 1).arg5 }}', '<no value>'],
    ['{{ $alertID }} {{ .GroupID }} {{ $type }}', '18446744073709551615 7 prometheus'],
    ['{{ $for }} {{ $interval }} {{ $for.Seconds }}', '1m30s 1m0s 90'],
    ['{{ $activeAt }}', '2026-03-29 01:02:03.45 +0000 UTC'],
    ['{{ $activeAt.Format "2006-01-02T15:04:05Z07:00" }}', '2026-03-29T01:02:03Z'],
    ['{{ $activeAt.Format "Mon Jan _2 3:04PM .000 -0700" }}', 'Sun Mar 29 1:02AM .450 +0000'],
    ['{{ (now | toTime).Sub $activeAt }}', '2m56.55s'],
    ['{{ formatTime "15:04" now }} {{ formatTime "02.01.2006" $activeAt }}', '01:05 29.03.2026'],
    ['{{ ($activeAt.Add (parseDurationTime "1h")).Unix }}', '1774749723'],
    [
      '{{ $externalLabels.site }} {{ $externalURL }} {{ pathPrefix }} {{ $isPartial }}',
      'hq https://noc.example.com/up/ /up/ true',
    ],
    ['{{ jsonEscape "a\\"<\\n" }} {{ quotesEscape "a\\"\\n" }}', '"a\\"\\u003c\\n" a\\"\\n'],
    ['{{ htmlEscape "<a href=\'x\'>&" }}', '&lt;a href=&#39;x&#39;&gt;&amp;'],
    [
      '{{ stripDomain "a.b.c:80" }} {{ stripDomain "10.0.0.1" }} {{ stripDomain "a.b" }}',
      'a:80 10.0.0.1 a',
    ],
    [
      '{{ humanize "1234" }} {{ humanizeDuration 90 }} {{ humanize1024 2048 }}',
      '1.234k 1m 30s 2ki',
    ],
    ['{{ range 3 }}{{ . }}{{ end }}', '012'],
    ['{{ with $labels.none }}a{{ else with $labels.branch }}{{ . }}{{ end }}', 'Vake'],
  ])('%s', (source, expected) => {
    expect(render(source)).toBe(expected)
  })

  test('strvalue is the name of a series', async () => {
    const named = {
      ...data,
      query: () => Promise.resolve([{ labels: { __name__: 'up' }, value: 1, at: 0 }]),
    }
    const template = compileTemplate('{{ query "up" | first | strvalue }}', 60_000)
    expect(await template.render(named)).toBe('up')
  })
})

describe('queries', () => {
  test('without one a text is there at once', () => {
    expect(typeof render('{{ $value }}')).toBe('string')
  })

  test('each is asked once for a text, however often it stands there', async () => {
    asked.length = 0
    const text = await render(
      '{{ range query "load" }}{{ .Labels.device }}{{ end }}{{ len (query "load") }}{{ query (printf "x{d=%q}" $labels.device) | len }}',
    )
    expect({ text, asked }).toEqual({ text: 'ba22', asked: ['load', 'x{d="router-1"}'] })
  })

  test('what an assignment changed before a query is as it was when rendering begins anew', async () => {
    expect(await render('{{ $value = 1 }}{{ query "x" | len }}{{ $value }}')).toBe('21')
  })

  test('the first series of none is an error of the text', async () => {
    await expect(Promise.resolve(render('{{ query "none" | first }}'))).rejects.toThrow(
      'column 19: first: first() of a result without series',
    )
  })
})

describe('a template that is wrong says where and what was expected', () => {
  test.each([
    ['{{ $lables.x }}', 'column 4: there is no variable $lables, did you mean $labels?'],
    ['{{ humanise 1.0 }}', 'column 4: there is no function humanise, did you mean humanize?'],
    ['a\nb {{ if $value }}', 'line 2, column 6: this if has no end'],
    ['{{ end }}', 'column 4: unexpected "end" outside of any block'],
    ['{{ $value', 'column 1: expected }} for this {{'],
    ['{{ "abc }}', 'column 4: this " has no end'],
    ['{{ ($value }}', 'column 4: this ( has no )'],
    ['{{ $value | 5 }}', 'column 13: only a function can follow |'],
    ['{{ break }}', 'column 4: break outside of range'],
    ['{{ define "a" }}{{ $labels }}{{ end }}', 'column 20: there is no variable $labels'],
    ['{{ template x }}', 'column 13: expected the name of a template in quotes after template'],
  ])('%s', (source, message) => {
    expect(() => compileTemplate(source, 60_000)).toThrow(message)
  })

  test.each([
    ['{{ .Lables }}', 'column 4: notifier.AlertTplData has no field Lables'],
    ['{{ $labels.a.b }}', 'column 4: string has no field b'],
    ['{{ if gt $value 5 }}x{{ end }}', "column 7: gt: float64 isn't compared with int: write 5.0"],
    ['{{ title $value }}', 'column 4: title expects a text, got float64'],
    ['{{ title }}', 'column 4: title takes 1, got 0'],
    ['{{ humanize "x" }}', 'column 4: humanize: expected a number, got "x"'],
    ['{{ template "a" }}', 'column 4: there is no template "a"'],
    [
      '{{ define "a" }}{{ template "a" }}{{ end }}{{ template "a" }}',
      'call one another without end',
    ],
    ['{{ range $value }}{{ end }}', "column 4: can't range over float64"],
    ['{{ match "(" "a" }}', 'column 4: match: "(" is no regular expression'],
    ['{{ range 1000000000 }}{{ end }}', 'column 4: it takes more than 1000000 steps'],
    [`{{ range 2000 }}{{ range 2000 }}{{ end }}{{ end }}`, 'it takes more than 1000000 steps'],
    [bomb(30), 'it takes more than 1000000 steps'],
    ['{{ $x := "0123456789" }}{{ range 40 }}{{ $x = print $x $x }}{{ end }}', 'than a mebibyte'],
    ['{{ range 200000 }}0123456789{{ end }}', 'than a mebibyte'],
    ['{{ printf "%1000000000d" 1 }}', 'printf: a width or precision of more than 10000'],
    ['{{ printf "%.1000000000f" .Value }}', 'printf: a width or precision of more than 10000'],
  ])('%s, found by a trial', async (source, message) => {
    await expect(tryTemplate(compileTemplate(source, 60_000))).rejects.toThrow(message)
  })
})

/** Templates of which each calls the next one twice. */
function bomb(levels: number): string {
  const defined = Array.from({ length: levels }, (_, level) => {
    const next = `{{ template "t${level + 1}" }}`
    return `{{ define "t${level}" }}${next}${next}{{ end }}`
  })
  return `${defined.join('')}{{ define "t${levels}" }}{{ end }}{{ template "t0" }}`
}
