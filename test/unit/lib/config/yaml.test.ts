import { describe, expect, it, test } from 'vitest'
import { parseYaml } from '../../../../lib/config/yaml.ts'

const problemsOf = (text: string) =>
  parseYaml('a.yaml', text).problems.map(({ line, message }) => `${line}: ${message}`)

describe('parseYaml', () => {
  it('keeps numbers as they were written, and knows true, false and nothing', () => {
    const text =
      'id: 007\nmodel: 2960\nversion: 1.10\nenabled: true\nname:\nbranch: ~\nlist: [1, a]'
    expect(parseYaml('a.yaml', text).value).toEqual({
      id: '007',
      model: '2960',
      version: '1.10',
      enabled: true,
      list: ['1', 'a'],
    })
  })

  it('knows the line of keys, items and what anchors stand for', () => {
    const text = [
      'base: &base',
      '  interval: 10s',
      'list:',
      '  - id: a',
      '    ping:',
      '      <<: *base',
      '      count: 2',
      '  # a comment',
      '  - id: b',
      '    ping: *base',
    ].join('\n')
    const { line, value } = parseYaml('a.yaml', text)
    expect(value).toMatchObject({ list: [{ ping: { interval: '10s', count: '2' } }, { id: 'b' }] })
    const lines = [
      ['base', 'interval'],
      ['list', 0, 'ping', 'count'],
      ['list', 1],
      ['list', 1, 'ping', 'interval'],
      ['list', 1, 'nowhere', 'deep'],
      [],
    ].map((path) => line(path))
    expect(lines).toEqual([2, 7, 9, 2, 9, 1])
  })

  test.each([
    ['a: 1\na: 2', '2: the same key stands twice in this map: keep one'],
    ['a:\n\tb: 1', '2: expected spaces as indentation, got a tab'],
    ['a: @x', "1: a text can't start with this character: put it in quotes"],
    ['a: !x y', '1: unknown tag: put a text that starts with ! in quotes'],
    [
      'a: [1, 2\nb: 1',
      '2: the indentation does not fit (the keys of one map start in the same column), or a bracket is not closed',
    ],
    ['a: 1\n---\nb: 2', '2: expected one document, got several (a line of ---)'],
    [
      'a: "1',
      '1: not valid YAML here: check the colons, quotes and brackets of this line and the one above',
    ],
  ])('%j is told with its line', (text, problem) => {
    expect(problemsOf(text)).toContain(problem)
  })

  it('never repeats a text of the file: it could be a secret (E4)', () => {
    const texts = [
      'hunter2',
      '*hunter2',
      '!hunter2',
      '"hunter2',
      '[hunter2',
      'hunter2: [',
      '%hunter2',
    ]
    const told = texts.flatMap((text) => problemsOf(`a: ${text}\n  b: hunter2\n- hunter2`))
    expect(told.length).toBeGreaterThan(texts.length)
    expect(told.join('\n')).not.toContain('hunter2')
  })

  it('refers 1,000 times to one anchor', () => {
    const text = `- &base {a: b}\n${'- {<<: *base}\n- *base\n'.repeat(500)}`
    const { value, problems } = parseYaml('a.yaml', text)
    expect(problems).toEqual([])
    expect(value).toHaveLength(1_001)
  })
})
