import { describe, expect, test } from 'vitest'
import { waitFor } from '../wait.ts'
import { accessibilityProblems } from './browser.ts'
import { outAt } from './page-device-fleet.ts'
import { usePageStand } from './page-stand.ts'

/** Ten minutes into the outage of Gori, which is over by now. */
const then = outAt + 600_000
const AT = `${new Date(then).toISOString().slice(0, 19)}Z`
/** On the clock of who looks, in Tbilisi. */
const WRITTEN = new Date(then + 4 * 3_600_000).toISOString().slice(0, 19)

const on = usePageStand()
const button = (name: string) => on.page.getByRole('button', { name, exact: true })
const bar = () => on.page.getByRole('region', { name: 'Another time' })
const tile = (branch: string) =>
  on.page.locator('.tile').filter({ has: on.page.getByText(branch, { exact: true }) })
const at = () => new URL(on.page.url()).searchParams.get('at')

test('the wall shows a past instant that is chosen, says that it is past, and leads back to now', async () => {
  await on.open('/')
  await tile('Gori').locator('.mark[data-status=up]').waitFor()
  await on.page.getByTitle('Look at another time').click()
  await bar().getByLabel('Show the state of').fill(WRITTEN)
  await button('Show').click()
  await tile('Gori').locator('.mark[data-status=down]').waitFor()

  expect(at()).toBe(AT)
  expect(await bar().locator('.past-told').innerText()).toMatch(
    new RegExp(`^So it was at .*${WRITTEN.slice(11)}, not now\\.`),
  )
  expect(await tile('Gori').locator('.tile-time').innerText()).toBe('10m')
  expect(await on.page.locator('.age').innerText()).toContain('past')
  expect(await on.page.title()).toMatch(/^\(1\)/)
  await button('Back to now').click()
  await tile('Gori').locator('.mark[data-status=up]').waitFor()
  expect(at()).toBeNull()
  expect(await bar().isVisible()).toBe(false)
})

test('a link shows the same, and whoever goes on stays in that time', async () => {
  await on.open(`/?at=${AT}`)
  await tile('Gori').click()
  const row = on.page.locator('.vrow', { hasText: 'Gori router' })
  await row.locator('.c-downtime', { hasText: '10m' }).waitFor()
  expect(await on.page.locator('.vrow:visible').count()).toBe(3)
  await on.page.getByRole('searchbox', { name: /Search by name/ }).fill('router')
  await waitFor(async () => (await on.page.locator('.vrow:visible').count()) === 1)
  expect(at()).toBe(AT)
  await row.getByRole('link').click()

  await on.page.locator('.device-state', { hasText: /^downfor 10m/ }).waitFor()
  expect(at()).toBe(AT)
  await on.page.goBack()
  await row.waitFor()
})

describe('a device at a past instant', () => {
  test('is told as it was then: why, and its charts up to then; nothing can be done to it', async () => {
    await on.open(`/devices/gori-1?at=${AT}&range=1h`)
    await on.page.locator('.why-first').waitFor()

    expect(await on.page.locator('.why-first').innerText()).toMatch(
      /^No answer to \d+ probes since/,
    )
    const summary = on.page.locator('.charts .hidden').first()
    await waitFor(async () => /1 outage/.test((await summary.textContent()) ?? ''))
    expect(await on.page.locator('.actions').count()).toBe(0)
    expect(await on.page.getByText('Probe it now').count()).toBe(0)
    await button('Back to now').click()
    await on.page.locator('.device-state', { hasText: /^upfor/ }).waitFor()
    expect(await button('Silence').isVisible()).toBe(true)
    expect(new URL(on.page.url()).search).toBe('?range=1h')
  })

  test('a step goes on in time by keyboard, and the focus stays', async () => {
    await on.open(`/devices/gori-1?at=${AT}`)
    await button('+1h').focus()
    await on.page.keyboard.press('Enter')
    await on.page.locator('.device-state', { hasText: /^upfor 45m/ }).waitFor()

    expect(await on.page.locator(':focus').innerText()).toBe('+1h')
    await on.page.goBack()
    await on.page.locator('.device-state', { hasText: /^down/ }).waitFor()
  })
})

test('what is no past time is told, and now is shown', async () => {
  await on.open('/?at=2999-01-01T00:00:00Z')
  await on.page.getByText('That is no time that is past.').waitFor()
  await tile('Gori').locator('.mark[data-status=up]').waitFor()

  expect(at()).toBeNull()
})

test('of an instant that the API has no answer for nothing is shown; it is asked again at a press', async () => {
  await on.open('/')
  let isAway = true
  await on.page.route('**/api/v1/devices?at=*', (route) =>
    isAway
      ? route.fulfill({ status: 503, json: { title: 'Away', detail: 'VictoriaMetrics is away' } })
      : route.continue(),
  )
  await on.page.getByTitle('Look at another time').click()
  await bar().getByLabel('Show the state of').fill(WRITTEN)
  await on.page.keyboard.press('Enter')
  await bar().getByText('VictoriaMetrics is away').waitFor()
  expect(await on.page.locator('.tile').count()).toBe(0)
  // Nor is anything said of it, least of all that all is well.
  expect(await on.page.locator('.wall-outages').isVisible()).toBe(false)
  expect(new Set(await on.page.locator('.wall-facts dd').allInnerTexts())).toEqual(new Set(['–']))
  await on.page.locator('.nav').getByRole('link', { name: 'Devices' }).click()
  await on.page.locator('.status-chip').first().waitFor()
  expect(new Set(await on.page.locator('.status-chip:visible b').allInnerTexts())).toEqual(
    new Set(['–']),
  )
  expect(await on.page.locator('.shown').innerText()).toBe('')
  await on.page.goBack()
  isAway = false
  await bar().getByRole('button', { name: 'Try again' }).click()

  await tile('Gori').locator('.mark[data-status=down]').waitFor()
})

test('what is asked of now meanwhile does not reach what is past', async () => {
  await on.open('/account')
  await on.page.clock.install()
  await on.page.goto(`${on.stand.api.url}/devices?at=${AT}`)
  const row = on.page.locator('.vrow', { hasText: 'Gori router' })
  await row.locator('.c-downtime', { hasText: '10m' }).waitFor()
  await waitFor(async () => (await on.page.locator('.nav .badge').innerText()) === '1')
  const figures = on.page.waitForResponse('**/api/v1/devices?fields=**')
  await on.page.clock.fastForward(10_500)
  await figures

  expect(await row.locator('.c-downtime').innerText()).toBe('10m')
  expect(await row.locator('.c-status').innerText()).toBe('down')
})

describe.each(['dark', 'light'] as const)('in %s', (colorScheme) => {
  test.each(['/', '/devices', '/devices/gori-1'])(
    'what is past at %s has names, roles and enough contrast',
    async (path) => {
      await on.open(`${path}?at=${AT}`, { colorScheme })
      await on.page.locator('.tile, .vrow, .why-first').first().waitFor()

      expect(await accessibilityProblems(on.page)).toEqual([])
    },
  )
})

test('on a phone nothing is wider than the screen', async () => {
  await on.open(`/?at=${AT}`, { viewport: { width: 390, height: 844 } })
  await tile('Gori').waitFor()

  expect(await on.page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
})
