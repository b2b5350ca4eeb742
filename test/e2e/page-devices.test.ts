import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openDecisions } from '../../lib/decisions/decisions.ts'
import { identityLabels } from '../../lib/inventory.ts'
import { systemClock } from '../../lib/clock.ts'
import { createLog } from '../../lib/log.ts'
import { CHANNELS } from '../../lib/service.ts'
import { device, inventoryOf } from '../fakes/inventory.ts'
import {
  type RunningApi,
  alert,
  evaluated,
  feed,
  ping,
  slot,
  startApi,
  state,
} from '../integration/api/stand.ts'
import { type Stores, startStores } from '../stores.ts'
import { waitFor } from '../wait.ts'
import { testAccessibility } from './accessible.ts'
import { type WatchedPage, accessibilityProblems, launchBrowser, openPage } from './browser.ts'

/** What somebody may write into a name, and where. */
const MARKUP = '<img src=x onerror="document.title=1"><b>bold</b>'
const MARKED = 20
const SELDOM = { intervalMs: 300_000, count: 2, timeoutMs: 1_000, confirm: 3 }

// A fleet whose rows can't all be in sight. Four of them are down, each a minute longer than the one before.
const fleet = Array.from({ length: 10_000 }, (_, index) =>
  device(`dev-${index}`, {
    name: index === MARKED ? `device ${index} ${MARKUP}` : `device ${index}`,
    address: `198.18.${Math.floor(index / 250)}.${index % 250}`,
    branch: index % 2 === 0 ? 'Even' : 'Odd',
    ping: SELDOM,
  }),
)
const isDown = (index: number): boolean => index < 4
const startedAt = slot()
const inventory = inventoryOf(...fleet)

let browser: Browser
let stores: Stores
let api: RunningApi
let watched: WatchedPage
let page: Page

beforeAll(async () => {
  stores = await startStores()
  const samples = fleet.flatMap((each, index) => [
    state(each.id, !isDown(index), startedAt - 3_000 - index * 60_000),
    ping(each, startedAt, isDown(index) ? null : 0.001 * ((index % 50) + 1)),
    // What a sparkline shows: an hour of the first ones.
    ...(index < 50
      ? Array.from({ length: 12 }, (_step, step) =>
          ping(each, startedAt - (step + 1) * 300_000, 0.002 * (1 + (step % 3))),
        )
      : []),
  ])
  await feed(stores.victoriaMetrics, [evaluated(), ...samples])
  api = await startApi(stores, inventory)
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser?.close()
  await api?.[Symbol.asyncDispose]()
  await stores?.[Symbol.asyncDispose]()
})

beforeEach(async () => {
  await feed(stores.victoriaMetrics, [evaluated()])
  watched = await openPage(browser, api.url)
  ;({ page } = watched)
})
afterEach(async () => {
  await page.context().close()
  expect(watched.faults).toEqual([])
})

