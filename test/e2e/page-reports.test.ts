import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { write } from '../integration/reports/truth.ts'
import { waitFor } from '../wait.ts'
import { accessibilityProblems } from './browser.ts'
import { lastMonth, pastOfLastMonth } from './page-reports-past.ts'
import { usePageStand } from './page-stand.ts'

const on = usePageStand()
beforeAll(async () => {
  await write(on.stand.stores.victoriaMetrics, pastOfLastMonth())
  await on.stand.stores.victoriaMetrics.flush()
})

const { open } = on
const line = (name: string) =>
  on.page.locator('.report tbody tr', { has: on.page.getByRole('rowheader', { name }) })
const address = () => new URL(on.page.url()).searchParams
const hrefOf = async (name: string) =>
  new URL((await on.page.getByRole('link', { name }).getAttribute('href')) ?? '', on.stand.api.url)

describe('the availability of a month', () => {
  test('is listed with the worst first; a row unfolds its outages on the clock of who looks, and leads to its device', async () => {
    await open(`/reports?month=${lastMonth}&by=device`)
    const first = on.page.locator('.report tbody tr').first()
    await first.waitFor()

    expect(await first.innerText()).toMatch(
      /Batumi router\s+Batumi, Adjara\s+88\.5\d\d %\s+5h 30m\s+–\s+–\s+2/,
    )
    expect(await first.getByRole('img').getAttribute('aria-label')).toMatch(
      /^up 1d 18h, down 5h 30m/,
    )
    await on.page.getByRole('button', { name: '2 outages of Batumi router' }).click()
    expect(await on.page.locator('.outages-of li').allInnerTexts()).toEqual([
      expect.stringMatching(/1 \w+ 02:00:00 – 1 \w+ 03:00:00\s+1h/),
      expect.stringMatching(/1 \w+ 20:00:00 – 2 \w+ 00:30:00\s+4h 30m/),
    ])
    await on.page.getByRole('link', { name: 'Batumi router' }).click()
    await on.page.waitForURL('**/devices/batumi-1')
  })

  test('is by branch unless told, and a branch leads to its devices, one by one', async () => {
    await open(`/reports?month=${lastMonth}`)
    await line('Batumi').getByRole('button', { name: '0 outages of Batumi' }).click()
    await on.page.getByText('It was never out altogether').waitFor()
    await on.page.getByRole('link', { name: 'Its 2 devices, one by one' }).click()
    await line('Batumi ATM').waitFor()

    expect(Object.fromEntries(address())).toEqual({
      month: lastMonth,
      by: 'device',
      branch: 'Batumi',
    })
    expect(await on.page.getByRole('rowheader').count()).toBe(2)
  })

  test('is narrowed by menus and words that stay in the address, and CSV and paper ask the same', async () => {
    await open(`/reports?month=${lastMonth}`)
    await on.page.getByLabel('A row is a').selectOption('device')
    await on.page.getByLabel('Region').selectOption('Shida Kartli')
    await line('Gori switch').waitFor()
    await on.page.getByRole('searchbox', { name: 'Search rows' }).fill('gori atm')
    await waitFor(async () => (await on.page.getByRole('rowheader').count()) === 1)
    await on.page.reload()
    await line('Gori ATM').waitFor()

    expect(await on.page.getByRole('rowheader').count()).toBe(1)
    expect(await on.page.getByLabel('Region').inputValue()).toBe('Shida Kartli')
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
      on.page.waitForEvent('download'),
      on.page.getByRole('link', { name: 'CSV' }).click(),
    ])
    const written = await readFile(await download.path(), 'utf8')
    expect(written).toContain('Gori ATM')
    expect(written).not.toContain('Gori switch')
    await on.page.goto((await hrefOf('Print')).href)
    expect(await on.page.locator('table').first().locator('tbody tr').allInnerTexts()).toEqual([
      expect.stringContaining('Gori ATM'),
    ])
  })

  test('is gone through by keyboard: the months, and what is unfolded', async () => {
    await open(`/reports?month=${lastMonth}&by=device`)
    const unfold = on.page.getByRole('button', { name: '1 outage of Gori ATM' })
    await unfold.focus()
    await on.page.keyboard.press('Enter')
    await on.page.getByText('10:00:00').waitFor()
    expect(await unfold.getAttribute('aria-expanded')).toBe('true')
    await on.page.getByRole('button', { name: 'The month after' }).focus()
    await on.page.keyboard.press('Enter')
    await waitFor(() => address().get('month') !== lastMonth)

    expect(await on.page.getByRole('button', { name: 'The month after' }).isDisabled()).toBe(true)
    await on.page.getByRole('button', { name: 'The month before' }).press('Enter')
    await line('Gori ATM').getByText('99.652 %').waitFor()
  })
})

