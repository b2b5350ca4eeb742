import type { BrowserContextOptions } from 'playwright-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { feed } from '../integration/api/stand.ts'
import { accessibilityProblems } from './browser.ts'
import { collectorsNow } from './page-collectors-samples.ts'
import { usePageStand } from './page-stand.ts'

const on = usePageStand()
beforeEach(async () => {
  await feed(on.stand.stores.victoriaMetrics, collectorsNow())
})

async function open(path: string, options?: BrowserContextOptions): Promise<void> {
  await on.open(path, options)
  if (path.startsWith('/collectors')) await on.page.locator('.collector').first().waitFor()
}
const card = (name: string) =>
  on.page.locator('.collector', { has: on.page.getByRole('heading', { name, exact: true }) })

test('H1 each collector says how it is, how far behind it is and what it missed', async () => {
  await open('/collectors')

  expect(await card('dc-1').innerText()).toMatch(
    /online[^]*6 by ping, 1 by SNMP[^]*4 ms[^]*99\.98 %[^]*1\.2\.3/,
  )
  expect(await card('dc-2').innerText()).toMatch(
    /late[^]*see whether its process[^]*⚠ 12\.00 s[^]*1,204[^]*⚠ 42\.00 %/,
  )
  expect(await on.page.locator('.parts').innerText()).toMatch(
    /VictoriaMetrics: fine[^]*Redis: fine/,
  )
})

test('C13 one that is blind says since when, and where to look', async () => {
  await open('/collectors')

  expect(await card('dc-3').innerText()).toMatch(
    /blind[^]*reaches none of its canaries[^]*Since \d\d:\d\d:\d\d/,
  )
})

test('the slowest devices lead to themselves; a search stays in the address and keeps the collector of what it finds', async () => {
  await open('/collectors')
  await on.page.getByRole('searchbox', { name: 'Find a collector or a device' }).fill('gori')
  await on.page.reload()
  await card('dc-1').waitFor()

  expect(await on.page.locator('.collector').count()).toBe(1)
  expect(await on.page.locator('.slowest tbody').innerText()).toMatch(
    /Gori router\s+Gori\s+1\.50 s\s+5m\s/,
  )
  await on.page.getByRole('link', { name: 'Gori router' }).focus()
  await on.page.keyboard.press('Enter')
  await on.page.waitForURL('**/devices/gori-1')
})

test('an API that fails is told above what is known, until it answers', async () => {
  await open('/')
  let isAway = true
  await on.page.route('**/api/v1/collectors', (route) =>
    isAway
      ? route.fulfill({ status: 503, json: { title: 'Away', detail: 'VictoriaMetrics is away' } })
      : route.continue(),
  )
  await on.page.getByRole('link', { name: 'Collectors', exact: true }).click()
  await on.page.getByText('VictoriaMetrics is away').waitFor()
  isAway = false

  await card('dc-1').waitFor()
  expect(await on.page.getByText('VictoriaMetrics is away').isVisible()).toBe(false)
})

test('whoever sees a part of the fleet is not told how large the rest is', async () => {
  await open('/')
  const [known] = (await on.stand.api.get('/api/v1/collectors')).body
  await on.page.route('**/api/v1/collectors', (route) =>
    route.fulfill({ json: [{ ...known, targets: { ping: null, snmp: null } }] }),
  )
  await on.page.getByRole('link', { name: 'Collectors', exact: true }).click()

  await card('dc-1').getByText('told to those who see the whole fleet').waitFor()
})

describe.each(['dark', 'light'] as const)('in %s', (colorScheme) => {
  test('the collectors have names, roles and enough contrast', async () => {
    await open('/collectors', { colorScheme })

    expect(await accessibilityProblems(on.page)).toEqual([])
  })
})

test('on a phone nothing is wider than the screen', async () => {
  await open('/collectors', { viewport: { width: 390, height: 844 } })

  expect(await on.page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
})
