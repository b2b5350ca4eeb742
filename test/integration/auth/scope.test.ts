import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../../lib/clock.ts'
import { createAccountEdits } from '../../../lib/auth/accounts.ts'
import { createAccountStore } from '../../../lib/auth/store.ts'
import type { OpenApi } from '../../../api/openapi.ts'
import { createDecisionStore } from '../../../lib/decisions/store.ts'
import { createEdits } from '../../../lib/decisions/edits.ts'
import { fingerprint } from '../../../lib/fingerprint.ts'
import { openEditedInventory } from '../../../lib/inventory/edits/edited-inventory.ts'
import { createLog } from '../../../lib/log.ts'
import { CHANNELS } from '../../../lib/service.ts'
import type { Device } from '../../../lib/inventory.ts'
import { filesOf } from '../../fakes/device-files.ts'
import { inventoryOf } from '../../fakes/inventory.ts'
import { type Stores, startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'
import {
  type RunningApi,
  alert,
  evaluated,
  feed,
  ping,
  slot,
  startApi,
  state,
} from '../api/stand.ts'

// Two regions: what is of the one must not be named to those who see the other. The parent of the device in sight is not.
const snmp = { credentials: ['core'] }
const files = filesOf([
  {
    id: 'near-1',
    address: '198.18.0.1',
    region: 'West',
    branch: 'Gori',
    type: 'router',
    parents: ['zxq-77'],
    snmp,
  },
  {
    id: 'zxq-77',
    name: 'zxq-hidden.example.net',
    address: '198.18.77.77',
    region: 'Qzx-land',
    branch: 'Qzx-town',
    type: 'qzx-type',
    tags: ['qzx-tag'],
    snmp,
  },
])
const [near, far] = [deviceOf('near-1'), deviceOf('zxq-77')]
const FOREIGN = /zxq|qzx|198\.18\.77\.77/i
/** As long, and as far from every name, as what stands for it. */
const NOBODY = { id: 'jvw-88', region: 'Wjv-land', branch: 'Wjv-town', type: 'wjv-type' }

let stores: Stores
let api: RunningApi
const owned = new AsyncDisposableStack()
let document: OpenApi
let authorization: string
const farAlert = { alertname: 'QzxAlert', severity: 'critical', ...labelsOf(far) }

function deviceOf(id: string): Device {
  const found = files.inventory.get(id)
  if (found === undefined) throw new Error(`expected ${id} among the files' devices`)
  return found
}

function labelsOf({ id, branch, region }: typeof far): Record<string, string> {
  return { device: id, branch, region }
}

beforeAll(async () => {
  stores = await startStores()
  const dataDir = await mkdtemp(join(tmpdir(), 'wardline-scope-'))
  owned.defer(() => rm(dataDir, { recursive: true, force: true }))
  const source = {
    ...inventoryOf(...files.inventory.values()),
    files,
    reload: {
      at: Date.now(),
      ok: false,
      problems: [{ file: 'zxq.yaml', line: 3, message: 'device zxq-77: no such branch' }],
    },
    onReload: () => () => {},
  }
  const inventory = owned.use(
    await openEditedInventory({
      source,
      redis: stores.redis,
      dataDir,
      clock: systemClock,
      log: createLog('silent'),
    }),
  )
  api = await startApi(stores, inventory)
  await feed(stores.victoriaMetrics, samplesAt(slot()))
  const { putSilence, putWindow, putAcknowledgement } = createEdits({
    store: createDecisionStore(stores.redis),
    clock: systemClock,
  })
  const by = { createdBy: 'qzx-person', comment: 'qzx comment' }
  const matchers = [{ name: 'branch', value: far.branch, isRegex: false, isEqual: true }]
  const endsAt = Date.now() + 3_600_000
  await putSilence({ matchers, endsAt, ...by })
  const schedule = { kind: 'once' as const, startsAt: Date.now() - 1_000, endsAt }
  await putWindow({ name: 'qzx work', matchers, schedule, ...by })
  await putAcknowledgement({
    id: fingerprint(farAlert),
    labels: farAlert,
    startsAt: slot(100),
    expiresAt: null,
    sticky: false,
    ...by,
  })
  const { addToken } = createAccountEdits({
    store: createAccountStore(stores.redis),
    clock: systemClock,
    isAnyAdmin: false,
  })
  const scope = { regions: ['West'], branches: [] }
  const { text } = await addToken({ name: 'west', role: 'admin', scope, expiresAt: null }, 'test')
  authorization = `Bearer ${text}`
  document = (await api.get('/api/openapi.json')).body
  await waitFor(async () => (await ask('/api/v1/devices')).text.includes('near-1'), {
    what: 'the token is known, and the device',
  })
})
afterAll(async () => {
  await api?.[Symbol.asyncDispose]()
  await owned.disposeAsync()
  await stores?.[Symbol.asyncDispose]()
})

function samplesAt(at: number) {
  return [near, far].flatMap((one) => {
    const labels = labelsOf(one)
    const of = (fields: Record<string, number>, more: Record<string, string> = {}) => ({
      measurement: '',
      labels: { ...labels, ...more },
      fields,
      at,
    })
    return [
      ping(one, at, null),
      state(one.id, false, at - 100_000, at),
      ...alert(
        {
          ...labels,
          alertname: one === far ? 'QzxAlert' : 'NearAlert',
          severity: 'critical',
          alertstate: 'firing',
        },
        at - 90_000,
        at,
      ),
      // Of uplinks on several devices of the branch: it names none.
      ...alert(
        {
          alertname: 'BranchUplinksDown',
          severity: 'critical',
          branch: one.branch,
          region: one.region,
          alertstate: 'firing',
        },
        at - 90_000,
        at,
      ),
      of({ wardline_alert_held: 1 }, { alertname: 'NearAlert', by: 'parent', cause: 'zxq-77' }),
      of({ snmp_up: 1, snmp_poll_seconds: 3, snmp_pdus: 5, snmp_errors: 0 }),
      of(
        { wardline_notification_seconds: 0.1 },
        { receiver: 'r', alertname: 'NearAlert', result: 'accepted', reason: '' },
      ),
      of(
        { ifHCInOctets: 5, ifOperStatus: 1, ifAdminStatus: 1 },
        { ifIndex: '1', ifName: one === far ? 'qzx-port' : 'Gi1', ifAlias: '' },
      ),
      evaluated(at),
    ]
  })
}

type Asked = { readonly status: number; readonly text: string; readonly total: string | null }

async function ask(path: string, method = 'GET', body?: unknown): Promise<Asked> {
  const response = await fetch(api.url + path, {
    method,
    headers: {
      authorization,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (response.headers.get('content-type')?.startsWith('text/event-stream') === true) {
    await response.body?.cancel()
    return { status: response.status, text: '', total: null }
  }
  const total = response.headers.get('x-total-count')
  return { status: response.status, text: await response.text(), total }
}

const reads = (): string[] =>
  Object.entries(document.paths).flatMap(([path, { get }]) => (get === undefined ? [] : [path]))

/** The path with every parameter filled in by what is of one device. */
const about = (
  path: string,
  { id, region, branch }: { id: string; region: string; branch: string },
): string =>
  path
    .replace('{id}', id)
    .replace('{fingerprint}', fingerprint({ ...farAlert, device: id, branch, region }))
    .replace('{index}', '1')
    .replace('{name}', id)
    .replace(/\{\w+\}/g, id)

describe('H5 whoever sees one region', () => {
  test('is told of no other by any route, whatever it is asked for', async () => {
    const paths = reads()
    expect(paths.length).toBeGreaterThan(25)
    let all = ''
    for (const path of paths) {
      for (const query of [
        '',
        '?at=' + new Date(slot(1)).toISOString(),
        '?q=qzx',
        '?format=csv',
        '?by=branch',
        '?state=any',
      ]) {
        const { text } = await ask(about(path, near) + query)
        const echoed = text.replaceAll('q=qzx', '').replaceAll('"qzx"', '')
        expect(echoed, path + query).not.toMatch(FOREIGN)
        all += text
      }
    }
    // They answered: with what is in sight.
    for (const own of ['"near-1"', '"Gori"', '"NearAlert"', '"Gi1"']) expect(all).toContain(own)
  })

  test('is told that a branch of theirs is cut off, now and later, and of no other', async () => {
    for (const path of ['/api/v1/alerts', '/api/v1/alerts/history']) {
      const told = JSON.parse((await ask(path)).text) as { alert: string; branch: string }[]
      const ofBranches = told.filter(({ alert: name }) => name === 'BranchUplinksDown')
      expect(
        ofBranches.map(({ branch }) => branch),
        path,
      ).toEqual(['Gori'])
    }
  })

  test('gets of what is elsewhere the answer that it gets of what is nowhere', async () => {
    for (const path of reads().filter((each) => each.includes('{'))) {
      const elsewhere = await ask(about(path, far))
      const nowhere = await ask(about(path, { ...far, ...NOBODY }))
      expect(neutral(elsewhere), path).toEqual(neutral(nowhere))
      expect(elsewhere.status, path).toBeGreaterThanOrEqual(400)
    }
  })

  test.each(['region', 'branch', 'type', 'device', 'q'])(
    'learns nothing by the filter %s',
    async (name) => {
      for (const path of reads().filter((each) => !each.includes('{'))) {
        const values = name === 'device' || name === 'q' ? 'id' : name
        const elsewhere = await ask(`${path}?${name}=${far[values as 'id']}`)
        const nowhere = await ask(`${path}?${name}=${NOBODY[values as 'id']}`)
        if (/metrics|health|stats|collectors|queues|docs/.test(path)) continue // of the moment
        expect(neutral(elsewhere), path).toEqual(neutral(nowhere))
      }
    },
  )

  test('writes nothing there', async () => {
    for (const [path, operations] of Object.entries(document.paths)) {
      for (const method of ['post', 'put', 'patch', 'delete'] as const) {
        if (operations[method] === undefined || path.includes('/session')) continue
        const body = method === 'delete' ? undefined : bodyFor(path)
        const elsewhere = await ask(about(path, far), method.toUpperCase(), body)

        expect(elsewhere.status, `${method} ${path}`).toBeGreaterThanOrEqual(400)
        expect(elsewhere.status, `${method} ${path}`).toBeLessThan(500)
      }
    }
  })

  test.each(['/vmalert/api/v1/rules', '/alertmanager/api/v2/alerts'])(
    '%s, which knows of no scopes, is not for them',
    async (path) => {
      expect((await ask(path)).status).toBe(403)
    },
  )

  test('hears of nobody else on the stream', async () => {
    const leaving = new AbortController()
    const headers = { authorization }
    const response = await fetch(`${api.url}/api/v1/events`, { headers, signal: leaving.signal })
    let heard = ''
    const reading = (async () => {
      const decoder = new TextDecoder()
      for await (const chunk of response.body ?? [])
        heard += decoder.decode(chunk, { stream: true })
    })().catch(() => {})
    await waitFor(() => heard.includes('event: stats'))
    const up = [near, far].flatMap((one) => [state(one.id, true, slot(1)), ping(one, slot(), 0.01)])
    await feed(stores.victoriaMetrics, up)
    await stores.redis.publish(CHANNELS.statuses, '{}')
    await waitFor(() => heard.includes('event: status') && heard.includes('near-1'), {
      what: 'the device in sight is told of',
    })
    leaving.abort()
    await reading

    expect(heard).not.toMatch(FOREIGN)
    expect(heard).toMatch(/"total":1\b/)
  })
})

/** What is the same of both, once what was asked for is left out. */
function neutral({ status, text, total }: Asked): unknown {
  const without = [
    far.id,
    NOBODY.id,
    far.region,
    NOBODY.region,
    far.branch,
    NOBODY.branch,
    far.type,
    NOBODY.type,
  ]
  const told = without.reduce((rest, word) => rest.replaceAll(word, '…'), text)
  return {
    status,
    total,
    told: told.replace(/[0-9a-f]{16}/g, '…').replace(/\d{4}-\d\d-\d\dT[\d:.]+Z|\d+\.\d+/g, '…'),
  }
}

/** Understood by every route: what is refused then is refused for the place that it is about. */
function bodyFor(path: string): unknown {
  const ends_at = new Date(Date.now() + 3_600_000).toISOString()
  if (path.includes('/silences')) return { branch: far.branch, ends_at, comment: 'x' }
  if (path.includes('/maintenance')) {
    const schedule = {
      kind: 'once',
      starts_at: ends_at,
      ends_at: new Date(Date.now() + 7_200_000).toISOString(),
    }
    return { name: 'x', matchers: [{ name: 'branch', value: far.branch }], schedule, comment: 'x' }
  }
  if (path.endsWith('/ack')) return { comment: 'x' }
  if (path.endsWith('/notes')) return { text: 'x' }
  if (path.endsWith('/bulk')) return [{ action: 'delete', id: far.id }]
  if (path.endsWith('/devices')) return { id: 'new-1', address: '198.18.0.9', region: far.region }
  if (path.includes('/devices/{id}') && !path.includes('diagnostics')) return { name: 'x' }
  return {}
}
