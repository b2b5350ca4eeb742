import { readFile } from 'node:fs/promises'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { write } from '../integration/reports/truth.ts'
import { waitFor } from '../wait.ts'
import { type WatchedPage, accessibilityProblems } from './browser.ts'
import { lastMonth, pastOfLastMonth } from './page-reports-past.ts'
import { type PageStand, startPageStand } from './page-stand.ts'

let stand: PageStand
let watched: WatchedPage
let page: Page

beforeAll(async () => {
  stand = await startPageStand()
  await write(stand.stores.victoriaMetrics, pastOfLastMonth())
  await stand.stores.victoriaMetrics.flush()
})
afterAll(async () => {
  await stand?.[Symbol.asyncDispose]()
})
afterEach(async () => {
  await page.context().close()
  expect(watched.faults).toEqual([])
})

async function open(path: string, options?: BrowserContextOptions): Promise<void> {
  watched = await stand.open(path, options)
  ;({ page } = watched)
}
const line = (name: string) =>
  page.locator('.report tbody tr', { has: page.getByRole('rowheader', { name }) })
const address = () => new URL(page.url()).searchParams
const hrefOf = async (name: string) =>
  new URL((await page.getByRole('link', { name }).getAttribute('href')) ?? '', stand.api.url)

describe('the availability of a month', () => {
  test('is listed with the worst first; a row unfolds its outages on the clock of who looks, and leads to its device', async () => {
    await open(`/reports?month=${lastMonth}&by=device`)
    const first = page.locator('.report tbody tr').first()
    await first.waitFor()

    expect(await first.innerText()).toMatch(
      /Batumi router\s+Batumi, Adjara\s+88\.5\d\d %\s+5h 30m\s+–\s+–\s+2/,
    )
    expect(await first.getByRole('img').getAttribute('aria-label')).toMatch(
      /^up 1d 18h, down 5h 30m/,
    )
    await page.getByRole('button', { name: '2 outages of Batumi router' }).click()
    expect(await page.locator('.outages-of li').allInnerTexts()).toEqual([
      expect.stringMatching(/1 \w+ 02:00:00 – 1 \w+ 03:00:00\s+1h/),
      expect.stringMatching(/1 \w+ 20:00:00 – 2 \w+ 00:30:00\s+4h 30m/),
    ])
    await page.getByRole('link', { name: 'Batumi router' }).click()
    await page.waitForURL('**/devices/batumi-1')
  })

  test('is by branch unless told, and a branch leads to its devices, one by one', async () => {
    await open(`/reports?month=${lastMonth}`)
    await line('Batumi').getByRole('button', { name: '0 outages of Batumi' }).click()
    await page.getByText('It was never out altogether').waitFor()
    await page.getByRole('link', { name: 'Its 2 devices, one by one' }).click()
    await line('Batumi ATM').waitFor()

    expect(Object.fromEntries(address())).toEqual({
      month: lastMonth,
      by: 'device',
      branch: 'Batumi',
    })
    expect(await page.getByRole('rowheader').count()).toBe(2)
  })

  test('is narrowed by menus and words that stay in the address, and CSV and paper ask the same', async () => {
    await open(`/reports?month=${lastMonth}`)
    await page.getByLabel('A row is a').selectOption('device')
    await page.getByLabel('Region').selectOption('Shida Kartli')
    await line('Gori switch').waitFor()
    await page.getByRole('searchbox', { name: 'Search rows' }).fill('gori atm')
    await waitFor(async () => (await page.getByRole('rowheader').count()) === 1)
    await page.reload()
    await line('Gori ATM').waitFor()

    expect(await page.getByRole('rowheader').count()).toBe(1)
    expect(await page.getByLabel('Region').inputValue()).toBe('Shida Kartli')
    const csv = await hrefOf('CSV')
    expect(Object.fromEntries(csv.searchParams)).toEqual({
      month: lastMonth,
      by: 'device',
      tz: 'Asia/Tbilisi',
      region: 'Shida Kartli',
      device: 'gori-atm',
      format: 'csv',
      bom: 'true',
    })
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'CSV' }).click(),
    ])
    const written = await readFile(await download.path(), 'utf8')
    expect(written).toContain('Gori ATM')
    expect(written).not.toContain('Gori switch')
    await page.goto((await hrefOf('Print')).href)
    expect(await page.locator('table').first().locator('tbody tr').allInnerTexts()).toEqual([
      expect.stringContaining('Gori ATM'),
    ])
  })

  test('is gone through by keyboard: the months, and what is unfolded', async () => {
    await open(`/reports?month=${lastMonth}&by=device`)
    const unfold = page.getByRole('button', { name: '1 outage of Gori ATM' })
    await unfold.focus()
    await page.keyboard.press('Enter')
    await page.getByText('10:00:00').waitFor()
    expect(await unfold.getAttribute('aria-expanded')).toBe('true')
    await page.getByRole('button', { name: 'The month after' }).focus()
    await page.keyboard.press('Enter')
    await waitFor(() => address().get('month') !== lastMonth)

    expect(await page.getByRole('button', { name: 'The month after' }).isDisabled()).toBe(true)
    await page.getByRole('button', { name: 'The month before' }).press('Enter')
    await line('Gori ATM').getByText('99.652 %').waitFor()
  })
})

test('a month in which nothing was monitored says so, and what to do', async () => {
  await open('/reports?month=2020-01')
  await page.getByText('Nothing was monitored in this time').waitFor()

  expect(await page.getByText('Choose another month, or another place.').isVisible()).toBe(true)
  expect(await page.getByLabel('Month', { exact: true }).inputValue()).toBe('2020-01')
})

test('an API that fails is told, and asked again at a press', async () => {
  await open('/')
  let isAway = true
  await page.route('**/api/v1/reports/**', (route) =>
    isAway
      ? route.fulfill({ status: 503, json: { title: 'Away', detail: 'VictoriaMetrics is away' } })
      : route.continue(),
  )
  await page.getByRole('link', { name: 'Reports' }).click()
  await page.getByText('VictoriaMetrics is away').waitFor()
  isAway = false
  await page.getByRole('button', { name: 'Try again' }).click()

  await page.getByText('of the time that counts', { exact: false }).waitFor()
})

describe.each(['dark', 'light'] as const)('in %s', (colorScheme) => {
  test.each([`/reports?month=${lastMonth}&by=device`, '/reports?month=2020-01'])(
    '%s has names, roles and enough contrast',
    async (path) => {
      await open(path, { colorScheme })
      await page.locator('.report, .empty').first().waitFor()
      const unfold = page.locator('.unfold').first()
      if ((await unfold.count()) > 0) await unfold.click()

      expect(await accessibilityProblems(page)).toEqual([])
    },
  )
})

test('on a phone nothing is wider than the screen, and what has no column is in what unfolds', async () => {
  await open(`/reports?month=${lastMonth}&by=device`, { viewport: { width: 390, height: 844 } })
  await page.getByRole('button', { name: '2 outages of Batumi router' }).click()

  expect(await page.locator('.row-figures').first().innerText()).toMatch(
    /Down\s+5h 30m\s+MTTR\s+2h 45m/,
  )
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
})
