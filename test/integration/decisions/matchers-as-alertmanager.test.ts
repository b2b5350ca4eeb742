import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compileMatchers, parseMatcher } from '../../../lib/matchers.ts'
import { readClassicMatcher } from '../../../lib/matchers/classic.ts'
import { freePort } from '../../stores.ts'
import { waitFor } from '../../wait.ts'

/** The real Alertmanager, whose first grammar (the only one of 0.25) is the oracle. */
let url: string
const opened = new AsyncDisposableStack()

const ALERTS = [
  { alertname: 'a', device: 'sw-1', branch: 'Vake' },
  { alertname: 'b', device: 'sw-2', branch: 'a"b\\n' },
  { alertname: 'c', device: 'r\n1' },
  { alertname: 'd', device: 'ვაკე', branch: '' },
]

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'wardline-alertmanager-'))
  opened.defer(() => rm(directory, { recursive: true, force: true }))
  const file = join(directory, 'alertmanager.yml')
  await writeFile(file, 'route: {receiver: a}\nreceivers: [{name: a}]\n')
  url = `http://127.0.0.1:${await freePort()}`
  const child = spawn('prometheus-alertmanager', [
    `--config.file=${file}`,
    `--storage.path=${directory}`,
    `--web.listen-address=${url.slice('http://'.length)}`,
    '--cluster.listen-address=',
  ])
  opened.defer(async () => {
    child.kill()
    if (child.exitCode === null) await once(child, 'exit')
  })
  await waitFor(async () => (await fetch(`${url}/-/ready`)).ok, { what: 'Alertmanager' })
  const response = await fetch(`${url}/api/v2/alerts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(ALERTS.map((labels) => ({ labels }))),
  })
  expect(response.status).toBe(200)
})
afterAll(() => opened.disposeAsync())

/** The names of the alerts that match, or null when it is no matcher. */
async function asAlertmanager(text: string): Promise<string | null> {
  const response = await fetch(`${url}/api/v2/alerts?filter=${encodeURIComponent(text)}`)
  if (response.status === 400) return null
  const alerts = (await response.json()) as { labels: { alertname: string } }[]
  return alerts
    .map(({ labels }) => labels.alertname)
    .sort()
    .join('')
}

function asWardline(text: string, read: (text: string) => ReturnType<typeof parseMatcher>) {
  try {
    const matches = compileMatchers([read(text)])
    return ALERTS.filter(matches)
      .map(({ alertname }) => alertname)
      .sort()
      .join('')
  } catch {
    return null
  }
}

const word = fc.constantFrom('device', 'branch', 'alertname', 'x_1', 'a:b', 'nothing')
const operator = fc.constantFrom('=', '!=', '=~', '!~', '==', '~')
const value = fc.oneof(
  fc.constantFrom(
    'sw-1',
    'Vake',
    'sw-.*',
    '.*',
    '',
    'a|b',
    '(',
    '[a-',
    'sw-[12]',
    '.',
    'ვაკე',
    'r\n1',
    'a"b\\n',
    '(?i)VAKE',
    'x)(y',
    '\\d',
    '\\w+',
    '(?s).+',
    'a{,2}',
    'a{2000}',
    '(?=x)',
  ),
  fc.string({
    unit: fc.constantFrom(
      'a',
      '"',
      '\\',
      'n',
      ',',
      '{',
      '}',
      '=',
      '~',
      ' ',
      '.',
      '*',
      '|',
      '\n',
      'ა',
    ),
    maxLength: 6,
  }),
)
const quote = (text: string): string =>
  `"${text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`
const space = fc.constantFrom('', ' ', '\t')
const matcher = fc
  .tuple(space, word, space, operator, space, value, fc.boolean(), space)
  .map(([a, name, b, op, c, text, quoted, d]) =>
    [a, name, b, op, c, quoted ? quote(text) : text, d].join(''),
  )

describe('a matcher', () => {
  test('is read, refused and matched as Alertmanager does it', async () => {
    await fc.assert(
      fc.asyncProperty(matcher, async (text) => {
        // The list of them may have braces; 0.25 takes one at the end of a value, later versions don't.
        fc.pre(!text.endsWith('}'))
        const expected = await asAlertmanager(text)
        if (expected !== null)
          expect([text, asWardline(text, parseMatcher)]).toEqual([text, expected])
        else expect([text, asWardline(text, readClassicMatcher)]).toEqual([text, null])
      }),
      { numRuns: 600 },
    )
  }, 60_000)
})
