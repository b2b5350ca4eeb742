import { describe, expect, test } from 'vitest'
import { templateOf } from '../../../../alerting/rule-files/template-of.ts'
import type { Text } from '../../../../alerting/rule.ts'
import { deviceLink, deviceName } from '../../../../alerting/rules/text.ts'

describe('a function as a template', () => {
  const told: readonly (readonly [string, Text, string])[] = [
    ['a constant', () => 'always', 'always'],
    ['braces', () => 'a {{ b }}', 'a {{ "{{" }} b }}'],
    [
      'labels',
      ({ labels }) => `${labels['device']} in ${labels['branch'] ?? ''}`,
      '{{ $labels.device }} in {{ $labels.branch }}',
    ],
    ['a label with another name', ({ labels }) => labels['a-b'] ?? '', '{{ index $labels "a-b" }}'],
    [
      'the value',
      ({ value }) => `${value} or ${value.toFixed(2)}`,
      '{{ $value }} or {{ printf "%.2f" $value }}',
    ],
    ['a link', deviceLink, '/?device={{ $labels.device | queryEscape }}'],
    [
      'letters',
      ({ labels }) => `${labels['a']?.toUpperCase()}${labels['a']?.toLowerCase()}`,
      '{{ $labels.a | toUpper }}{{ $labels.a | toLower }}',
    ],
    [
      "the device's name, which vmalert has no better one of than its id",
      (context) => `${deviceName(context)} is down`,
      '{{ $labels.device }} is down',
    ],
    ['what was a template', Object.assign(() => '', { source: '{{ $x }}' }), '{{ $x }}'],
  ]
  test.each(told)('%s', (_, text, template) => {
    expect(templateOf(text)).toEqual({ template })
  })

  const untold: readonly (readonly [string, Text, string])[] = [
    [
      'arithmetic',
      ({ value }) => `${value * 100} %`,
      'what it says depends on more than its labels and value as they are',
    ],
    [
      'a condition on the value',
      ({ value }) => (value > 0 ? 'bad' : 'good'),
      'what it says depends on more than its labels and value as they are',
    ],
    [
      'the beginning of a label',
      ({ labels }) => labels['device']?.slice(0, 3) ?? '',
      'what it says depends on more than its labels and value as they are',
    ],
    [
      'a label with something taken out',
      ({ labels }) => labels['device']?.replace('<', '') ?? '',
      'it changes a label in a way that a template is not known for',
    ],
    [
      'the address',
      ({ device }) => device?.address ?? '',
      "it tells the device's address, which only wardline knows",
    ],
    ['the time', ({ activeAt }) => new Date(activeAt).toISOString(), 'it tells activeAt'],
    ['all labels', ({ labels }) => Object.keys(labels).join(), 'it goes through all labels'],
    ['a promise', async ({ value }) => `${value}`, 'it waits for something'],
    ['a query', async ({ query }) => `${(await query('up')).length}`, 'it waits for something'],
    [
      'a failure',
      ({ labels }) => new Date(labels['a'] ?? '').toISOString(),
      'it fails: Invalid time value',
    ],
  ]
  test.each(untold)("can't be told: %s", (_, text, reason) => {
    expect(templateOf(text)).toEqual({ reason })
  })
})