describe('a time between two instants', () => {
  test('is chosen in place of a month, stays in the address, and is what CSV and paper have', async () => {
    await open(`/reports?month=${lastMonth}&by=device`)
    await line('Batumi router').waitFor()
    await on.page.getByLabel('Month', { exact: true }).selectOption('From … to …')
    await on.page.getByLabel('From', { exact: true }).fill(`${lastMonth}-01T02:30`)
    await on.page.getByLabel('To', { exact: true }).fill(`${lastMonth}-01T04:30`)
    await line('Batumi router').getByText('75.000 %').waitFor()

    // On the clock of Tbilisi.
    const [from, to] = ['02:30', '04:30'].map((time) =>
      new Date(`${lastMonth}-01T${time}+04:00`).toISOString(),
    )
    expect(Object.fromEntries(address())).toEqual({ by: 'device', from, to })
    expect((await hrefOf('CSV')).searchParams.get('from')).toBe(from)
    await on.page.reload()
    await line('Batumi router').getByText('75.000 %').waitFor()
    expect(await on.page.getByLabel('To', { exact: true }).inputValue()).toBe(
      `${lastMonth}-01T04:30`,
    )
    await on.page.getByLabel('Month', { exact: true }).selectOption(lastMonth)
    await line('Batumi router').getByText('88.5', { exact: false }).waitFor()
    expect(Object.fromEntries(address())).toEqual({ by: 'device', month: lastMonth })
  })

  test('that is not over is asked for again by itself; what was unfolded stays so', async () => {
    await openUpToNow()
    const unfold = on.page.getByRole('button', { name: /outages of Batumi router/ })
    await unfold.click()
    const asked = on.page.waitForRequest('**/api/v1/reports/availability?**')
    await on.page.clock.fastForward(61_000)
    await asked
    await on.page.getByText('02:00:00', { exact: false }).first().waitFor()

    expect(await unfold.getAttribute('aria-expanded')).toBe('true')
  })

  /** A report up to now, on a clock that the test moves. */
  async function openUpToNow(): Promise<void> {
    await open('/')
    await on.page.clock.install()
    await on.page.goto(
      `${on.stand.api.url}/reports?by=device&from=${new Date(`${lastMonth}-01T00:00+04:00`).toISOString()}`,
    )
    await line('Batumi router').waitFor()
  }
})

test('a month in which nothing was monitored says so, and what to do', async () => {
  await open('/reports?month=2020-01')
  await on.page.getByText('Nothing was monitored in this time').waitFor()

  expect(await on.page.getByText('Choose another month, or another place.').isVisible()).toBe(true)
  expect(await on.page.getByLabel('Month', { exact: true }).inputValue()).toBe('2020-01')
})

test('an API that fails is told, and asked again at a press', async () => {
  await open('/')
  let isAway = true
  await on.page.route('**/api/v1/reports/**', (route) =>
    isAway
      ? route.fulfill({ status: 503, json: { title: 'Away', detail: 'VictoriaMetrics is away' } })
      : route.continue(),
  )
  await on.page.getByRole('link', { name: 'Reports' }).click()
  await on.page.getByText('VictoriaMetrics is away').waitFor()
  isAway = false
  await on.page.getByRole('button', { name: 'Try again' }).click()

  await on.page.getByText('of the time that counts', { exact: false }).waitFor()
})

describe.each(['dark', 'light'] as const)('in %s', (colorScheme) => {
  test.each([`/reports?month=${lastMonth}&by=device`, '/reports?month=2020-01'])(
    '%s has names, roles and enough contrast',
    async (path) => {
      await open(path, { colorScheme })
      await on.page.locator('.report, .empty').first().waitFor()
      const unfold = on.page.locator('.unfold').first()
      if ((await unfold.count()) > 0) await unfold.click()

      expect(await accessibilityProblems(on.page)).toEqual([])
    },
  )
})

test('on a phone nothing is wider than the screen, and what has no column is in what unfolds', async () => {
  await open(`/reports?month=${lastMonth}&by=device`, { viewport: { width: 390, height: 844 } })
  await on.page.getByRole('button', { name: '2 outages of Batumi router' }).click()

  expect(await on.page.locator('.row-figures').first().innerText()).toMatch(
    /Down\s+5h 30m\s+MTTR\s+2h 45m/,
  )
  expect(await on.page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
})
