import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { device, inventoryOf } from '../fakes/inventory.ts'
import { type RunningApi, startApi } from '../integration/api/stand.ts'
import { type Past, evaluations, states, write } from '../integration/reports/truth.ts'
import { type Stores, startStores } from '../stores.ts'
import { accessibilityProblems, launchBrowser, openPage } from './browser.ts'

const HOUR = 3_600_000
const month = Date.parse('2026-10-01T00:00:00Z')
const past: Past = { from: month - HOUR, until: month + 24 * HOUR }
const name = 'Router <b>12</b> & sons'
const devices = [device('r1', { name }), device('r2', { branch: 'Gori' })]
const QUERY = 'from=2026-10-01&to=2026-10-02&tz=Asia/Tbilisi'

let browser: Browser
let stores: Stores
let api: RunningApi

beforeAll(async () => {
  stores = await startStores()
  const vm = stores.victoriaMetrics
  const outage = [
    [past.from, true],
    [month + 2 * HOUR, false],
    [month + 3 * HOUR, true],
  ] as const
  await write(vm, [
    ...evaluations(past),
    ...states(device('r1'), outage, past),
    ...states(device('r2'), [[past.from, true]], past),
  ])
  await vm.flush()
  api = await startApi(stores, inventoryOf(...devices))
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser?.close()
  await api?.[Symbol.asyncDispose]()
  await stores?.[Symbol.asyncDispose]()
})

test.each(['light', 'dark'] as const)(
  'a report can be read: the figures, the outages on the clock of the zone, how they are made; axe-core finds nothing wrong with it, %s',
  async (colorScheme) => {
    const { page, faults } = await openPage(browser, api.url, { colorScheme })
    await page.goto(`${api.url}/reports/availability?${QUERY}`)
    const rows = await page.locator('table').first().locator('tbody tr').allInnerTexts()
    const outages = await page.locator('table').nth(1).locator('tbody tr').allInnerTexts()

    expect(rows[0]).toMatch(/Router <b>12<\/b> & sons \(r1\)\s+95\.\d{3} %\s+1h/)
    expect(rows[1]).toMatch(/r2.*\s100\.000 %/)
    expect(outages).toEqual([expect.stringMatching(/2026-10-01 06:00:00\s+2026-10-01 07:00:00/)])
    expect(await page.getByText('How these figures are made').isVisible()).toBe(true)
    expect(await accessibilityProblems(page)).toEqual([])
    expect(faults).toEqual([])
    await page.context().close()
  },
)

test('a month and what its rows are can be chosen without a script, and the paper has no form', async () => {
  const { page, faults } = await openPage(browser, api.url, { javaScriptEnabled: false })
  await page.goto(`${api.url}/reports/availability?month=2026-10&tz=UTC`)
  await page.getByLabel('By').selectOption('branch')
  await page.getByRole('button', { name: 'Show' }).click()
  await page.waitForURL(/by=branch/)

  expect(await page.locator('tbody').first().innerText()).toContain('Gori')
  await page.emulateMedia({ media: 'print' })
  expect(await page.locator('form').isVisible()).toBe(false)
  expect(faults).toEqual([])
  await page.context().close()
})
