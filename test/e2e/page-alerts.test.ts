import { describe, expect, test } from 'vitest'
import { alert, feed, slot } from '../integration/api/stand.ts'
import { waitFor } from '../wait.ts'
import { accessibilityProblems } from './browser.ts'
import { usePageStand } from './page-stand.ts'

const on = usePageStand()

const { open } = on
const dialog = () => on.page.getByRole('dialog')
const button = (name: string) => on.page.getByRole('button', { name, exact: true })

describe('alerts', () => {
  const row = () => on.page.locator('.alert-table tbody tr')

  test('list what fires, where and for how long, and filters in the address narrow them', async () => {
    await open('/alerts')
    await row().first().waitFor()

    expect(await row().first().textContent()).toMatch(
      /critical.*DeviceDown.*Batumi router.*Batumi, Adjara.*4\dm/,
    )
    await on.page.getByLabel('Severity').selectOption('warning')
    await on.page.getByText('Nothing matches these filters.').waitFor()
    expect(new URL(on.page.url()).search).toBe('?severity=warning')
    await on.page.reload()
    await on.page.getByText('Nothing matches these filters.').waitFor()
  })

  test('are acknowledged from their row', async () => {
    await open('/alerts')
    await row()
      .getByRole('button', { name: /^Acknowledge/ })
      .click()
    await dialog().getByLabel('Comment').fill('on it')
    await dialog().getByRole('button', { name: 'Acknowledge' }).click()
    await row().getByText('acknowledged by nino').waitFor()
    await row()
      .getByRole('button', { name: /^Take acknowledgement back/ })
      .click()

    await row().getByText('firing', { exact: true }).waitFor()
  })

  test('are silenced from their row: just this one, as its matchers say', async () => {
    await open('/alerts')
    await row()
      .getByRole('button', { name: /^Silence/ })
      .click()
    await dialog().getByText('1 alert that fires now', { exact: false }).waitFor()
    const values = await dialog()
      .locator('.matchers input.value')
      .evaluateAll((inputs) => inputs.map((input) => (input as unknown as { value: string }).value))
    expect(values).toEqual(['DeviceDown', 'batumi-1'])
    await dialog().getByLabel('Why (others read it)').fill('known, the mast is down')
    await dialog().getByRole('button', { name: 'Silence' }).click()
    await dialog().waitFor({ state: 'detached' })

    const { body } = await on.stand.api.get('/api/v1/silences?q=mast')
    expect(body).toHaveLength(1)
  })

  test('have a history with who was told, chosen by keyboard', async () => {
    await open('/alerts')
    await on.page.getByRole('tab', { name: 'Now' }).focus()
    await on.page.keyboard.press('ArrowRight')
    await on.page.getByText('1 of 1 alert').waitFor()
    const line = await on.page.locator('.alerts-of > li').boundingBox()
    // A line of its own, as long as the list.
    expect(line?.width).toBe((await on.page.locator('.alerts-of').boundingBox())?.width)
    await on.page.locator('.alerts-of summary').click()

    expect(await on.page.locator('.told li').textContent()).toContain('noc-mail')
    expect(new URL(on.page.url()).search).toBe('?tab=history')
    await on.page.getByRole('search').getByLabel('Search', { exact: true }).fill('batumi')
    await on.page.getByText('1 of 1 alert').waitFor()
    await on.page.getByLabel('Severity').selectOption('warning')
    await on.page.getByText('Nothing matches these filters.').waitFor()
  })
})

describe('silences', () => {
  test('are made for a branch, changed and ended, each after a look at what it is about', async () => {
    await open('/silences')
    await button('New silence').click()
    await dialog().getByRole('radio', { name: 'A branch' }).check()
    await dialog().locator('[data-kind=branch] select').selectOption('Gori')
    await dialog().getByText('3 devices').waitFor()
    await dialog().getByRole('radio', { name: '8h' }).check()
    await dialog().getByLabel('Why (others read it)').fill('power works')
    await dialog().getByRole('button', { name: 'Silence' }).click()
    const silence = on.page.locator('.silence', { hasText: 'power works' })
    await silence.getByText('branch="Gori"').waitFor()
    await silence.getByText('in force').waitFor()

    await silence.getByRole('button', { name: 'Change' }).click()
    await dialog().getByLabel('Why (others read it)').fill('power works, second day')
    await dialog().getByRole('button', { name: 'Save' }).click()
    const changed = on.page.locator('.silence', { hasText: 'second day' })
    await changed.getByRole('button', { name: 'End it' }).click()
    await dialog().getByRole('button', { name: 'End it' }).click()
    await changed.waitFor({ state: 'detached' })
    await on.page.getByLabel('State', { exact: true }).selectOption('ended')
    await changed.waitFor()
  })
})

