import type { BrowserContextOptions } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { waitFor } from '../wait.ts'
import { accessibilityProblems } from './browser.ts'
import { usePageStand } from './page-stand.ts'

const on = usePageStand()

async function open(path: string, options?: BrowserContextOptions): Promise<void> {
  await on.open(path, options)
  await on.page.locator('.device-title').waitFor()
}
const card = (name: string) => on.page.getByRole('region', { name, exact: true })
const chart = (name: string) => on.page.getByRole('slider', { name, exact: true })
const dialog = () => on.page.getByRole('dialog')
const query = () => new URL(on.page.url()).searchParams

describe('a device that is down', () => {
  test('says since when, why, which probes decided, and who was told', async () => {
    await open('/devices/batumi-1')
    await on.page.locator('.why-first').waitFor()

    expect(await on.page.locator('.device-state').textContent()).toMatch(/^downfor 4\dm/)
    expect(await on.page.locator('.why-first').textContent()).toMatch(
      /^No answer to \d+ probes since/,
    )
    const reasons = (await on.page.locator('.why-more').textContent()) ?? ''
    expect(reasons).toContain('3 in a row that fail are an outage')
    expect(reasons).toContain('noc-mail was told of DeviceDown')
    expect(await on.page.locator('.probes small').allTextContents()).toEqual(['first', 'confirmed'])
    expect(await on.page.locator('.why-body time').first().getAttribute('title')).toMatch(/ UTC$/)
  })

  test('shows its alert, and in the history of alerts each message with its receiver', async () => {
    await open('/devices/batumi-1')
    const alerts = card('Alerts')
    await alerts.locator('details summary').click()

    expect(await alerts.locator('.told li').first().textContent()).toMatch(/noc-mailaccepted/)
  })

  test('is acknowledged, and whoever looks sees by whom; it is taken back as easily', async () => {
    await open('/devices/batumi-1')
    await on.page.getByRole('group', { name: 'What can be done' }).getByText('Acknowledge').click()
    await dialog().getByLabel('Comment').fill('the line is being mended')
    await dialog().getByRole('button', { name: 'Acknowledge' }).click()

    await card('Alerts').getByText('acknowledged by nino: the line is being mended').waitFor()
    await on.page.locator('.device-state').getByText('acknowledged by nino').waitFor()
    await card('Alerts').getByText('Take acknowledgement back').click()
    await card('Alerts').getByText('acknowledged by nino').waitFor({ state: 'detached' })
  })

  test('names as its cause what it is reached through, one click away', async () => {
    await open('/devices/batumi-atm')
    expect(await on.page.locator('.status-word').textContent()).toBe('unreachable')
    expect(await on.page.locator('.family li').allTextContents()).toEqual([
      'Core routerup',
      'Batumi routerdown',
      'Batumi ATMunreachable',
    ])

    await on.page.locator('.device-state').getByRole('link', { name: 'Batumi router' }).click()

    await on.page.getByRole('heading', { level: 1, name: 'Batumi router' }).waitFor()
    expect(new URL(on.page.url()).pathname).toBe('/devices/batumi-1')
  })
})

describe('the charts of a device', () => {
  test('say in words what they show, the outage among it, for every range that is chosen', async () => {
    await open('/devices/gori-1?range=12h')
    const summary = async () => on.page.locator('.charts .hidden').first().textContent()
    await waitFor(async () => (await chart('Round-trip time').count()) === 1)

    expect(await summary()).toMatch(/mean: lowest \d.*highest \d.* 1 outage\./)
    expect(await card('Outages in this time').textContent()).toContain('1 outage, 25m in all')
    for (const range of ['30 min', '13 months', '1 h']) {
      await on.page.getByRole('button', { name: range, exact: true }).click()
      await on.page.locator(`.ranges [aria-pressed=true]:text-is("${range}")`).waitFor()
    }
    await waitFor(async () => !(await summary())?.includes('1 outage'))
    expect(query().get('range')).toBe('1h')
    await on.page.reload()
    await on.page.locator('.ranges [aria-pressed=true]:text-is("1 h")').waitFor()
  })

  test('zoom into what is dragged over, keep it in the address, and lead back', async () => {
    await open('/devices/gori-1?range=12h')
    const box = await chart('Round-trip time').boundingBox()
    if (box === null) throw new Error('there is a chart')
    await on.page.mouse.move(box.x + box.width * 0.4, box.y + 60)
    await on.page.mouse.down()
    await on.page.mouse.move(box.x + box.width * 0.6, box.y + 60, { steps: 5 })
    await on.page.mouse.up()

    await on.page.getByRole('button', { name: 'Back to 12 h' }).waitFor()
    const hours =
      (Date.parse(query().get('to') ?? '') - Date.parse(query().get('from') ?? '')) / 3.6e6
    expect(hours).toBeGreaterThan(1.5)
    expect(hours).toBeLessThan(3.5)
    await on.page.getByRole('button', { name: 'Back to 12 h' }).click()
    await on.page.locator('.ranges [aria-pressed=true]:text-is("12 h")').waitFor()
    expect(query().get('from')).toBeNull()
  })

  test('are read by keyboard, value by value, in the zone of the viewer and UTC', async () => {
    await open('/devices/gori-1?range=12h')
    await chart('Round-trip time').focus()
    await on.page.keyboard.press('End')
    const read = () => chart('Round-trip time').getAttribute('aria-valuetext')
    const last = await read()
    await on.page.keyboard.press('ArrowLeft')

    expect(last).toMatch(/^\d\d:\d\d:\d\d \(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\) · mean \d/)
    expect(await read()).not.toBe(last)
    await on.page.keyboard.press('+')
    await on.page.getByRole('button', { name: 'Back to 12 h' }).waitFor()
    await chart('Round-trip time').focus()
    await on.page.keyboard.press('Escape')
    await on.page.getByRole('button', { name: 'Back to 12 h' }).waitFor({ state: 'detached' })
  })

  test('hatch the maintenance that is planned while one looks', async () => {
    await open('/devices/gori-1')
    await on.page.getByRole('button', { name: 'Maintenance', exact: true }).click()
    await dialog().getByText('1 device').waitFor()
    await dialog().getByRole('button', { name: 'Plan it' }).click()

    await on.page.locator('.charts .legend-entry', { hasText: 'maintenance' }).first().waitFor()
    await on.page.locator('.device-state').getByText('maintenance: Work on Gori router').waitFor()
  })
})

