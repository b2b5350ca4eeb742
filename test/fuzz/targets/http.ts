import fc from 'fast-check'
import { identityOf, localPath } from '../../../api/auth/oidc.ts'
import { alertmanagerApp } from '../../../alerting/http/alertmanager.ts'
import { AuthError } from '../../../lib/auth/auth-error.ts'
import { authAs } from '../../fakes/auth.ts'
import { manualClock } from '../../fakes/clock.ts'
import { fakeDecisions } from '../../fakes/decisions.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { recordLog } from '../../fakes/log.ts'
import { someone } from '../../unit/api/acting.ts'
import { AT, vectorsOf } from '../../unit/api/fleet-vectors.ts'
import { standOver } from '../../unit/api/stand.ts'
import { mutatedText } from '../mutate.ts'
import { must, target } from '../target.ts'

const DEVICES = ['router-1', 'a b', 'ქუთაისი', '__proto__']

const openStand = () =>
  standOver(
    inventoryOf(...DEVICES.map((id) => device(id))),
    vectorsOf(...DEVICES.map((id) => ({ id, up: true, sampleAgo: 1_000, rtt: 0.001, loss: 0 }))),
    {},
    { auth: authAs(someone('admin')) },
  )

/** What was decided is kept: a new stand now and then, so that its memory isn't the inputs'. */
const RENEWED_AFTER = 500
let stand: ReturnType<typeof openStand> | null = null
let asked = 0

async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  if (stand === null || asked++ % RENEWED_AFTER === 0) stand = openStand()
  const { app } = await stand
  return app.request(path, init)
}

/** 502 and 503 say what is away; any other of these says that something broke. */
async function judge(answer: Response): Promise<boolean> {
  const { status } = answer
  must(
    status < 500 || status === 502 || status === 503,
    `no ${status}: ${await answer.clone().text()}`,
  )
  const type = answer.headers.get('content-type') ?? ''
  if (type.startsWith('text/event-stream')) await answer.body?.cancel()
  else if (status >= 400 && type.includes('json')) {
    const { detail, title } = (await answer.json()) as { detail?: string; title?: string }
    must(typeof title === 'string' && typeof detail === 'string', 'a problem in words')
  }
  return status < 300
}

const BODIES: readonly (readonly [method: string, path: string, body: unknown])[] = [
  ['POST', '/api/v1/silences', { matchers: ['branch="Vake"'], duration: '2h', comment: 'x' }],
  [
    'POST',
    '/api/v1/silences',
    { device: 'router-1', ends_at: '2026-11-23T00:00:00Z', comment: 'x' },
  ],
  [
    'POST',
    '/api/v1/maintenance',
    {
      name: 'w',
      matchers: ['region="A"'],
      cron: '0 2 * * 0',
      duration: '1h',
      time_zone: 'Asia/Tbilisi',
    },
  ],
  ['POST', '/api/v1/acknowledgements', { device: 'router-1', comment: 'on my way' }],
  ['POST', '/api/v1/alerts/00ff/ack', { comment: 'x', duration: '1h' }],
  [
    'POST',
    '/api/v1/devices',
    { id: 'new', address: '198.18.0.9', tags: ['x'], ping: { interval: '30s' } },
  ],
  ['PATCH', '/api/v1/devices/router-1', { name: 'Router', parents: [], snmp: false }],
  [
    'POST',
    '/api/v1/devices/bulk',
    { operations: [{ action: 'add', device: { id: 'b', address: '::1' } }] },
  ],
  ['PUT', '/api/v1/devices/router-1/notes', { text: 'behind the door' }],
  ['POST', '/api/v1/session', { user: 'nino', password: 'correct horse' }],
  ['POST', '/api/v1/users', { name: 'gia', password: 'correct horse battery', role: 'viewer' }],
  [
    'POST',
    '/api/v1/tokens',
    { name: 't', role: 'viewer', scope: { regions: ['A'] }, expires_in: '30d' },
  ],
  ['POST', '/api/v1/devices/router-1/diagnostics/ping', {}],
  ['POST', '/alertmanager/api/v2/silences', { matchers: [], comment: 'x' }],
]

const bodies = BODIES.map(([method, path, body]) => ({ method, path, text: JSON.stringify(body) }))

export const apiBody = target({
  name: 'api-body',
  inputs: fc.constantFrom(...bodies).chain(({ method, path, text }) =>
    fc.record({
      method: fc.constant(method),
      path: fc.constant(path),
      text: fc.oneof({ weight: 4, arbitrary: mutatedText([text]) }, fc.json({ maxDepth: 8 })),
      type: fc.oneof(
        { weight: 9, arbitrary: fc.constant('application/json') },
        fc.constantFrom('text/csv', 'application/x-www-form-urlencoded', 'multipart/form-data', ''),
      ),
    }),
  ),
  read: async ({ method, path, text, type }) =>
    judge(
      await ask(path, {
        method,
        headers: { 'content-type': type },
        body: text,
      }),
    ),
})

