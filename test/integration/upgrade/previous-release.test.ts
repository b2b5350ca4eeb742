import { execFileSync } from 'node:child_process'
import { cp, readFile, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { Notification } from '../../../lab/notification.ts'
import { listenForNotifications } from '../../../lab/webhook.ts'
import { type Key, restoreKey } from '../../fixtures/state/kept.ts'
import { SCENE, writeConfig } from '../../fixtures/state/scene.ts'
import { type Stores, freePort, startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'
import { type WardlineProcess, startWardline } from '../../wardline-process.ts'

// What each release left behind is kept in test/fixtures/state; CONTRIBUTING.md says how it is recorded.
const STATES = join(import.meta.dirname, '../../fixtures/state')
const entries = await readdir(STATES, { withFileTypes: true })
const releases = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)

type Recorded = { readonly at: number; readonly token: { readonly token: string } }
type Series = { metric: Record<string, string>; values: number[]; timestamps: number[] }

let stack = new AsyncDisposableStack()
afterEach(async () => {
  await stack.disposeAsync()
  stack = new AsyncDisposableStack()
})

describe.each(releases)('the state of release %s', (release) => {
  test('B2 C3 C11 F7: is read as it was left: outages, alerts told, decisions, accounts and devices', async () => {
    const stores = stack.use(await startStores())
    const told: Notification[] = []
    const webhook = stack.use(await listenForNotifications((one) => void told.push(one)))
    const { since, token } = await restore(join(STATES, release), stores)
    const ports = [await freePort(), await freePort(), await freePort()]
    const directory = dirname(stores.dataDir)
    const config = await writeConfig(directory, {
      vmUrl: stores.vmUrl,
      redisUrl: stores.redisUrl,
      webhookUrl: webhook.url,
      ports,
    })
    const wardline = stack.use(
      startWardline(['run', 'collector', 'alerting', 'api'], { env: { WARDLINE_CONFIG: config } }),
    )
    const ask = (path: string, headers: Record<string, string> = {}): Promise<Answer> =>
      answerOf(`http://127.0.0.1:${ports[2]}${path}`, { headers })

    await settled(wardline, async () => {
      const { body } = await ask(`/api/v1/devices/${SCENE.down}`)
      return body?.status === 'down' && body.acknowledged !== null
    })
    const down = await ask(`/api/v1/devices/${SCENE.down}`)
    expect(Date.parse(down.body.down_since)).toBe(since)
    const added = await ask(`/api/v1/devices/${SCENE.added}`)
    expect(added).toMatchObject({ status: 200, body: { branch: 'Gori' } })

    const listed = async (path: string): Promise<string> => JSON.stringify((await ask(path)).body)
    expect(await listed('/api/v1/silences')).toContain(SCENE.silence)
    expect(await listed('/api/v1/maintenance')).toContain(SCENE.window)
    expect(await listed('/api/v1/acknowledgements')).toContain(SCENE.acknowledgement)

    const named = await ask('/api/v1/session', { authorization: `Bearer ${token}` })
    expect(named.body).toMatchObject({ authenticated: true, role: 'viewer' })
    const signedIn = await answerOf(`http://127.0.0.1:${ports[2]}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: 'nino', password: SCENE.password }),
    })
    expect(signedIn.status).toBeLessThan(300)

    // The outage was told by the release before: what is told now is its end, once.
    execFileSync('ip', ['address', 'add', `${SCENE.downAddress}/32`, 'dev', 'lo'])
    stack.defer(
      () => void execFileSync('ip', ['address', 'del', `${SCENE.downAddress}/32`, 'dev', 'lo']),
    )
    const ofOutage = (): Notification[] => told.filter(isOfOutage)
    await settled(wardline, () => ofOutage().length > 0)
    expect(ofOutage().flatMap(({ alerts }) => alerts.map(({ status }) => status))).toEqual([
      'resolved',
    ])
    expect(Date.parse(ofOutage()[0]?.alerts[0]?.startsAt ?? '')).toBeLessThan(Date.now() - 10_000)

    wardline.kill('SIGTERM')
    expect(await wardline.exited).toBe(0)
  }, 120_000)
})

test('there is the state of a release to read', () => {
  expect(releases).toContain('0.1.0')
})

const isOfOutage = ({ alerts }: Notification): boolean =>
  alerts.some(
    ({ labels }) => labels['device'] === SCENE.down && labels['alertname'] === 'DeviceDown',
  )

// oxlint-disable-next-line typescript/no-explicit-any -- what an answer holds is what each line checks
type Answer = { readonly status: number; readonly body: any }

async function answerOf(url: string, init: RequestInit): Promise<Answer> {
  const answer = await fetch(url, init).catch(() => null)
  const text = (await answer?.text()) ?? ''
  return {
    status: answer?.status ?? 0,
    body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : null,
  }
}

async function settled(
  wardline: WardlineProcess,
  check: () => boolean | Promise<boolean>,
): Promise<void> {
  try {
    await waitFor(check, { timeoutMs: 45_000, what: 'wardline' })
  } catch (error) {
    throw new Error(wardline.output().slice(-3_000), { cause: error })
  }
}

/**
 * Puts back what a release left, as if it had ended some minutes ago: stamps move by whole minutes. Gives since when the
 * device is down then, and the secret of its token.
 */
async function restore(folder: string, stores: Stores): Promise<{ since: number; token: string }> {
  const recorded = JSON.parse(await readFile(join(folder, 'recorded.json'), 'utf8')) as Recorded
  const by = Math.floor((Date.now() - recorded.at) / 60_000) * 60_000 - AWAY_MS
  const text = await readFile(join(folder, 'victoriametrics.jsonl'), 'utf8')
  const series = text
    .split('\n')
    .filter(Boolean)
    .map((line) => moved(JSON.parse(line) as Series, by))
  const answer = await fetch(`${stores.vmUrl}/api/v1/import`, {
    method: 'POST',
    body: series.map((one) => JSON.stringify(one)).join('\n'),
  })
  expect(answer.status).toBe(204)
  await stores.victoriaMetrics.flush()
  const keys = JSON.parse(
    shifted(await readFile(join(folder, 'redis.json'), 'utf8'), recorded.at, by),
  ) as Key[]
  for (const key of keys) await restoreKey(stores.redis, key)
  await cp(join(folder, 'data'), join(dirname(stores.dataDir), 'data'), { recursive: true })
  return { since: sinceOf(series), token: recorded.token.token }
}

/** Of these the value is an instant, too. */
const INSTANTS = /^(device_state_since|device_down_since_seconds|ALERTS_FOR_STATE)$/

function moved({ metric, values, timestamps }: Series, by: number): Series {
  const isInstant = INSTANTS.test(metric['__name__'] ?? '')
  return {
    metric,
    values: isInstant ? values.map((value) => (value > 0 ? value + by / 1_000 : value)) : values,
    timestamps: timestamps.map((stamp) => stamp + by),
  }
}

const AWAY_MS = 180_000
const DAY_MS = 86_400_000

/** Every instant in milliseconds within a day of the recording. */
const shifted = (text: string, at: number, by: number): string =>
  text.replaceAll(/(?<!\d)\d{13}(?!\d)/g, (digits) =>
    Math.abs(Number(digits) - at) < DAY_MS ? String(Number(digits) + by) : digits,
  )

/** The first of the probes without an answer. */
function sinceOf(series: readonly Series[]): number {
  const pings = series.find(
    ({ metric }) => metric['__name__'] === 'ping_up' && metric['device'] === SCENE.down,
  )
  const first = pings?.values.indexOf(0) ?? -1
  return pings?.timestamps[first] ?? Number.NaN
}