describe('the interfaces of a device', () => {
  const names = () => on.page.locator('.interfaces tbody .if-name b').allTextContents()

  test('come with state, traffic, errors and lines; words and states narrow them', async () => {
    await open('/devices/gori-1')
    await on.page.locator('.interfaces tbody tr').first().waitFor()
    const row = (name: string) =>
      on.page.locator('.interfaces tbody tr', { hasText: name }).textContent()

    expect(await names()).toEqual(['Gi0/0', 'Gi0/1', 'Gi0/2', 'Gi0/3', 'Gi0/4'])
    expect(await row('Gi0/0')).toMatch(/line isp-a.*up.*200 Mbit\/s/)
    expect(await row('Gi0/2')).toContain('2.00/s')
    expect(await row('Gi0/3')).toContain('switched off')
    await on.page.getByLabel('Which interfaces').selectOption('Down')
    await waitFor(async () => (await names()).join() === 'Gi0/4')
    await on.page.getByLabel('Which interfaces').selectOption('All')
    await on.page.getByLabel('Search interfaces').fill('silk')
    await waitFor(async () => (await names()).join() === 'Gi0/1')
    expect(query().get('ifq')).toBe('silk')
  })

  test('are charted when they are chosen, and a link keeps the choice', async () => {
    await open('/devices/gori-1')
    await on.page.getByRole('button', { name: 'Chart Gi0/0' }).click()
    await chart('Traffic of Gi0/0').waitFor()

    expect(query().get('if')).toBe('1')
    await on.page.reload()
    await chart('Traffic of Gi0/0').waitFor()
    await on.page.getByRole('button', { name: 'Hide Gi0/0' }).click()
    await chart('Traffic of Gi0/0').waitFor({ state: 'detached' })
  })

  test('sort by a column, and the other way', async () => {
    await open('/devices/gori-1')
    await on.page.getByRole('button', { name: 'Out', exact: true }).click()
    await waitFor(async () => (await names())[0] === 'Gi0/2')
    await on.page.getByRole('button', { name: 'Name', exact: true }).click()
    await waitFor(async () => (await names())[0] === 'Gi0/0')
    await on.page.getByRole('button', { name: 'Name', exact: true }).click()
    await waitFor(async () => (await names())[0] === 'Gi0/4')
  })
})

