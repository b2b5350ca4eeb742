import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { inventoryOf } from '../fakes/inventory.ts'
import { type RunningApi, evaluated, feed, startApi } from '../integration/api/stand.ts'
import { type Stores, startStores } from '../stores.ts'
import { waitFor } from '../wait.ts'
import { type WatchedPage, accessibilityProblems, launchBrowser, openPage } from './browser.ts'
import { bankFleet, fleetSamples } from './page-fleet.ts'

const fleet = bankFleet(60, 12)
const inventory = inventoryOf(...fleet)

let browser: Browser
let stores: Stores
let api: RunningApi
let watched: WatchedPage
let page: Page

beforeAll(async () => {
  stores = await startStores()
  const conditions = fleetSamples(fleet, ({ id }) => ({ up: id !== 'b2-atm-2', since: 7_200 }))
  await feed(stores.victoriaMetrics, conditions)
  api = await startApi(stores, inventory)
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser?.close()
  await api?.[Symbol.asyncDispose]()
  await stores?.[Symbol.asyncDispose]()
})
beforeEach(() => feed(stores.victoriaMetrics, [evaluated()]))
afterEach(async () => {
  await page.context().close()
  expect(watched.faults).toEqual([])
})

async function open(path = '/', options: BrowserContextOptions = {}): Promise<void> {
  watched = await openPage(browser, api.url, options)
  ;({ page } = watched)
  await page.goto(api.url + path)
  await page.locator('#top .brand').waitFor()
}
const focused = (): Promise<string> =>
  page
    .locator(':focus')
    .evaluate((at) => at.getAttribute('aria-label') ?? at.textContent?.trim() ?? '')

describe('by keyboard', () => {
  test('Tab goes from the skip link through the head in the order that is seen', async () => {
    await open()
    const order: string[] = []
    for (let turn = 0; turn < 5; turn++) {
      await page.keyboard.press('Tab')
      order.push(await focused())
    }

    expect(order).toEqual([
      'Skip to the content',
      'wardline',
      'Wall',
      'Devices',
      expect.stringMatching(/^Alerts/),
    ])
  })

  test('the skip link leads past the head', async () => {
    await open()
    await page.locator('.tile').first().waitFor()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')

    expect(await page.locator('main :focus').count()).toBe(1)
  })

  test('a question mark shows the keys, Escape closes them, and the focus is where it was', async () => {
    await open()
    await page.getByRole('link', { name: 'Devices', exact: true }).focus()
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor()
    expect(await accessibilityProblems(page)).toEqual([])
    await page.keyboard.press('Escape')

    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await focused()).toBe('Devices')
  })

  test('g and a letter lead to a view', async () => {
    await open()
    await page.locator('.tile').first().waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('d')
    await page.locator('.vtable').waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('w')

    await page.locator('.tile').first().waitFor()
    expect(new URL(page.url()).pathname).toBe('/')
  })

  test('a device is found in two keystrokes and what one knows of it', async () => {
    await open()
    await page.locator('.tile').first().waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('atm 2')
    const options = page.getByRole('option')
    await options.first().waitFor()
    expect(await options.first().innerText()).toMatch(/atm 2/)
    expect(
      await page
        .getByRole('combobox', { name: 'Search devices' })
        .getAttribute('aria-activedescendant'),
    ).toBe('found-0')
    // The one that is down is the one that is looked for.
    expect(await options.first().locator('.mark').getAttribute('data-status')).toBe('down')
    await page.keyboard.press('Enter')

    await waitFor(() => new URL(page.url()).pathname === '/devices/b2-atm-2')
  })
})

describe('the head', () => {
  test('names the view that one is at, and counts the alerts', async () => {
    await open('/devices')

    await page.locator('.nav [aria-current=page]', { hasText: 'Devices' }).waitFor()
    await waitFor(async () => (await page.locator('.nav .badge').textContent()) === '1')
    await waitFor(async () => (await page.locator('.age').innerText()).startsWith('live'))
  })

  test('on a phone its menu opens and closes, and leads on', async () => {
    await open('/', { viewport: { width: 390, height: 844 } })
    const nav = page.getByRole('navigation', { name: 'Main' })
    expect(await nav.isVisible()).toBe(false)
    await page.getByRole('button', { name: 'Menu' }).click()
    await nav.getByRole('link', { name: 'Devices' }).click()

    await page.locator('.vtable').waitFor()
    expect(await nav.isVisible()).toBe(false)
  })
})

describe.each([
  ['English', 'en-GB'],
  ['Georgian', 'ka-GE'],
])('in %s, for an administrator', (_, locale) => {
  test('no part of the head covers another or sticks out, from a phone to a wall', async () => {
    const options = { locale, viewport: { width: 1920, height: 800 } }
    watched = await openPage(browser, api.url, options)
    ;({ page } = watched)
    await page.route('**/api/v1/session', async (route) => {
      const response = await route.fetch()
      const session = (await response.json()) as object
      const admin = { authenticated: true, name: 'Ekaterine Chavchavadze', role: 'admin' }
      await route.fulfill({ response, json: { ...session, ...admin } })
    })
    await page.goto(`${api.url}/devices`)
    await page.locator('.nav .badge:visible').waitFor()
    await page.locator('.vrow').first().waitFor()
    const wrong: string[] = []
    for (let width = 1920; width >= 360; width -= 20) {
      await page.setViewportSize({ width, height: 800 })
      wrong.push(...(await page.evaluate<string[]>(OVERLAPS)).map((each) => `${width}: ${each}`))
    }

    expect(wrong).toEqual([])
  })

  test('where the links have no room a menu has them, and each is one press away', async () => {
    await open('/devices', { locale, viewport: { width: 1000, height: 800 } })
    const links = page.locator('.nav li:not([hidden]) a')
    expect(await links.first().isVisible()).toBe(false)
    await page.locator('.nav-toggle').click()
    expect(await links.last().isVisible()).toBe(true)
    await page.setViewportSize({ width: 1920, height: 800 })

    await waitFor(async () => !(await page.locator('.nav-toggle').isVisible()))
    expect(await links.last().isVisible()).toBe(true)
  })
})

