import { describe, expect, test } from 'vitest'
import {
  HTML,
  MARKDOWN,
  MRKDWN,
  PLAIN,
  bodyOf,
} from '../../../../../alerting/notify/receivers/markup.ts'
import {
  cut,
  formatInstant,
  linkOf,
  messageOf,
} from '../../../../../alerting/notify/receivers/message.ts'
import { AT, T, notificationOf, outage } from './stand.ts'

const OPTIONS = { externalUrl: 'http://wardline.example:5001', timeZone: 'UTC' }
const message = (...given: Parameters<typeof notificationOf>) =>
  messageOf(notificationOf(...given), OPTIONS)
const HOUR = 3_600_000

describe('the title', () => {
  const behind = outage('R1', 0, { annotations: { summary: 'R1 is down', unreachable: '7' } })
  const told = outage('R1', 0, {
    annotations: { summary: 'R1 is down: 7 devices unreachable behind R1', unreachable: '7' },
  })
  const bare = outage('R1', 0, { annotations: {}, labels: { alertname: 'Hot', device: 'R1' } })

  test.each([
    ['a problem', [outage('R1')], {}, 'R1 is down'],
    ['what lies behind it', [behind], {}, 'R1 is down: 7 devices unreachable behind it'],
    [
      'that once, where the rule says it itself',
      [told],
      {},
      'R1 is down: 7 devices unreachable behind R1',
    ],
    ['the alert, where the rule has no text', [bare], {}, 'Hot: R1'],
    [
      'the end and how long it was',
      [outage('R1', T + 2 * HOUR + 900_000)],
      {},
      'Resolved after 2h 15m: R1 is down',
    ],
    [
      'that it lasts',
      [outage('R1')],
      { reason: 'repeat interval elapsed', at: T + 4 * HOUR },
      'Still, for 4h: R1 is down',
    ],
    [
      'how many of what',
      [outage('a'), outage('b'), outage('c', T + 60_000)],
      {},
      '2 problems, 1 resolved: DeviceDown, Vake',
    ],
    [
      'all that were cut off, too',
      [outage('a'), outage('b')],
      { truncatedAlerts: 98 },
      '100 problems: DeviceDown, Vake',
    ],
    [
      'the end of many',
      [outage('a', T + 1), outage('b', T + 1)],
      {},
      '2 resolved: DeviceDown, Vake',
    ],
    [
      'what many share, where they are grouped by nothing',
      [outage('a'), outage('b')],
      { groupLabels: {} },
      '2 problems: DeviceDown, Vake, Tbilisi',
    ],
  ] as const)('says %s', (_, alerts, given, expected) => {
    expect(message(alerts, given).title).toBe(expected)
  })
})

test('a title is one line, however a rule writes its summary', () => {
  const alert = outage('R1', 0, { annotations: { summary: 'R1\r\n  is down\n' } })
  expect(message([alert]).title).toBe('R1 is down')
  expect(message([alert]).items[0]?.heading).toBe('R1 is down')
  const blank = outage('R1', 0, { annotations: { summary: ' \n' } })
  expect(message([blank]).title).toBe('DeviceDown: R1')
})

