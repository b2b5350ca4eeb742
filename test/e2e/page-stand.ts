import { createServer } from 'node:http'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { createClaims } from '../../lib/auth/claim.ts'
import { systemClock } from '../../lib/clock.ts'
import { loadConfig } from '../../lib/config/load.ts'
import { fingerprint } from '../../lib/fingerprint.ts'
import { openEditedInventory } from '../../lib/inventory/edits/edited-inventory.ts'
import { watchInventory } from '../../lib/inventory/files.ts'
import { connectRedis } from '../../lib/redis.ts'
import { type RunningApi, feed, startApi } from '../integration/api/stand.ts'
import { directoryWith } from '../integration/inventory/files.ts'
import { recordLog } from '../fakes/log.ts'
import { type Stores, freePort, startStores } from '../stores.ts'
import { waitFor } from '../wait.ts'
import { type WatchedPage, launchBrowser, openPage } from './browser.ts'
import { DOWN, network, story } from './page-device-fleet.ts'

/** The page over a network with a story, and an administrator who is signed in. */
export type PageStand = AsyncDisposable & {
  readonly api: RunningApi
  readonly stores: Stores
  readonly browser: Browser
  /** The page at a path, as the administrator; `asAnybody` for whoever isn't signed in. */
  open(path: string, options?: BrowserContextOptions): Promise<WatchedPage>
  asAnybody(path: string): Promise<WatchedPage>
  /** A one-time link for a first administrator, where `signsIn` was false. */
  link(): Promise<string>
}

export const PASSWORD = 'correct horse battery'

type StandOptions = {
  readonly signsIn?: boolean
  readonly isOpen?: boolean
  /** Of wardline.yaml's `auth`. */
  readonly auth?: Readonly<Record<string, unknown>>
}

/** One stand for the tests of a file, and the page that each of them has open. */
export type UsedStand = {
  readonly stand: PageStand
  readonly page: Page
  /** In place of the page that was open. */
  open(path: string, options?: BrowserContextOptions): Promise<Page>
  openAsAnybody(path: string): Promise<Page>
}

/** Starts it before the tests and ends it after them. What a page did wrong fails the test that had it open. */
export function usePageStand(options: StandOptions = {}): UsedStand {
  let stand: PageStand | undefined
  let watched: WatchedPage | undefined
  beforeAll(async () => {
    stand = await startPageStand(options)
  })
  afterAll(async () => {
    await stand?.[Symbol.asyncDispose]()
  })
  afterEach(close)

  async function close(): Promise<void> {
    const closing = watched
    watched = undefined
    await closing?.page.context().close()
    expect(closing?.faults ?? []).toEqual([])
  }

  async function show(opening: () => Promise<WatchedPage>): Promise<Page> {
    await close()
    watched = await opening()
    return watched.page
  }

  const used = {
    get stand(): PageStand {
      return stand ?? expect.unreachable('there is no stand yet')
    },
    get page(): Page {
      return watched?.page ?? expect.unreachable('no page is open')
    },
    open: (path: string, more?: BrowserContextOptions) => show(() => used.stand.open(path, more)),
    openAsAnybody: (path: string) => show(() => used.stand.asAnybody(path)),
  }
  return used
}

export async function startPageStand({
  signsIn = true,
  isOpen = true,
  auth = {},
}: StandOptions = {}): Promise<PageStand> {
  await using owned = new AsyncDisposableStack()
  const stores = owned.use(await startStores())
  await feed(stores.victoriaMetrics, story())
  const { log } = recordLog()
  const directory = owned.use(await directoryWith({ 'wardline.yaml': JSON.stringify(written()) }))
  const configPath = directory.of('wardline.yaml')
  const config = await loadConfig(configPath)
  const ending = new AbortController()
  owned.defer(() => ending.abort())
  const source = await watchInventory(
    { config, configPath, log, snmpModules: ['system', 'if_mib'] },
    ending.signal,
  )
  const redis = connectRedis(stores.redisUrl, log)
  owned.defer(() => redis.disconnect())
  await waitFor(() => redis.status === 'ready', { what: 'Redis' })
  const dataDir = directory.of('data')
  const inventory = owned.use(
    await openEditedInventory({ source, redis, dataDir, clock: systemClock, log }),
  )
  const listen = owned.use(await startNeighbours()).listen
  const address = `127.0.0.1:${await freePort()}`
  const api = owned.use(
    await startApi(stores, inventory, {
      listen: address,
      config: {
        alerting: { listen, external_url: `http://${address}` },
        collector: { listen },
        auth: { open: isOpen, ...auth },
      },
    }),
  )
  const browser = await launchBrowser()
  owned.defer(() => browser.close())
  const claims = createClaims(stores.redis, systemClock)
  const storageState = signsIn ? await signIn() : undefined

  async function signIn() {
    const context = await browser.newContext()
    const data = { code: await claims.offer(), user: 'nino', password: PASSWORD }
    const answer = await context.request.post(`${api.url}/api/v1/session/claim`, { data })
    if (!answer.ok()) throw new Error(`no session: ${await answer.text()}`)
    const state = await context.storageState()
    await context.close()
    return state
  }

  async function show(path: string, options: BrowserContextOptions): Promise<WatchedPage> {
    const watched = await openPage(browser, api.url, options)
    await watched.page.goto(api.url + path)
    await watched.page.locator('h1').first().waitFor()
    return watched
  }

  const kept = owned.move()
  return {
    api,
    stores,
    browser,
    open: (path, options = {}) =>
      show(path, { ...(storageState === undefined ? {} : { storageState }), ...options }),
    asAnybody: (path) => show(path, {}),
    link: async () => `/login#code=${await claims.offer()}`,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

/** The network as a file says it. */
const written = () => ({
  credentials: { c: { version: '2c', community: 'public' } },
  inventory: {
    devices: network.map(({ ping, snmp, ...device }) => ({
      ...device,
      ping: { interval: `${ping.intervalMs / 1000}s`, confirm: ping.confirm },
      snmp: snmp !== null && { credentials: ['c'], modules: ['if_mib'], interval: '5m' },
    })),
  },
})

/** What alerting and the collector say to the API: which alert fires, and how a ping goes. */
async function startNeighbours(): Promise<AsyncDisposable & { readonly listen: string }> {
  const { alertstate: _, ...labels } = DOWN
  const alerts = [{ fingerprint: fingerprint(labels), startsAt: new Date().toISOString(), labels }]
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/alertmanager/')) {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(alerts))
      return
    }
    response.setHeader('content-type', 'application/x-ndjson')
    const lines = [1, 2, 3].map((turn) => ({ line: `reply ${turn} in ${10 + turn}.0 ms` }))
    const end = { done: true, ok: true, seconds: 0.3, summary: '3 of 3 answered' }
    response.end([...lines, end].map((each) => `${JSON.stringify(each)}\n`).join(''))
  })
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    listen: `127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
