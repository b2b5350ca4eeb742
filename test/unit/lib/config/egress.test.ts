import { expect, test } from 'vitest'
import { egressFindings } from '../../../../lib/config/egress-checks.ts'
import { egressSchema } from '../../../../lib/config/egress.ts'
import { formatPath } from '../../../../lib/config/explain.ts'
import { configSchema } from '../../../../lib/config/schema.ts'

test.each([
  '10.0.0.0/8',
  '10.1.2.3',
  'fd00::/8',
  '2001:db8::1',
  'hooks.example.com',
  'localhost',
  '*.example.com',
])('%s is a place', (place) => {
  expect(egressSchema.safeParse({ allow: [place] }).success).toBe(true)
})

test.each([
  '10.0.0.0/33',
  '10.0.0.0/',
  '10.0.0/8',
  '010.0.0.1',
  '10.0.0.256',
  '2852039166',
  '0xa9fea9fe',
  'http://example.com',
  'example.com:80',
  '*',
  'a..b',
  '',
])('%j is none: the message says what is', (place) => {
  const { error } = egressSchema.safeParse({ deny: [place] })
  expect(error?.issues.map(({ message }) => message)).toEqual([
    expect.stringContaining('expected an address, a range such as 10.0.0.0/8'),
  ])
})

const METADATA = 'http://169.254.169.254/x?token=abc'

test.each([
  ['receivers[0].webhook.url', { receivers: [{ name: 'r', webhook: { url: METADATA } }] }],
  [
    'receivers[0].alertmanager.urls[1]',
    { receivers: [{ name: 'r', alertmanager: { urls: ['http://10.0.0.1', METADATA] } }] },
  ],
  [
    'receivers[0].discord.webhook_url',
    { receivers: [{ name: 'r', discord: { webhook_url: METADATA } }] },
  ],
  [
    'receivers[0].email.host',
    { receivers: [{ name: 'r', email: { host: 'metadata', from: 'a@b.ge', to: ['c@d.ge'] } }] },
  ],
  ['alerting.rule_files[0]', { alerting: { rule_files: [METADATA, 'rules/*.yml'] } }],
  ['alerting.heartbeat.url', { alerting: { heartbeat: { url: METADATA } } }],
])(
  'D2: %s that leads where nothing is sent stops the start, without a word of its secrets',
  (place, given) => {
    const findings = egressFindings(configSchema.parse(given))
    expect(findings.map(({ path }) => formatPath(path))).toEqual([place])
    expect(findings[0]?.message).toContain('nothing is sent there unless egress.allow has it')
    expect(findings[0]?.message).not.toContain('abc')
    const allowed = { ...given, egress: { allow: ['169.254.0.0/16', 'metadata'] } }
    expect(egressFindings(configSchema.parse(allowed))).toEqual([])
  },
)
