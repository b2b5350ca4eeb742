import { describe, expect, test } from 'vitest'
import { labelFlaw, withLabels } from '../../../alerting/rule-labels.ts'
import type { Labels } from '../../../lib/labels.ts'

describe('the labels of a result with those that its rule adds', () => {
  test.each<[string, Labels, Labels, Labels]>([
    ['both', { device: 'a' }, { team: 'noc' }, { device: 'a', team: 'noc' }],
    ['without the metric’s name', { __name__: 'up', device: 'a' }, {}, { device: 'a' }],
    [
      'of a label that both have the rule’s, and the result’s as exported_',
      { severity: 'low', alertname: 'x' },
      { severity: 'critical', alertname: 'Late' },
      {
        severity: 'critical',
        exported_severity: 'low',
        alertname: 'Late',
        exported_alertname: 'x',
      },
    ],
    ['an equal value is no conflict', { team: 'noc' }, { team: 'noc' }, { team: 'noc' }],
    [
      'an empty one of the rule deletes the result’s',
      { team: 'a', b: 'c' },
      { team: '' },
      { b: 'c' },
    ],
    ['an empty one of the result is none', { team: '' }, { team: 'noc' }, { team: 'noc' }],
    ['empty ones are left out', { device: 'a', branch: '' }, { team: '' }, { device: 'a' }],
  ])('%s', (_, own, added, expected) => {
    expect(withLabels(own, added)).toEqual(expected)
  })
})

test.each<[string, Labels, string | null]>([
  ['texts are fine, in any alphabet', { device: 'ვაკე 🛰', '': 'x' }, 'a label has no name'],
  ['any name that VictoriaMetrics may give', { 'host.name': 'ვაკე 🛰' }, null],
  ['no text', { device: 7 as unknown as string }, 'its label device is no text'],
  ['half a character', { device: '\ud800' }, 'its label device is no UTF-8'],
])('labels that can’t be: %s', (_, labels, expected) => {
  expect(labelFlaw(labels)).toBe(expected)
})
