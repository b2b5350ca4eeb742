import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseSeriesText, seriesText } from '../../../../alerting/rule-test/series-text.ts'

test.each<[text: string, labels: Record<string, string>]>([
  ['up', { __name__: 'up' }],
  ['job:up:sum', { __name__: 'job:up:sum' }],
  ['up{}', { __name__: 'up' }],
  ['up{job="node", instance=\'a:1\',}', { __name__: 'up', job: 'node', instance: 'a:1' }],
  ['{__name__="up",job="x"}', { __name__: 'up', job: 'x' }],
  ['{"my.metric", job="x"}', { __name__: 'my.metric', job: 'x' }],
  ['{}', {}],
  [
    'up{a="x\\"y\\\\z\\n", b=`raw\\n`, c="\\u10d0\\x41"}',
    {
      __name__: 'up',
      a: 'x"y\\z\n',
      b: 'raw\\n',
      c: 'აA',
    },
  ],
  ['up{a="}", b=","}', { __name__: 'up', a: '}', b: ',' }],
])('%s', (text, labels) => {
  expect(parseSeriesText(text)).toEqual(labels)
})

test.each([
  '',
  'up{job=~"node"}',
  'up{job!="node"}',
  'up{job=node}',
  'up{job="node"',
  'up{job="node"} 1',
  'rate(up[5m])',
  'up{a="b" c="d"}',
  'up{a="\\q"}',
])('%j is no series', (text) => {
  expect(parseSeriesText(text)).toMatch(/^expected a series/)
})

test('a label that stands twice is told', () => {
  expect(parseSeriesText('up{a="1",a="2"}')).toBe('there are two values of a: keep one')
})

test('any labels survive being written and read', () => {
  const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/)
  fc.assert(
    fc.property(fc.dictionary(name, fc.string({ unit: 'binary' })), (labels) => {
      const named = { ...labels, __name__: 'up' }
      expect(parseSeriesText(seriesText(named))).toEqual(named)
    }),
  )
})