describe('maintenance', () => {
  test('is planned again and again, with the next times before it is kept, and stands on the calendar', async () => {
    await open('/maintenance')
    await button('Plan maintenance').click()
    await dialog().getByLabel('Name').fill('Night backups')
    await dialog().getByRole('radio', { name: 'A region' }).check()
    await dialog().locator('[data-kind=region] select').selectOption('Shida Kartli')
    await dialog().getByRole('radio', { name: 'Again and again' }).check()
    await dialog().getByLabel('How often').selectOption('day')
    await waitFor(async () => (await dialog().locator('.occurrences li').count()) === 5)
    expect(await dialog().locator('.occurrences li').first().textContent()).toMatch(
      /02:00:00 – .*04:00:00/,
    )
    await dialog().getByLabel('How often').selectOption('cron')
    await dialog().getByLabel('Cron expression').fill('0 26 * * *')
    await dialog()
      .getByText(/expected a cron expression/)
      .waitFor()
    await dialog().getByLabel('Cron expression').fill('30 3 * * 1')
    await dialog()
      .getByText(/03:30:00 – .*05:30:00/)
      .first()
      .waitFor()
    await dialog().getByRole('button', { name: 'Plan it' }).click()
    const card = on.page.locator('.window', { hasText: 'Night backups' })
    await card.getByText('Each Mon at 03:30 for 2h (Asia/Tbilisi)').waitFor()

    await button('Later').click()
    await on.page.locator('.calendar-bar', { hasText: 'Night backups' }).first().waitFor()
    expect(await on.page.locator('.calendar-bar').count()).toBeGreaterThanOrEqual(4)
    await button('Week').click()
    await on.page.locator('.calendar-block', { hasText: '03:30–05:30' }).waitFor()
    expect(new URL(on.page.url()).searchParams.get('show')).toBe('week')
    await on.page.locator('.calendar-block').first().click()
    expect(await on.page.locator(':focus').textContent()).toContain('Night backups')
    await card.getByRole('button', { name: 'Remove' }).click()
    await dialog().getByRole('button', { name: 'Remove' }).click()
    await card.waitFor({ state: 'detached' })
    await waitFor(async () => (await on.page.locator('.calendar-block').count()) === 0)
  })
})

describe('whoever is not signed in', () => {
  test('sees what is decided, and no button that decides', async () => {
    for (const path of ['/alerts', '/silences', '/maintenance']) {
      await on.openAsAnybody(path)
      await on.page.locator('.view-body').first().waitFor()
      const verbs = on.page.getByRole('button', {
        name: /^(Acknowledge|Silence|New silence|Plan|Change|Remove|End)/,
      })
      expect(await verbs.count()).toBe(0)
    }
  })
})

describe.each(['dark', 'light'] as const)('in %s', (colorScheme) => {
  test.each([
    '/alerts',
    '/alerts?tab=history',
    '/silences?state=expired',
    '/maintenance',
    '/maintenance?show=week',
    '/account',
  ])('%s has names, roles and enough contrast', async (path) => {
    await open(path, { colorScheme })
    await waitFor(
      async () => !((await on.page.locator('main').textContent()) ?? '').includes('Loading…'),
    )

    expect(await accessibilityProblems(on.page)).toEqual([])
  })
})

test('on a phone an alert says where, for how long and what can be done, without scrolling sideways', async () => {
  await open('/alerts', { viewport: { width: 390, height: 844 } })
  const row = on.page.locator('.alert-table tbody tr').first()
  await row.waitFor()

  for (const cell of await row.locator('td').all()) {
    const { x = 0, width = 0 } = (await cell.boundingBox()) ?? {}
    expect(x + width).toBeLessThanOrEqual(390)
  }
  expect(await accessibilityProblems(on.page)).toEqual([])
})

test('on a phone nothing is wider than the screen', async () => {
  for (const path of ['/alerts', '/silences', '/maintenance', '/account']) {
    await open(path, { viewport: { width: 390, height: 844 } })
    await on.page.locator('.view-body').first().waitFor()
    expect(await on.page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
  }
})

test('of more alerts than are shown at once the rest is a click away, and stays', async () => {
  // Its own words, so that a second try isn't told of the first one's.
  const batch = `batch-${slot()}`
  await firePorts(
    batch,
    Array.from({ length: 650 }, (_, port) => port),
  )
  await open(`/alerts?severity=info&q=${batch}`)
  const rows = () => on.page.locator('.alert-table tbody tr').count()
  const status = on.page.locator('.view-body [role=status]')
  await status.getByText('300 of 650 alerts').waitFor()
  expect(await rows()).toBe(300)
  await button('Show more').focus()
  await on.page.keyboard.press('Enter')
  await status.getByText('600 of 650 alerts').waitFor()
  // What fires meanwhile doesn't throw the reader back to the first page.
  await firePorts(batch, [650])
  await status.getByText('600 of 651 alerts').waitFor()
  expect(await rows()).toBe(600)
  await button('Show more').press('Enter')
  await status.getByText('651 alerts', { exact: true }).waitFor()

  expect(await rows()).toBe(651)
  expect(await on.page.locator('.table-scroll:focus').count()).toBe(1)
  expect(await button('Show more').isVisible()).toBe(false)
  await on.page.getByLabel('Severity').selectOption('critical')
  await on.page.getByText('Nothing matches these filters.').waitFor()
})

async function firePorts(batch: string, ports: readonly number[]): Promise<void> {
  const labels = { alertname: 'PortErrors', alertstate: 'firing', severity: 'info', batch }
  const at = slot()
  await feed(
    on.stand.stores.victoriaMetrics,
    // As rules write them, again and again: for longer than a busy machine takes to look at them.
    [0, 30_000, 60_000, 90_000, 120_000].flatMap((laterMs) =>
      ports.flatMap((port) =>
        alert({ ...labels, device: 'batumi-1', ifIndex: String(port) }, at, at + laterMs),
      ),
    ),
  )
}
