import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { Notification } from '../../../lab/notification.ts'
import { listenForNotifications } from '../../../lab/webhook.ts'
import { type Key, restoreKey } from '../../fixtures/state/kept.ts'
import { KEPT_FILES, KEPT_KEYS, SCENE, isOf, writeConfig } from '../../fixtures/state/scene.ts'
import { type Stores, freePort, startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'
import { type WardlineProcess, startWardline } from '../../wardline-process.ts'

// What each release left behind is kept in test/fixtures/state; CONTRIBUTING.md says how it is recorded.
const STATES = join(import.meta.dirname, '../../fixtures/state')
const entries = await readdir(STATES, { withFileTypes: true })
const releases = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
/** From before 0.1.0: without sessions, notes, copies and what waited for VictoriaMetrics. */
const EARLY = '0.1.0-pre'
const whole = releases.filter((release) => release !== EARLY)

type Recorded = {
  readonly at: number
  readonly token: string
  /** The cookie of somebody who is signed in. */
  readonly session?: string
  /** VictoriaMetrics couldn't be reached from here to there. */
  readonly spooled?: { readonly from: number; readonly to: number }
}
type Series = { metric: Record<string, string>; values: number[]; timestamps: number[] }

let stack = new AsyncDisposableStack()
afterEach(async () => {
  await stack.disposeAsync()
  stack = new AsyncDisposableStack()
})

describe.each(releases)('the state of release %s', (release) => {
  test('B2 C3 C11 F7: is read as it was left: outages, alerts told, decisions, accounts, sessions, devices and notes', async () => {
    const stores = stack.use(await startStores())
    const left = await readLeft(join(STATES, release))
    const { series } = left
    await restoreSeries(series, stores)
    for (const key of left.keys) await restoreKey(stores.redis, key)
    await restoreFiles(left, stores, (path) => !path.startsWith('spool/'))
    const { wardline, told, ask, url } = await startOver(stores)

    await settled(wardline, async () => {
      const { body } = await ask(`/api/v1/devices/${SCENE.down}`)
      return body?.status === 'down' && body.acknowledged !== null
    })
    const down = await ask(`/api/v1/devices/${SCENE.down}`)
    expect(Date.parse(down.body.down_since)).toBe(sinceOf(series))
    const added = await ask(`/api/v1/devices/${SCENE.added}`)
    expect(added).toMatchObject({ status: 200, body: { branch: 'Gori' } })
    await expectDecisions(ask)

    const named = await ask('/api/v1/session', { authorization: `Bearer ${left.token}` })
    expect(named.body).toMatchObject({ authenticated: true, role: 'viewer' })
    const signedIn = await answerOf(`${url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: 'nino', password: SCENE.password }),
    })
    expect(signedIn.status).toBeLessThan(300)
    if (release !== EARLY) {
      const cookie = left.session ?? ''
      expect((await ask('/api/v1/session', { cookie })).body).toMatchObject({ name: 'nino' })
      const note = await ask(`/api/v1/devices/${SCENE.up}/notes`, { cookie })
      expect(note.body).toMatchObject({ text: SCENE.note, updated_by: 'nino' })
      const audit = await ask('/api/v1/audit', { cookie })
      expect(JSON.stringify(audit.body)).toContain('session refused')
    }

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

describe.each(whole)('the data_dir of release %s', (release) => {
  test('G5: alone has decisions, devices and notes; and what waited for VictoriaMetrics arrives', async () => {
    const stores = stack.use(await startStores())
    const left = await readLeft(join(STATES, release))
    await restoreFiles(left, stores, () => true)
    const { wardline, ask } = await startOver(stores)
    const { from, to } = left.spooled ?? { from: 0, to: 0 }
    // Stamps in segments stay as they were. Nothing but what waited has those of the collector, nor those of an evaluation.
    const everySecond = Array.from({ length: (to - from) / 1000 + 1 }, (_, i) => from + i * 1000)
    const pings = `ping_up{device="${SCENE.up}",vantage="hq"}`
    await settled(wardline, async () =>
      isWithin(everySecond, await stampsOf(stores, pings, { from, to })),
    )
    const evaluations = 'wardline_group_last_evaluation_timestamp_seconds'
    const until = to + 10_000
    await settled(
      wardline,
      async () => (await stampsOf(stores, evaluations, { from, to: until })).length > 0,
    )
    await settled(
      wardline,
      async () => (await ask(`/api/v1/devices/${SCENE.added}`)).status === 200,
    )
    await expectDecisions(ask)
    await settled(wardline, async () => {
      const notes = await stores.redis.hgetall('wardline:devices:notes')
      return notes[SCENE.up]?.includes(SCENE.note) === true
    })
    const before = JSON.parse(String(left.files.get('snmp-engine.json'))) as { engine_id: string }
    const engine = await readFile(join(stores.dataDir, 'snmp-engine.json'), 'utf8')
    expect(JSON.parse(engine)).toEqual({ ...before, boots: 2 })

    wardline.kill('SIGTERM')
    expect(await wardline.exited).toBe(0)
  }, 120_000)
})

test('there is the state of a release to read, and none lacks a part', async () => {
  expect(whole).toContain('0.1.0')
  for (const release of whole) {
    const { keys, files } = await readLeft(join(STATES, release))
    const lacks = KEPT_KEYS.filter((kept) => !keys.some(({ key }) => isOf(kept, key)))
    const paths = [...files.keys()]
    const spools = [/^spool\/collector\/.*\.spool$/, /^spool\/alerting\/.*\.spool$/]
    expect([release, lacks, KEPT_FILES.filter((name) => !files.has(name))]).toEqual([
      release,
      [],
      [],
    ])
    for (const spool of spools) expect(paths.some((path) => spool.test(path))).toBe(true)
  }
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

const isWithin = (all: readonly number[], found: readonly number[]): boolean =>
  new Set(found).isSupersetOf(new Set(all))

/** What a release left, as if it had ended some minutes ago: stamps are moved by whole minutes. */
type Left = Recorded & {
  readonly series: readonly Series[]
  readonly keys: readonly Key[]
  /** By their paths in data_dir. Segments of the spool are as they were. */
  readonly files: ReadonlyMap<string, Buffer | string>
}

const AWAY_MS = 180_000
const DAY_MS = 86_400_000

async function readLeft(folder: string): Promise<Left> {
  const text = (name: string): Promise<string> => readFile(join(folder, name), 'utf8')
  const recorded = JSON.parse(await text('recorded.json')) as Recorded
  const by = Math.floor((Date.now() - recorded.at) / 60_000) * 60_000 - AWAY_MS
  const shift = { at: recorded.at, by }
  const lines = (await text('victoriametrics.jsonl')).split('\n').filter(Boolean)
  const keys = JSON.parse(await text('redis.json')) as Key[]
  const found = await readdir(join(folder, 'data_dir'), { recursive: true, withFileTypes: true })
  const files = new Map<string, Buffer | string>()
  for (const entry of found.filter((one) => one.isFile())) {
    const path = join(entry.parentPath, entry.name)
    const inside = relative(join(folder, 'data_dir'), path)
    const bytes = await readFile(path)
    files.set(inside, inside.startsWith('spool/') ? bytes : movedFile(bytes.toString(), shift))
  }
  return {
    ...recorded,
    series: lines.map((line) => movedSeries(JSON.parse(line) as Series, shift)),
    keys: keys.map((key) => (isOfAccounts(key) ? key : movedKey(key, shift))),
    files,
  }
}

/** Their digests are in a file: they stay as they were, and old stamps do them no harm. */
const isOfAccounts = ({ key }: Key): boolean => /^wardline:auth:(users|tokens)$/.test(key)

type Shift = { readonly at: number; readonly by: number }

const movedKey = (key: Key, shift: Shift): Key =>
  JSON.parse(movedText(JSON.stringify(key), shift)) as Key

/** A copy of what Redis has begins with the digest of the rest. */
function movedFile(text: string, shift: Shift): string {
  const end = /^[0-9a-f]{64}\n/.exec(text)?.[0].length ?? 0
  const body = movedText(text.slice(end), shift)
  return end === 0 ? body : `${createHash('sha256').update(body).digest('hex')}\n${body}`
}

/** Every instant in milliseconds within a day of the recording. */
const movedText = (text: string, { at, by }: Shift): string =>
  text.replaceAll(/(?<!\d)\d{13}(?!\d)/g, (digits) =>
    Math.abs(Number(digits) - at) < DAY_MS ? String(Number(digits) + by) : digits,
  )

/** Values, too, where they are instants in seconds. */
const movedSeries = ({ metric, values, timestamps }: Series, { at, by }: Shift): Series => ({
  metric,
  values: values.map((value) =>
    Math.abs(value * 1000 - at) < DAY_MS ? value + by / 1_000 : value,
  ),
  timestamps: timestamps.map((stamp) => stamp + by),
})

async function restoreSeries(series: readonly Series[], stores: Stores): Promise<void> {
  const answer = await fetch(`${stores.vmUrl}/api/v1/import`, {
    method: 'POST',
    body: series.map((one) => JSON.stringify(one)).join('\n'),
  })
  expect(answer.status).toBe(204)
  await stores.victoriaMetrics.flush()
}

async function restoreFiles(
  { files }: Left,
  { dataDir }: Stores,
  isWanted: (path: string) => boolean,
): Promise<void> {
  for (const [path, bytes] of files) {
    if (!isWanted(path)) continue
    await mkdir(dirname(join(dataDir, path)), { recursive: true })
    await writeFile(join(dataDir, path), bytes)
  }
}

/** The present program over what was put back. */
async function startOver({ vmUrl, redisUrl, dataDir }: Stores) {
  const told: Notification[] = []
  const webhook = stack.use(await listenForNotifications((one) => void told.push(one)))
  const ports = [await freePort(), await freePort(), await freePort(), await freePort()]
  const urls = { vmUrl, redisUrl, webhookUrl: webhook.url, ports }
  const config = await writeConfig(dirname(dataDir), urls)
  const wardline = stack.use(
    startWardline(['run', 'collector', 'alerting', 'api'], { env: { WARDLINE_CONFIG: config } }),
  )
  const url = `http://127.0.0.1:${ports[2]}`
  const ask: Ask = (path, headers = {}) => answerOf(url + path, { headers })
  return { wardline, told, url, ask }
}

type Ask = (path: string, headers?: Record<string, string>) => Promise<Answer>

async function expectDecisions(ask: Ask): Promise<void> {
  const listed = async (path: string): Promise<string> => JSON.stringify((await ask(path)).body)
  expect(await listed('/api/v1/silences')).toContain(SCENE.silence)
  expect(await listed('/api/v1/maintenance')).toContain(SCENE.window)
  expect(await listed('/api/v1/acknowledgements')).toContain(SCENE.acknowledgement)
}

/** Stamps of the samples of a series from there to there. */
async function stampsOf(
  { vmUrl, victoriaMetrics }: Stores,
  match: string,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<number[]> {
  await victoriaMetrics.flush()
  const range = { start: String(from / 1000), end: String(to / 1000), reduce_mem_usage: '1' }
  const query = new URLSearchParams({ 'match[]': match, ...range })
  const text = await (await fetch(`${vmUrl}/api/v1/export?${query}`)).text()
  const lines = text.split('\n').filter(Boolean)
  return lines.flatMap((line) => (JSON.parse(line) as Series).timestamps)
}

/** The first of the probes without an answer. */
function sinceOf(series: readonly Series[]): number {
  const pings = series.find(
    ({ metric }) => metric['__name__'] === 'ping_up' && metric['device'] === SCENE.down,
  )
  const first = pings?.values.indexOf(0) ?? -1
  return pings?.timestamps[first] ?? Number.NaN
}
