import { expect, test } from 'vitest'
import { formatPath, validate } from '../../../../lib/config/explain.ts'
import { configSchema } from '../../../../lib/config/schema.ts'
import { isHidden } from '../../../../lib/config/secrets.ts'

const problems = (receiver: object): string[] => {
  const checked = validate(
    configSchema,
    { receivers: [{ name: 'ops', ...receiver }] },
    { isHidden },
  )
  return checked.ok
    ? []
    : checked.findings.map(({ path, message }) => `${formatPath(path)}: ${message}`)
}

const url = 'https://x/y'
const email = { host: 'h', from: 'a@b.c', to: ['NOC <noc@b.c>'] }
const KINDS = 'webhook, alertmanager, slack, teams, telegram, discord, pagerduty, opsgenie, email'

test.each([
  ['webhook', { url, headers: { 'X-Key': 'k' }, basic: { username: 'u', password: 'p' } }],
  ['alertmanager', { urls: [url, 'http://u:p@am:9093'], bearer_token: 't' }],
  ['slack', { webhook_url: url }],
  ['slack', { bot_token: 'xoxb-1', channel: '#noc' }],
  ['teams', { webhook_url: url, timeout: '30s' }],
  ['telegram', { bot_token: '1:x', chat_id: '-100', thread_id: '7' }],
  ['discord', { webhook_url: url, thread_id: '9007199254740993' }],
  ['pagerduty', { routing_key: 'x', severities: { page: 'critical' } }],
  ['opsgenie', { api_key: 'x', priorities: { page: 'P1' }, teams: ['noc'] }],
  ['email', { ...email, username: 'u', password: 'p', encryption: 'tls' }],
])('a good %s: %j', (kind, settings) => {
  expect(problems({ [kind]: settings })).toEqual([])
})

test.each([
  [{}, `receivers[0]: expected one of ${KINDS}: how ops is told`],
  [
    { slack: { webhook_url: url }, teams: { webhook_url: url } },
    'receivers[0]: expected one kind for each receiver, got slack and teams: give each a name of its own',
  ],
  [{ slak: {} }, 'receivers[0].slak: unknown key, did you mean slack?'],
  [{ slack: {} }, 'receivers[0].slack: expected either webhook_url, or bot_token and channel'],
  [
    { slack: { webhook_url: url, channel: '#noc' } },
    'receivers[0].slack: expected either webhook_url, or bot_token and channel',
  ],
  [
    { webhook: { url, bearer_token: 'hunter2', headers: { authorization: 'hunter2' } } },
    'receivers[0].webhook: expected one of bearer_token, basic and the header Authorization',
  ],
  [
    { webhook: { url, headers: { Host: 'hunter2' } } },
    'receivers[0].webhook.headers.Host: expected another header: this one is set by wardline',
  ],
  [
    { webhook: { url, headers: { 'X-Key': 'hunter2\nX-Other: 1' } } },
    'receivers[0].webhook.headers.X-Key: expected a text without line breaks',
  ],
  [
    { webhook: { url, tls: { cert: '-----BEGIN CERTIFICATE-----' } } },
    'receivers[0].webhook.tls: expected cert and key together',
  ],
  [
    { webhook: { url, tls: { ca: '/etc/ssl/ca.pem' } } },
    'receivers[0].webhook.tls.ca: expected certificates in PEM, or file: and the path of one',
  ],
  [
    { webhook: { url, basic: { username: 'a:b', password: 'hunter2' } } },
    'receivers[0].webhook.basic.username: expected a name without a colon, which Basic credentials end it with',
  ],
  [
    { webhook: { url, secret: 'hunter2', timestamp_header: 'x-wardline-signature' } },
    'receivers[0].webhook: expected signature_header and timestamp_header to be two headers',
  ],
  [{ alertmanager: { urls: [] } }, 'receivers[0].alertmanager.urls: expected at least one URL'],
  [
    { telegram: { bot_token: 'hunter2 x', chat_id: '1' } },
    'receivers[0].telegram.bot_token: expected a token: letters, digits and signs, without spaces',
  ],
  [
    { teams: { webhook_url: 'hunter2' } },
    'receivers[0].teams.webhook_url: expected an http:// or https:// URL',
  ],
  [
    { email: { ...email, to: ['noc'] } },
    'receivers[0].email.to[0]: expected an address such as noc@example.com or "NOC <noc@example.com>", got "noc"',
  ],
  [
    { email: { ...email, from: 'a@b.c\nBcc: d@e.f' } },
    'receivers[0].email.from: expected an address such as noc@example.com or "NOC <noc@example.com>", got "a@b.c\\nBcc: d@e.f"',
  ],
  [
    { email: { ...email, username: 'u' } },
    'receivers[0].email: expected username and password together',
  ],
  [
    { pagerduty: { routing_key: 'x', severities: { page: 'high' } } },
    'receivers[0].pagerduty.severities.page: expected one of critical, error, warning, info, got "high"',
  ],
  [
    { webhook: { url }, time_zone: 'Tbilisi' },
    'receivers[0].time_zone: expected the name of a time zone, such as Asia/Tbilisi, got "Tbilisi"',
  ],
])('%j is told in one line, without what may be secret', (receiver, expected) => {
  expect(problems(receiver)).toEqual([expected])
})
