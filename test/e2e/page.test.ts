import { type Browser, type Page, chromium } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { identityLabels } from '../../lib/inventory.ts'
import { CHANNELS } from '../../lib/service.ts'
import { device, inventoryOf } from '../fakes/inventory.ts'
import {
  type RunningApi,
  evaluated,
  feed,
  ping,
  slot,
  startApi,
  state,
} from '../integration/api/stand.ts'
import { type Stores, freePort, startStores } from '../stores.ts'
import { waitFor } from '../wait.ts'

/** What somebody may write into a name, and where. */
const MARKUP = '<img src=x onerror="document.title=1"><b>bold</b>'
const MARKED = 20

// A fleet whose rows can't all be in sight. Four of them are down, each a little longer than the one before.
const fleet = Array.from({ length: 400 }, (_, index) =>
  device(`dev-${index}`, {
    name: index === MARKED ? `device ${index} ${MARKUP}` : `device ${index}`,
    address: `198.18.${Math.floor(index / 250)}.${index % 250}`,
    branch: index % 2 === 0 ? 'Even' : 'Odd',
    ping: { intervalMs: 300_000, count: 2, timeoutMs: 1_000, confirm: 3 },
  }),
)
/** It has two uplinks; its branch is its own. */
const edge = device('edge', {
  branch: 'Kutaisi',
  ping: { intervalMs: 300_000, count: 2, timeoutMs: 1_000, confirm: 3 },
  snmp: { modules: [], credentials: ['c'], port: 161, intervalMs: 300_000, timeoutMs: 1_000 },
})
const isDown = (index: number): boolean => index < 4
const startedAt = slot()

const inventory = inventoryOf(...fleet)

let browser: Browser
let stores: Stores
let api: RunningApi
let listen: string
let page: Page
const errors: string[] = []

beforeAll(async () => {
  stores = await startStores()
  listen = `127.0.0.1:${await freePort()}`
  await feed(
    stores.victoriaMetrics,
    fleet.flatMap((each, index) => [
      state(each.id, !isDown(index), startedAt - 3_000 - index * 60_000),
      ping(each, startedAt, isDown(index) ? null : 0.001 * (index + 1)),
      evaluated(),
    ]),
  )
  api = await startApi(stores, inventory, { listen })
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
})
afterAll(async () => {
  await browser?.close()
  await api?.[Symbol.asyncDispose]()
  await stores?.[Symbol.asyncDispose]()
})

beforeEach(async () => {
  errors.length = 0
  page = await browser.newPage({ viewport: { width: 1400, height: 800 } })
  page.on('pageerror', (error) => errors.push(String(error)))
  await page.goto(api.url)
  await seen('400 devices')
})
afterEach(async () => {
  await page.close()
  expect(errors).toEqual([])
})

const seen = (text: string) => page.getByText(text, { exact: true }).waitFor({ timeout: 10_000 })
/** The rows in sight from the top: what each says in one column. */
const column = (name: string): Promise<string[]> =>
  page.locator('.row:visible').evaluateAll(
    (rows, key) =>
      rows
        .map((row) => ({
          index: Number(row.getAttribute('aria-rowindex')),
          text: row.querySelector(`.c-${key}`)?.textContent ?? '',
        }))
        .sort((a, b) => a.index - b.index)
        .map(({ text }) => text),
    name,
  )
const tile = (status: string) => page.locator(`.tile[data-status=${status}] b`).textContent()

test('the longest outages come first, and only the rows in sight exist', async () => {
  const names = await column('name')

  expect(names.slice(0, 4)).toEqual(['device 3', 'device 2', 'device 1', 'device 0'])
  expect(names.length).toBeLessThan(60)
  expect(await tile('down')).toBe('4')
  expect(await tile('up')).toBe('396')
})

test('a downtime counts each second', async () => {
  const downtime = async () => (await column('downtime'))[3]
  const first = await downtime()

  expect(first).toMatch(/^(\d+m )?\d+s$/)
  await waitFor(async () => (await downtime()) !== first)
})

test('a device that goes down is seen without a reload, and its recovery too', async () => {
  const [, , , , victim] = fleet
  if (victim === undefined) throw new Error('there are 400')
  const tell = async (up: boolean, at: number) => {
    await feed(stores.victoriaMetrics, [
      state(victim.id, up, at, at),
      ping(victim, at, up ? 0.01 : null),
    ])
    await stores.redis.publish(CHANNELS.statuses, JSON.stringify({ device: victim.id }))
  }

  await tell(false, slot(1))
  await waitFor(async () => (await tile('down')) === '5', { what: 'the fifth outage' })
  expect(await column('name')).toContain('device 4')
  expect((await column('status'))[4]).toBe('down')
  expect(await page.title()).toBe('(5) wardline')

  await tell(true, slot())
  await waitFor(async () => (await tile('down')) === '4', { what: 'the recovery' })
})