/** What of the head covers something else of it, or sticks out of the screen. */
const OVERLAPS = `(() => {
  const seen = [...document.querySelectorAll('.top > :not(nav), .top .nav a')]
    .map((element) => ({ element, box: element.getBoundingClientRect() }))
    .filter(({ box }) => box.width > 0)
  const name = ({ element }) => element.className || element.textContent
  const found = seen
    .filter(({ box }) => box.left < 0 || box.right > document.documentElement.clientWidth)
    .map((each) => name(each) + ' sticks out')
  for (const [index, one] of seen.entries()) {
    for (const other of seen.slice(index + 1)) {
      const isOver =
        one.box.left < other.box.right - 0.5 && other.box.left < one.box.right - 0.5 &&
        one.box.top < other.box.bottom - 0.5 && other.box.top < one.box.bottom - 0.5
      if (isOver) found.push(name(one) + ' and ' + name(other))
    }
  }
  return found
})()`

describe('what is chosen here', () => {
  test('dark on a light system stays dark, from the first paint of the next visit', async () => {
    await open('/', { colorScheme: 'light' })
    const background = () =>
      page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
    const light = await background()
    await page.getByRole('button', { name: /session and settings/ }).click()
    await page.getByText('Dark', { exact: true }).click()
    const dark = await background()
    await page.reload()

    expect(dark).not.toBe(light)
    expect(await background()).toBe(dark)
  })

  test('in Georgian every word of the shell is Georgian', async () => {
    await open('/', { viewport: { width: 1600, height: 800 } })
    await page.getByRole('button', { name: /session and settings/ }).click()
    expect(await accessibilityProblems(page)).toEqual([])
    await page.getByText('ქართული').click()
    await page.getByRole('link', { name: 'მოწყობილობები', exact: true }).click()
    await page.locator('.vtable').waitFor()

    expect(await page.locator('html').getAttribute('lang')).toBe('ka')
    expect(await page.title()).toBe('(1) მოწყობილობები · wardline')
    expect(await page.locator('.vhead').innerText()).not.toMatch(/[a-z]{4}/)
    expect(await page.locator('.vrow .c-downtime').first().textContent()).toMatch(/^2სთ/)
  })

  test('a browser in Georgian needs no choice', async () => {
    await open('/', { locale: 'ka-GE', viewport: { width: 1600, height: 800 } })

    await page.getByRole('link', { name: 'მოწყობილობები', exact: true }).waitFor()
  })
})

describe('times', () => {
  test('are the viewer’s, with UTC on hover', async () => {
    await open('/devices', { timezoneId: 'Pacific/Kiritimati' })
    const time = page.locator('.vrow .c-since time').first()
    await waitFor(async () => (await time.getAttribute('datetime')) !== null)
    const iso = (await time.getAttribute('datetime')) ?? ''

    expect(await time.getAttribute('title')).toBe(`${iso.slice(0, 19).replace('T', ' ')} UTC`)
    const hour = (Number(iso.slice(11, 13)) + 14) % 24
    expect(await time.textContent()).toContain(
      `${String(hour).padStart(2, '0')}:${iso.slice(14, 19)}`,
    )
  })
})

describe('addresses', () => {
  test.each([
    ['/?device=b2-atm-2', '/devices/b2-atm-2'],
    ['/?status=down', '/devices?status=down'],
  ])('an old link to %s leads to %s', async (old, now) => {
    await open(old)

    await waitFor(() => page.url() === api.url + now)
  })

  test('one that nothing is at answers 404 and says so', async () => {
    watched = await openPage(browser, api.url)
    ;({ page } = watched)
    const response = await page.goto(`${api.url}/nothing`)

    expect(response?.status()).toBe(404)
    await page.locator('main.view-none').getByRole('link').click()
    await page.locator('.tile').first().waitFor()
  })
})

describe('a page that hangs for months', () => {
  test('fetches its files once for good: a reload asks for none of them', async () => {
    await open()
    await page.locator('.tile').first().waitFor()
    await page.reload()
    await page.locator('.tile').first().waitFor()
    const fetched = await page.evaluate<string[]>(`
      performance
        .getEntriesByType('resource')
        .filter(({ name, transferSize }) => name.includes('/page/') && transferSize > 0)
        .map(({ name }) => name)`)

    expect(fetched).toEqual([])
  })
})

describe('who may not read', () => {
  test('is led to the sign-in, and nothing of the fleet is shown', async () => {
    watched = await openPage(browser, api.url)
    ;({ page } = watched)
    await page.route('**/api/v1/session', (route) =>
      route.fulfill({
        json: {
          authenticated: false,
          name: 'anybody',
          kind: 'open',
          role: 'viewer',
          scope: null,
          open_access: false,
          login: { password: true, oidc: null },
          needs_first_admin: false,
        },
      }),
    )
    await page.goto(`${api.url}/devices?status=down`)

    await waitFor(
      () => page.url() === `${api.url}/login?to=${encodeURIComponent('/devices?status=down')}`,
    )
    expect(await page.locator('.vrow').count()).toBe(0)
  })
})
