import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { loadRuleFiles } from '../../../alerting/rule-files/load.ts'
import { validateExpressions } from '../../../alerting/rule-files/validate-expressions.ts'
import { formatProblem } from '../../../lib/config/problem.ts'
import { type Stores, startStores } from '../../stores.ts'

const run = promisify(execFile)
let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'wardline-rules-'))
  return () => rm(directory, { recursive: true, force: true })
})

const put = async (name: string, text: string): Promise<void> => {
  await mkdir(join(directory, name, '..'), { recursive: true })
  await writeFile(join(directory, name), text)
}
const group = (name: string): string =>
  `groups:\n- name: ${name}\n  rules:\n  - {alert: A, expr: up}\n`

describe('rule files', () => {
  test('are found by name and by glob, in order, each with its name', async () => {
    await put('b.yml', group('b'))
    await put('more/2.yml', group('two'))
    await put('more/1.yml', group('one'))
    const { groups, problems, files } = await loadRuleFiles(['b.yml', 'more/*.yml'], directory)
    expect(problems).toEqual([])
    expect(groups.map(({ name, file }) => [name, file])).toEqual([
      ['b', join(directory, 'b.yml')],
      ['one', join(directory, 'more/1.yml')],
      ['two', join(directory, 'more/2.yml')],
    ])
    expect(files).toHaveLength(3)
  })

  test('that are not there, or wrong, are problems; the others load', async () => {
    await put('good.yml', group('good'))
    await put('bad.yml', 'groups:\n- name: x\n  rule: []\n')
    const { groups, problems } = await loadRuleFiles(
      ['good.yml', 'bad.yml', 'none.yml', 'none/*.yml'],
      directory,
    )
    expect(groups.map(({ name }) => name)).toEqual(['good'])
    expect(problems.map(formatProblem)).toEqual([
      `${join(directory, 'wardline.yaml')}: alerting.rule_files: ${join(directory, 'none.yml')}: no such file`,
      `${join(directory, 'wardline.yaml')}: alerting.rule_files: no file matches "none/*.yml" (looked for ${join(directory, 'none/*.yml')})`,
      `${join(directory, 'bad.yml')}:3: groups[0].rule: unknown key, did you mean rules?`,
    ])
  })

  test('that an http address gives without end are given up', async () => {
    let sent = 0
    const server = createServer((_, response) => {
      const chunk = Buffer.alloc(1024 * 1024, '#')
      const more = (): void => {
        do sent += chunk.length
        while (sent < 1_000_000_000 && response.write(chunk))
      }
      response.on('drain', more)
      more()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const { problems } = await loadRuleFiles([`http://127.0.0.1:${port}/r.yml`], directory)
    server.closeAllConnections()
    server.close()
    expect(problems.map(formatProblem)).toEqual([
      `http://127.0.0.1:${port}/r.yml: expected rules, got more than 32 MB`,
    ])
    expect(sent).toBeLessThan(100_000_000)
  })

  test('come from an http address, whose password no message repeats', async () => {
    const server = createServer((request, response) => {
      const isAllowed = request.headers.authorization === `Basic ${btoa('ann:s3cret')}`
      response.statusCode = isAllowed && request.url === '/rules.yml' ? 200 : 404
      response.end(group('remote'))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
    const { groups, problems } = await loadRuleFiles(
      [`http://ann:s3cret@${address}/rules.yml`, `http://ann:s3cret@${address}/none`],
      directory,
    )
    server.close()
    expect(groups.map(({ name, file }) => [name, file])).toEqual([
      ['remote', `http://${address}/rules.yml`],
    ])
    expect(problems.map(formatProblem)).toEqual([
      `http://${address}/none: expected rules, got the answer 404`,
    ])
  })
})

describe('rule files in TypeScript', () => {
  const loader = fileURLToPath(new URL('../../../alerting/rule-files/load.ts', import.meta.url))

  /** Loads in a Node of its own: tests run through a loader of theirs. `between` runs between two readings. */
  async function load(name: string, between = ''): Promise<unknown> {
    await put(
      'load.ts',
      `import { writeFileSync } from 'node:fs'
       import { loadRuleFiles } from ${JSON.stringify(loader)}
       const read = () => loadRuleFiles([${JSON.stringify(name)}], ${JSON.stringify(directory)})
       let found = await read()
       ${between === '' ? '' : `${between}; found = await read()`}
       console.log(JSON.stringify({ ...found, say: await found.groups[0]?.rules[0]?.annotations?.summary({ labels: { device: 'r1' } }) }))`,
    )
    const { stdout } = await run(process.execPath, [join(directory, 'load.ts')])
    return JSON.parse(stdout)
  }

  const RULES = `
    import { alert, group, series } from 'wardline/rules'
    import { limit } from './limit.ts'
    export default [
      group('mine', { interval: '30s' }, [
        alert('Slow', {
          expr: series('ping_rtt_seconds').avg('5m').maxBy('device').above(limit),
          severity: 'warning',
          annotations: { summary: ({ labels }: { labels: { device: string } }) => labels.device + ' is slow' },
        }),
      ]),
    ]`

  test('find wardline/rules wherever they lie', async () => {
    await put('rules/a.ts', RULES)
    await put('rules/limit.ts', 'export const limit = 0.2')
    expect(await load('rules/a.ts')).toMatchObject({
      problems: [],
      say: 'r1 is slow',
      groups: [
        {
          name: 'mine',
          file: join(directory, 'rules/a.ts'),
          intervalMs: 30_000,
          rules: [
            {
              alert: 'Slow',
              expr: '(max by (device) (avg_over_time(ping_rtt_seconds[5m]))) > 0.2',
              severity: 'warning',
            },
          ],
        },
      ],
    })
  })

  test('are read anew, with what they import', async () => {
    await put('rules/a.ts', RULES)
    await put('rules/limit.ts', 'export const limit = 0.2')
    const change = `writeFileSync(${JSON.stringify(join(directory, 'rules/limit.ts'))}, 'export const limit = 7')`
    expect(await load('rules/a.ts', change)).toMatchObject({
      groups: [{ rules: [{ expr: expect.stringContaining('> 7') }] }],
    })
  })

  test.each([
    ['export const rules = []', 'expected a default export: a group, or a list of groups'],
    ['export default {}', 'expected what group() gives, got object (export 1)'],
    [
      'export default {name: "a", intervalMs: 5, rules: [{}]}',
      'group a: expected what alert() or record() gives at place 1',
    ],
    ['import "wardline/none"\nexport default 1', "Cannot find package 'wardline'"],
    ['const a: number =\nexport default a', 'not valid TypeScript'],
    [
      'import {group} from "wardline/rules"\nexport default group("", {}, [])',
      ':2: TypeError: expected a name of the group, got ""',
    ],
    [
      'import {group} from "wardline/rules"\nexport default [group("a", {}, []), group("a", {}, [])]',
      'there are two groups "a"',
    ],
  ])('%j is a problem', async (text, message) => {
    await put('a.ts', text)
    const { problems } = (await load('a.ts')) as { problems: Parameters<typeof formatProblem>[0][] }
    expect(problems.map(formatProblem).join('\n')).toContain(message)
    expect(problems.map(formatProblem).join('\n')).toContain(join(directory, 'a.ts'))
  })
})

describe('expressions', () => {
  let stores: Stores
  beforeAll(async () => {
    stores = await startStores()
  })
  afterAll(() => stores[Symbol.asyncDispose]())

  test('are validated by VictoriaMetrics: the place of each that it refuses, in its words', async () => {
    await put(
      'a.yml',
      'groups:\n- name: g\n  rules:\n  - {alert: A, expr: "up == 0"}\n  - alert: B\n    expr: sum(up\n  - {record: c, expr: "nosuch_function(up)"}\n',
    )
    const { groups } = await loadRuleFiles(['a.yml'], directory)
    const problems = await validateExpressions(groups, stores.victoriaMetrics)
    const file = join(directory, 'a.yml')
    expect(problems.map(formatProblem)).toEqual([
      `${file}:6: groups[0].rules[1].expr: the expression is wrong: argList: unexpected token ""; want ",", ")"; unparsed data: ""`,
      `${file}:7: groups[0].rules[2].expr: the expression is wrong: unknown func "nosuch_function"`,
    ])
  })
})