describe('whoever may', () => {
  test('writes notes, as text and not as markup, and others read who wrote them', async () => {
    await open('/devices/gori-sw')
    await on.page.getByRole('button', { name: 'Edit notes' }).click()
    await on.page
      .getByRole('textbox', { name: 'Notes' })
      .fill('key at the guard\n<b>ask Giorgi</b>')
    await on.page.getByRole('button', { name: 'Save' }).click()
    await on.page.locator('.note-text').waitFor()
    await on.page.reload()
    await on.page.locator('.note-text').waitFor()

    expect(await on.page.locator('.note-text').textContent()).toBe(
      'key at the guard\n<b>ask Giorgi</b>',
    )
    expect(await card('Notes').textContent()).toContain('by nino')
  })

  test.each([
    ['Ping', 'ping'],
    ['SNMP test', 'snmp'],
  ])('probes it now (%s) and reads the answers as they come', async (name, kind) => {
    await open('/devices/gori-1')
    await Promise.all([
      on.page.waitForRequest(`**/api/v1/devices/gori-1/diagnostics/${kind}`),
      on.page.getByRole('button', { name, exact: true }).click(),
    ])
    await on.page.getByText('✓ 3 of 3 answered').waitFor()

    expect(await on.page.getByRole('log').textContent()).toContain('reply 3 in 13.0 ms')
  })

  test('silences its branch for two hours, and sees first what that is about', async () => {
    await open('/devices/gori-atm')
    await on.page.getByRole('button', { name: 'Silence', exact: true }).click()
    await dialog().getByText('1 device').waitFor()
    await dialog().getByLabel('Its branch: Gori').check()
    await dialog().getByText('3 devices').waitFor()
    await dialog().getByRole('button', { name: 'Silence' }).click()
    expect(await dialog().count()).toBe(1) // a reason is asked for
    await dialog().getByLabel('Why (others read it)').fill('new power line')
    await dialog().getByRole('button', { name: 'Silence' }).click()
    await dialog().waitFor({ state: 'detached' })

    const { body } = await on.stand.api.get('/api/v1/silences?state=active&device=gori-atm')
    expect(body).toMatchObject([
      {
        comment: 'new power line',
        created_by: 'nino',
        matchers: [{ name: 'branch', value: 'Gori' }],
      },
    ])
    const hours = (Date.parse(body[0].ends_at) - Date.now()) / 3.6e6
    expect(hours).toBeGreaterThan(1.9)
    expect(hours).toBeLessThan(2.1)
  })

  test('H3 changes its branch; what is wrong is said at the field', async () => {
    await open('/devices/core')
    await on.page.getByRole('button', { name: 'Edit', exact: true }).click()
    await dialog().getByLabel('Ping every').fill('soon')
    await dialog().getByRole('button', { name: 'Save' }).click()
    await dialog()
      .getByText(/expected a duration/)
      .first()
      .waitFor()
    await dialog().getByLabel('Ping every').fill('5m')
    await dialog().getByLabel('Branch').fill('Head office')
    await dialog().getByRole('button', { name: 'Save' }).click()
    await dialog().waitFor({ state: 'detached' })

    await on.page.locator('.crumb').getByText('Head office').waitFor()
    await card('Facts').getByText('a file, with changes made here').waitFor()
  })

  test('deletes a device after a question, and not without', async () => {
    await open('/devices/gori-sw')
    await on.page.getByRole('button', { name: 'Delete', exact: true }).click()
    await on.page.keyboard.press('Escape')
    await dialog().waitFor({ state: 'detached' })
    expect((await on.stand.api.get('/api/v1/devices/gori-sw')).status).toBe(200)
    await on.page.getByRole('button', { name: 'Delete', exact: true }).click()
    await dialog().getByRole('button', { name: 'Delete' }).click()
    await on.page.waitForURL('**/devices')

    await waitFor(async () => (await on.stand.api.get('/api/v1/devices/gori-sw')).status === 404)
  })
})

test('in Georgian it says why in Georgian', async () => {
  await open('/devices/gori-1', { locale: 'ka-GE' })
  const why = on.page.locator('.why-body')
  await on.page.locator('.why-first').waitFor()

  expect(await why.innerText()).toMatch(/[ა-ჰ]{4}/)
  expect(await why.innerText()).not.toMatch(/\b(the|since|probes?|answer|told|fires)\b/i)
})

test('whoever only looks has no buttons, and is told of no device that there is not', async () => {
  await on.openAsAnybody('/devices/gori-1')
  await on.page.locator('.why-first').waitFor()

  expect(await on.page.locator('.actions button:visible').count()).toBe(0)
  expect(await on.page.getByText('Probe it now').isVisible()).toBe(false)
  await on.page.goto(`${on.stand.api.url}/devices/nowhere`)
  await on.page.getByText('No device has the id nowhere.').waitFor()
})

describe.each(['dark', 'light'] as const)('in %s', (colorScheme) => {
  test('everything of a device has a name, a role and enough contrast, its dialogs too', async () => {
    await open('/devices/batumi-1', { colorScheme })
    await on.page.locator('.why-first').waitFor()
    await on.page.locator('.alerts-of').first().waitFor()
    expect(await accessibilityProblems(on.page)).toEqual([])
    for (const action of ['Silence', 'Maintenance', 'Edit']) {
      await on.page.getByRole('button', { name: action, exact: true }).first().click()
      await dialog().waitFor()
      expect(await accessibilityProblems(on.page)).toEqual([])
      await on.page.keyboard.press('Escape')
      await dialog().waitFor({ state: 'detached' })
    }
  })
})

test('on a phone nothing is wider than the screen', async () => {
  await open('/devices/gori-1?if=1', { viewport: { width: 390, height: 844 } })
  await chart('Traffic of Gi0/0').waitFor()

  expect(await on.page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
})
