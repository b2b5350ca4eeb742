import { expect, test } from 'vitest'
import {
  SPOOL_FROM,
  STATES_FROM,
  lateFrom,
  statesFromSample,
  waitingFrom,
} from '../../../lib/lateness.ts'

const FROM = Date.UTC(2026, 10, 22, 12)
const said = (name: string, from: number, labels: Record<string, string> = { vantage: 'dc' }) => ({
  labels: { __name__: name, ...labels },
  value: from / 1000,
  at: FROM,
})

test.each([
  ['nothing was said', [], []],
  ['its spool is empty', [said(SPOOL_FROM, 0)], []],
  ['samples wait, and alerting has not said anything', [said(SPOOL_FROM, FROM)], [['dc', FROM]]],
  [
    'alerting waits for what came before',
    [said(SPOOL_FROM, FROM + 5_000), said(STATES_FROM, FROM)],
    [['dc', FROM]],
  ],
  ['alerting waits no longer', [said(SPOOL_FROM, FROM), said(STATES_FROM, 0)], []],
  ['alerting has not read all yet', [said(SPOOL_FROM, 0), said(STATES_FROM, FROM)], [['dc', FROM]]],
  ['it is of nobody', [said(SPOOL_FROM, FROM, {})], []],
])('a vantage of which %s', (_, vector, expected) => {
  expect([...lateFrom(vector)]).toEqual(expected)
})

test('what the collectors say of themselves is not what alerting says', () => {
  const vector = [said(SPOOL_FROM, FROM), said(STATES_FROM, 0)]
  expect([...waitingFrom(vector)]).toEqual([['dc', FROM]])
})

test("alerting's word is read as it was written", () => {
  const { labels, fields } = statesFromSample('dc', FROM, FROM)
  const [[name, value] = ['', 0]] = Object.entries(fields)
  const point = { labels: { ...labels, __name__: name }, value, at: FROM }
  expect([...lateFrom([point])]).toEqual([['dc', FROM]])
})