test('filters by text, branch and status narrow the list, and a link keeps them', async () => {
  await page.keyboard.press('/')
  await page.keyboard.type('dev-1')
  await seen('111 of 400')
  await page.selectOption('#branch', 'Odd')
  await seen('56 of 400')
  await page.locator('.tile[data-status=down]').click()
  await seen('1 of 400')
  expect(await column('name')).toEqual(['device 1'])

  await page.reload()

  await seen('1 of 400')
  expect(new URL(page.url()).search).toBe('?q=dev-1&status=down&branch=Odd')
})

test('a heading sorts, again the other way, and the rows in sight follow the scroll', async () => {
  await page.getByRole('button', { name: 'Name' }).click()
  await waitFor(async () => (await column('name'))[0] === 'device 0')
  await page.getByRole('button', { name: 'Name' }).click()
  await waitFor(async () => (await column('name'))[0] === 'device 399')

  await page.locator('#table').evaluate((table) => table.scrollTo(0, table.scrollHeight))

  await waitFor(async () => (await column('name')).at(-1) === 'device 0')
})

test('HTML in a name is shown as text, in its row and its panel', async () => {
  await page.keyboard.press('/')
  await page.keyboard.type('onerror')
  await seen('1 of 400')
  expect(await column('name')).toEqual([`device ${MARKED} ${MARKUP}`])
  await page.locator('.row:visible').first().click()
  await page.locator('.panel h2', { hasText: MARKUP }).waitFor()

  expect(await page.locator('img[src=x], b:text-is("bold")').count()).toBe(0)
  expect(await page.title()).not.toBe('1')
})

test('C12 the uplinks of a branch show when it is chosen, and those of a device in its panel', async () => {
  const polled = (isp: string, ifOperStatus: number, ifAdminStatus: number) => ({
    measurement: '',
    labels: { ...identityLabels(edge), uplink: isp, ifIndex: isp, ifName: isp, ifAlias: MARKUP },
    fields: { ifOperStatus, ifAdminStatus },
    at: slot(1),
  })
  const up = { measurement: 'snmp', labels: identityLabels(edge), fields: { up: 1 }, at: slot(1) }
  await feed(stores.victoriaMetrics, [up, polled('isp-a', 2, 1), polled('isp-b', 2, 2)])
  inventory.replace(...fleet, edge)
  await seen('401 devices')
  const marks = (where: string) => page.locator(`${where} .uplink-list li`).allTextContents()

  await page.selectOption('#branch', 'Kutaisi')
  await waitFor(async () => (await marks('#uplinks')).length === 2, { what: 'both uplinks' })
  await page.locator('.row:visible').first().click()

  expect(await marks('#uplinks')).toEqual(['isp-adown', 'isp-bswitched off'])
  expect(await marks('.panel')).toEqual(await marks('#uplinks'))
  expect(await page.locator('#uplinks li').first().getAttribute('title')).toContain(MARKUP)
  inventory.replace(...fleet)
  await page.keyboard.press('Escape')
})

test('by keyboard a device is opened and closed; its panel has a chart and its outages', async () => {
  await page.locator('#table').focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.locator('.panel h2', { hasText: 'device 3' }).waitFor()
  await page.locator('.panel svg.chart').waitFor()
  await page.locator('.panel .outages li').first().waitFor()

  expect(await page.locator('.panel .state').textContent()).toMatch(/^down for 3m/)
  await page.keyboard.press('Escape')
  await page.locator('.panel').waitFor({ state: 'hidden' })
})

test('when the API dies the rows grey out under a banner, and all is well again when it is back', async () => {
  const trust = () => page.locator('body').getAttribute('data-trust')
  expect(await trust()).toBe('ok')

  await api.stop()
  await waitFor(async () => (await trust()) === 'stale', { timeoutMs: 15_000 })
  expect(await page.getByRole('alert').textContent()).toMatch(/can’t be reached/)

  api = await startApi(stores, inventory, { listen })
  await waitFor(async () => (await trust()) === 'ok', { timeoutMs: 20_000 })
  await page.getByRole('alert').waitFor({ state: 'hidden' })
})