async function open(query = ''): Promise<void> {
  await page.goto(`${api.url}/devices${query}`)
  await page.locator('.vrow:visible').first().waitFor()
}
const seen = (text: string) => page.getByText(text, { exact: true }).waitFor({ timeout: 10_000 })
/** The rows in sight from the top: what each says in one column. */
const column = (name: string): Promise<string[]> =>
  page.locator('.vrow:visible').evaluateAll(
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
const chip = (status: string) => page.locator(`.status-chip[data-status=${status}] b`).textContent()

describe('the list of devices', () => {
  test('has the longest outages first, and of 10,000 rows only those in sight exist', async () => {
    await open()
    const names = await column('name')

    expect(names.slice(0, 4)).toEqual(['device 3', 'device 2', 'device 1', 'device 0'])
    expect(names.length).toBeLessThan(60)
    expect(await chip('down')).toBe('4')
    expect(await chip('up')).toBe('9,996')
  })

  test('counts a downtime each second', async () => {
    await open()
    const downtime = async () => (await column('downtime'))[3]
    const first = await downtime()

    expect(first).toMatch(/^(\d+m ?)?(\d+s)?$/)
    await waitFor(async () => (await downtime()) !== first)
  })

  test('shows a device that goes down without a reload, and its recovery too', async () => {
    await open()
    await page.locator('body[data-trust=ok]').waitFor()
    const victim = fleet[4]
    if (victim === undefined) throw new Error('there are more')
    const tell = async (up: boolean, at: number) => {
      await feed(stores.victoriaMetrics, [
        state(victim.id, up, at, at),
        ping(victim, at, up ? 0.01 : null),
      ])
      await stores.redis.publish(CHANNELS.statuses, JSON.stringify({ device: victim.id }))
    }

    await tell(false, slot(1))
    await waitFor(async () => (await chip('down')) === '5', { what: 'the fifth outage' })
    expect(await column('name')).toContain('device 4')
    expect((await column('status'))[4]).toBe('down')
    expect(await page.title()).toBe('(5) Devices · wardline')
    await tell(true, slot())
    await waitFor(async () => (await chip('down')) === '4', { what: 'the recovery' })
  })

  test('H1 filters by text, branch and status narrow it, and a link keeps them', async () => {
    await open()
    await page.keyboard.press('/')
    await page.keyboard.type('device dev-1')
    await seen('1,111 of 10,000')
    await page.getByLabel('Branch', { exact: true }).selectOption('Odd')
    await seen('556 of 10,000')
    await page.locator('.status-chip[data-status=down]').click()
    await seen('1 of 10,000')
    expect(await column('name')).toEqual(['device 1'])

    await page.reload()

    await seen('1 of 10,000')
    expect(new URL(page.url()).search).toBe('?q=device+dev-1&status=down&branch=Odd')
    await page.getByRole('button', { name: 'Clear filters' }).click()
    await seen('10,000 devices')
  })

  test('is sorted by a heading, by the same again the other way, and follows the scroll', async () => {
    await open()
    await page.getByRole('button', { name: 'Name' }).click()
    await waitFor(async () => (await column('name'))[0] === 'device 0')
    await page.getByRole('button', { name: 'Name' }).click()
    await waitFor(async () => (await column('name'))[0] === 'device 9999')
    expect(await page.getByRole('columnheader', { name: 'Name' }).getAttribute('aria-sort')).toBe(
      'descending',
    )

    await page.locator('.vtable').evaluate((table) => table.scrollTo(0, table.scrollHeight))

    await waitFor(async () => (await column('name')).at(-1) === 'device 0')
  })

  test('draws the last hour of the rows in sight, asked for all of them at once', async () => {
    const asked: string[] = []
    page.on('request', (request) => {
      if (request.url().includes('/sparklines')) asked.push(request.url())
    })
    await open('?sort=name')
    await waitFor(async () => {
      const lines = page.locator('.vrow:visible .c-rtt .spark-line[d]')
      return (await lines.count()) >= 15
    })

    // The rows may come into sight in two frames; none of them is asked for twice.
    const ids = asked.flatMap((url) => new URL(url).searchParams.getAll('device'))
    expect(asked.length).toBeLessThanOrEqual(2)
    expect(ids.length).toBeLessThan(60)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('shows HTML in a name as text', async () => {
    await open()
    await page.keyboard.press('/')
    await page.keyboard.type('onerror')
    await seen('1 of 10,000')

    expect(await page.locator('.vrow:visible .device-name').textContent()).toBe(
      `device ${MARKED} ${MARKUP}`,
    )
    expect(await page.locator('img[src=x], b:text-is("bold")').count()).toBe(0)
    expect(await page.title()).not.toBe('1')
  })

  test('marks a device that is in maintenance, acknowledged or flapping', async () => {
    const [, , , , , planned, acknowledged, flapping] = fleet
    if (!planned || !acknowledged || !flapping) throw new Error('there are more')
    const outage = {
      alertname: 'DeviceDown',
      severity: 'critical',
      ...identityLabels(acknowledged),
    }
    const flaps = { alertname: 'DeviceFlapping', severity: 'warning', ...identityLabels(flapping) }
    const from = slot(60)
    await feed(stores.victoriaMetrics, [
      ...alert({ ...outage, alertstate: 'firing' }, from),
      ...alert({ ...flaps, alertstate: 'firing' }, from),
    ])
    await using decisions = await openDecisions({
      redis: stores.redis,
      clock: systemClock,
      log: createLog('silent'),
    })
    const ends = Date.now() + 3_600_000
    await decisions.putWindow({
      name: 'new cables',
      matchers: [{ name: 'device', value: planned.id, isRegex: false, isEqual: true }],
      schedule: { kind: 'once', startsAt: from, endsAt: ends },
      createdBy: 'nino',
      comment: '',
    })
    await open('?q=device+dev-5&sort=name')

    await waitFor(async () => /maintenance/.test((await column('name'))[0] ?? ''), {
      what: 'the window',
    })
    await page.getByRole('searchbox', { name: /Search by name/ }).fill('dev-7')
    await waitFor(async () => /flapping/.test((await column('name'))[0] ?? ''), {
      what: 'the flapping',
    })
  })

  test('by keyboard a device is searched, moved to and opened; Escape clears the search', async () => {
    await open()
    await page.keyboard.press('/')
    await page.keyboard.type('device 3')
    await page.keyboard.press('Enter')
    await page.keyboard.press('ArrowDown')
    await waitFor(
      async () => (await page.locator('.vtable').getAttribute('aria-activedescendant')) !== null,
    )
    await page.keyboard.press('Enter')
    await waitFor(() => new URL(page.url()).pathname === '/devices/dev-3')
    await page.goBack()
    await page.locator('.vrow').first().waitFor()
    await page.keyboard.press('/')
    await page.keyboard.press('Escape')

    await seen('10,000 devices')
    expect(new URL(page.url()).search).toBe('')
  })

  test('by keyboard the list is sorted: its heads are one stop of Tab, and arrows go from one to the next', async () => {
    await open()
    await page.locator('.vtable').focus()
    await page.keyboard.press('Tab')
    const head = () => page.locator('.vhead button:focus').textContent()
    const first = await head()
    await page.keyboard.press('End')
    await page.keyboard.press('Home')
    expect(await head()).toBe(first)
    while (!(await head())?.startsWith('Name')) await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    await page.locator('[role=columnheader][aria-sort=ascending]', { hasText: 'Name' }).waitFor()
    await page.keyboard.press('Enter')
    await page.locator('[role=columnheader][aria-sort=descending]', { hasText: 'Name' }).waitFor()

    expect(new URL(page.url()).searchParams.get('sort')).toBe('-name')
    expect(await head()).toMatch(/^Name/)
    await page.keyboard.press('Tab')
    expect(await page.locator('.vhead button:focus').count()).toBe(0)
  })

  test('500 devices that change at once are all shown, and back again', async () => {
    await open()
    await page.locator('body[data-trust=ok]').waitFor()
    const hit = fleet.slice(5_000, 5_500)
    const at = slot()
    await feed(
      stores.victoriaMetrics,
      hit.flatMap((each) => [state(each.id, false, at, at), ping(each, at, null)]),
    )
    await stores.redis.publish(CHANNELS.statuses, JSON.stringify({ device: hit[0]?.id }))
    const patience = { timeoutMs: 60_000, what: '500 more outages' }
    await waitFor(async () => (await chip('down')) === '504', patience)
    // Of two samples in one second VictoriaMetrics keeps one.
    const back = await waitFor(() => (slot() > at ? slot() : false), { what: 'the next second' })
    await feed(
      stores.victoriaMetrics,
      hit.flatMap((each) => [state(each.id, true, back, back), ping(each, back, 0.01)]),
    )
    await waitFor(async () => (await chip('down')) === '4', { ...patience, what: 'their recovery' })
  })

  testAccessibility(() => page, open)

  test('on a phone each device has two lines, and nothing sticks out', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    await open()

    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
    expect((await page.locator('.vrow:visible').first().boundingBox())?.height).toBe(62)
    expect(await accessibilityProblems(page)).toEqual([])
  })
})