describe('the text', () => {
  test('says cause, device, branch, since when and how long', () => {
    expect(bodyOf(message([outage('R1')]), PLAIN, 1_000).split('\n')).toEqual([
      'No answer to ping',
      'Device Vake <R1> (R1), 198.18.0.1; branch Vake, region Tbilisi',
      'Since 2026-03-29 00:59:58 UTC: for 6s',
    ])
  })

  test('says from when to when, in the zone of its readers, over a change of clocks', () => {
    const ended = notificationOf([outage('R1', T + HOUR)])
    const text = bodyOf(messageOf(ended, { ...OPTIONS, timeZone: 'Europe/Berlin' }), PLAIN, 1_000)
    expect(text).toContain('From 2026-03-29 01:59:58 CET to 2026-03-29 03:59:58 CEST: 1h')
  })

  test('reads the same at each try of a message', () => {
    const notification = notificationOf()
    expect(messageOf(notification, OPTIONS)).toEqual(messageOf(notification, OPTIONS))
  })

  test('tells of those that still fire first', () => {
    const text = bodyOf(message([outage('a', T + 60_000), outage('b')]), PLAIN, 1_000)
    expect(text.indexOf('b is down')).toBeLessThan(text.indexOf('Resolved: a is down'))
    expect(text).toContain('Resolved: a is down')
  })

  test('leaves whole alerts out where it would be too long, and says how many', () => {
    const many = message(
      Array.from({ length: 50 }, (_, index) => outage(`d${index}`)),
      { truncatedAlerts: 3 },
    )
    const text = bodyOf(many, PLAIN, 1_000)
    expect(text.length).toBeLessThanOrEqual(1_000)
    const shown = text.match(/is down/g)?.length ?? 0
    expect(shown).toBeGreaterThan(1)
    expect(text).toMatch(new RegExp(`… and ${53 - shown} more$`))
  })

  test('is written in no time of 10,000 alerts', () => {
    const alerts = Array.from({ length: 10_000 }, (_, index) => outage(`d${index}`))
    const startedAt = performance.now()
    expect(bodyOf(message(alerts), HTML, 4_096)).toMatch(/… and 99\d\d more$/)
    expect(performance.now() - startedAt).toBeLessThan(5_000)
  })

  test('of an alert that is too long by itself is the beginning of it', () => {
    const long = { annotations: { summary: 'x', description: '"'.repeat(1_000) } }
    const one = bodyOf(message([outage('a', 0, long)]), HTML, 500)
    expect(one).toMatch(/^(&quot;)+…$/)
    const two = bodyOf(message([outage('a', 0, long), outage('b')]), HTML, 500)
    expect(two).toMatch(/^x\n(&quot;)+…\n\n… and 1 more$/)
    expect(Math.max(one.length, two.length)).toBeLessThanOrEqual(500)
  })

  test.each([
    ['HTML', HTML, '<a href="http://x/?a=1&amp;b=&quot;2&quot;">&lt;b&gt; &amp; "_x_*"</a>'],
    ['mrkdwn', MRKDWN, '<http://x/?a=1&b="2"|&lt;b&gt; &amp; "_x_*">'],
    ['Markdown', MARKDOWN, String.raw`[\<b> & "\_x\_\*"](http://x/?a=1&b="2")`],
  ])('means nothing in %s but what it says', (_, markup, expected) => {
    const text = markup.escape('<b> & "_x_*"').replaceAll('&quot;', '"')
    expect(markup.link(text, 'http://x/?a=1&b="2"')).toBe(expected)
  })

  test('keeps addresses and dates as they are in Markdown, and takes no line for a list', () => {
    expect(MARKDOWN.escape('198.18.0.1 since 2026-03-29')).toBe('198.18.0.1 since 2026-03-29')
    expect(MARKDOWN.escape('- a\n# b')).toBe('\\- a\n\\# b')
  })
})

test.each([
  [{ annotations: { link: '/?device=R1' }, labels: {} }, 'http://wardline.example:5001/?device=R1'],
  [{ annotations: { link: 'https://wiki/x' }, labels: {} }, 'https://wiki/x'],
  [{ annotations: { link: 'https://wiki/a b' }, labels: {} }, 'https://wiki/a%20b'],
  [{ annotations: { link: 'https://[' }, labels: {} }, 'http://wardline.example:5001'],
  [{ annotations: {}, labels: { device: 'a&b' } }, 'http://wardline.example:5001/?device=a%26b'],
  [{ annotations: { link: 'javascript:alert(1)' }, labels: {} }, 'http://wardline.example:5001'],
])('the link of %j is %s', (alert, expected) => {
  expect(linkOf(alert, OPTIONS)).toBe(expected)
})

test.each([
  [{ severity: 'warning' }, { severity: 'critical' }, 'critical'],
  [{ severity: 'info' }, { severity: 'warning' }, 'warning'],
  [{ severity: 'page' }, {}, 'page'],
])('of alerts with %j and %j the worst is %s', (one, other, expected) => {
  const alerts = [outage('a', 0, { labels: one }), outage('b', 0, { labels: other })]
  expect(message(alerts).severity).toBe(expected)
})

test('an instant is written in the zone that is asked for, whatever the machine is in', () => {
  expect(formatInstant(AT, 'UTC')).toBe('2026-03-29 01:00:04 UTC')
  expect(formatInstant(AT, 'Asia/Tbilisi')).toBe('2026-03-29 05:00:04 GMT+4')
})

test('a text is cut between characters', () => {
  expect(cut('abc', 3)).toBe('abc')
  expect(cut('abcd', 3)).toBe('ab…')
  expect(cut('a🔴🔴', 4)).toBe('a🔴…')
  expect(cut('🔴🔴', 3)).toBe('🔴…')
})
