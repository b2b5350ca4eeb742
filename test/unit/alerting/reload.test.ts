import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type RuleSource, openRules } from '../../../alerting/reload.ts'
import type { LoadedRules } from '../../../alerting/rule-files/problem.ts'
import { loadRuleFiles } from '../../../alerting/rule-files/load.ts'
import type { RuleGroup } from '../../../alerting/rule.ts'
import { ConfigError } from '../../../lib/config/problem.ts'
import { manualClock } from '../../fakes/clock.ts'
import { recordLog } from '../../fakes/log.ts'

const builtIn: RuleGroup = { name: 'self', file: '', intervalMs: 15_000, rules: [] }
const group = (name: string, expr: string): string =>
  `- name: ${name}\n  rules: [{alert: A, expr: '${expr}', annotations: {s: '{{ $value }}'}}]\n`

let directory: string
let outcomes: boolean[]
let given: (readonly RuleGroup[])[]
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'wardline-test-'))
  outcomes = []
  given = []
})
afterEach(() => rm(directory, { recursive: true, force: true }))

const write = (text: string): Promise<void> => writeFile(join(directory, 'a.yml'), text)
const engine = {
  reload: async (groups: readonly RuleGroup[]) => void given.push(groups),
}

function open(
  load: (patterns: readonly string[], dir: string) => Promise<LoadedRules>,
): Promise<RuleSource> {
  return openRules({
    patterns: ['a.yml'],
    baseDir: directory,
    builtIn: [builtIn],
    victoriaMetrics: { query: async () => [] },
    meter: { loaded: () => {}, reloaded: (ok) => void outcomes.push(ok) },
    clock: manualClock(0),
    log: recordLog().log,
    load,
  })
}

test('bad files stop the start, with all that is wrong in them', async () => {
  await write('groups: [{name: x, rulez: []}]')

  await expect(open(loadRuleFiles)).rejects.toThrow(ConfigError)
})

test('a group whose text did not change stays the same group, so that nothing interrupts it', async () => {
  await write(`groups:\n${group('one', 'up')}${group('two', 'up')}`)
  const rules = await open(loadRuleFiles)

  await write(`groups:\n${group('one', 'up')}${group('two', 'down')}`)
  expect(await rules.reload(engine)).toEqual([])

  const [self, one, two] = given[0] ?? []
  expect(self).toBe(builtIn)
  expect(one).toBe(rules.groups[1])
  expect(two).not.toBe(rules.groups[2])
  expect(two?.rules[0]?.expr).toBe('down')
  expect(outcomes).toEqual([true])
})

test('bad files are refused as a whole: the engine is given nothing', async () => {
  await write(`groups:\n${group('one', 'up')}`)
  const rules = await open(loadRuleFiles)

  await write(`groups:\n${group('one', 'up')}- name: two\n  rules: [{expr: up}]\n`)

  expect(await rules.reload(engine)).toMatchObject([{ file: join(directory, 'a.yml') }])
  expect(given).toEqual([])
  expect(outcomes).toEqual([false])
})

test('a file that is empty for a moment, because it is written anew, ends nothing', async () => {
  await write(`groups:\n${group('one', 'up')}`)
  const rules = await open(loadRuleFiles)

  await write(' \n')
  expect(await rules.reload(engine)).toMatchObject([
    { file: join(directory, 'a.yml'), message: expect.stringMatching(/^the file is empty now/) },
  ])
  expect(given).toEqual([])

  await write('groups: []')
  expect(await rules.reload(engine)).toEqual([])
  expect(given).toEqual([[builtIn]])
})

test('whoever asks during a reload gets the next one: it may have begun before the file was changed', async () => {
  await write(`groups:\n${group('one', 'up')}`)
  const gates = [0, 1, 2].map(() => Promise.withResolvers<void>())
  gates[0]?.resolve()
  let loads = 0
  const rules = await open(async (...asked) => {
    await gates[loads++]?.promise
    return loadRuleFiles(...asked)
  })

  const first = rules.reload(engine)
  const second = rules.reload(engine)
  const third = rules.reload(engine)
  gates[1]?.resolve()
  await first
  expect(given).toHaveLength(1)
  gates[2]?.resolve()
  await Promise.all([second, third])

  expect(given).toHaveLength(2)
})