const QUERIES = [
  '/api/v1/devices?status=down,up&branch=Vake&sort=-downtime&fields=id,status&limit=10&offset=2&q=router',
  '/api/v1/devices/router-1?at=2026-11-22T11:00:00Z',
  '/api/v1/devices/a%20b/history?range=24h&at=2026-11-22T11:00:00%2B04:00',
  '/api/v1/devices/router-1/explain?at=2026-11-22T11:59:00Z',
  '/api/v1/alerts?severity=critical&state=firing&device=router-1&matchers=a%3D%22b%22',
  '/api/v1/alerts/history?from=2026-11-01T00:00:00Z&to=2026-11-22T00:00:00Z&limit=5&cursor=x',
  '/api/v1/reports/availability?from=2026-11-01&to=2026-11-08&by=branch&format=csv&time_zone=Asia/Tbilisi',
  '/api/v1/audit?who=nino&what=silence&limit=10&before=1-0',
  '/api/v1/silences?state=active&device=router-1',
  '/api/v1/sparklines?ids=router-1,%E1%83%A5',
  '/api/v1/devices/router-1/interfaces/7/history?range=1h',
  '/api/v1/scheduler/queues',
  '/api/openapi.json',
  '/vmalert/api/v1/rules?type=alert&datasource=x',
  '/devices/router-1?x=y#z',
]

export const apiQuery = target({
  name: 'api-query',
  inputs: mutatedText(QUERIES),
  async read(path) {
    // What no client can send is not for the server to judge.
    const url = URL.parse(path, 'http://127.0.0.1')
    if (url === null || url.host !== '127.0.0.1') return false
    return judge(await ask(url.pathname + url.search))
  },
})

const SILENCES = [
  '{"matchers":[{"name":"branch","value":"Vake","isRegex":false,"isEqual":true}],"startsAt":"2026-11-22T12:00:00Z","endsAt":"2026-11-22T14:00:00Z","createdBy":"amtool","comment":"x"}',
  '{"id":"00000000-0000-4000-8000-000000000000","matchers":[{"name":"device","value":"sw-.*","isRegex":true}],"startsAt":"2026-11-22T12:00:00.123456789+04:00","endsAt":"2026-12-01T00:00:00Z","createdBy":"k","comment":""}',
]

const openAlertmanager = () => {
  const clock = manualClock(AT)
  return alertmanagerApp({
    decisions: fakeDecisions(clock),
    view: () => ({ alerts: [], groups: [] }),
    receivers: ['hook'],
    config: 'route: {}',
    version: '1.2.3',
    generatorUrl: () => 'http://127.0.0.1:5001',
    clock,
    log: recordLog().log,
  })
}
let alertmanager = openAlertmanager()
let silences = 0

export const alertmanagerBody = target({
  name: 'alertmanager-body',
  inputs: fc.record({
    text: fc.oneof({ weight: 4, arbitrary: mutatedText(SILENCES) }, fc.json({ maxDepth: 8 })),
    filter: mutatedText(['branch="Vake"', 'device=~"sw-.*"', '{a!="b"}']),
  }),
  async read({ text, filter }) {
    if (silences++ % RENEWED_AFTER === 0) alertmanager = openAlertmanager()
    const headers = { 'content-type': 'application/json' }
    const posted = await alertmanager.request('/api/v2/silences', {
      method: 'POST',
      headers,
      body: text,
    })
    must(posted.status < 500, `no ${posted.status}: ${await posted.clone().text()}`)
    const query = new URLSearchParams({ filter })
    for (const path of ['/api/v2/alerts', '/api/v2/silences', '/api/v2/alerts/groups']) {
      const { status } = await alertmanager.request(`${path}?${query}`)
      must(status < 500, `no ${status} of ${path}`)
    }
    return posted.status === 200
  },
})

const CLAIMS =
  '{"iss":"https://id.example.com","sub":"1","preferred_username":"nino","groups":["noc","x"],"realm_access":{"roles":["admin"]}}'

export const claims = target({
  name: 'oidc-claims',
  inputs: fc.record({
    text: mutatedText([CLAIMS]),
    to: mutatedText([
      '/devices?x=1#y',
      '//evil.example.com',
      '/\\evil.example.com',
      'javascript:alert(1)',
    ]),
    claim: fc.constantFrom('groups', 'realm_access.roles', '__proto__', 'constructor.name'),
  }),
  refusals: [AuthError],
  read({ text, to, claim }) {
    const path = localPath(to)
    const { origin } = new URL(path, 'http://here.invalid')
    must(path.startsWith('/') && origin === 'http://here.invalid', 'a path of this page')
    const claimed = objectOf(text)
    if (claimed === null) return false
    identityOf(
      { ...claimed, iss: 'https://id.example.com', sub: '1' },
      {
        name_claim: 'preferred_username',
        role_claim: claim,
        roles: [{ value: 'noc', role: 'viewer', regions: [], branches: [] }],
      },
    )
    return true
  },
})

function objectOf(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : null
  } catch {
    return null
  }
}
