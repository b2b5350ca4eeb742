import { describe, expect, test } from 'vitest'
import { waitFor } from '../wait.ts'
import { accessibilityProblems } from './browser.ts'
import { usePageStand } from './page-stand.ts'

const on = usePageStand()
const button = (name: string) => on.page.getByRole('button', { name, exact: true })
const dialog = () => on.page.getByRole('dialog')
const field = (name: string) => dialog().getByLabel(name, { exact: true })
const device = async (id: string) => (await on.stand.api.get(`/api/v1/devices/${id}`)).body

const fileOf = (name: string, lines: readonly string[]) => ({
  name,
  mimeType: 'text/plain',
  buffer: Buffer.from(lines.join('\n')),
})
const HEAD = 'id,address,name,branch'

describe('a device is added', () => {
  test('H3 and is in the list, in its branch and behind its parent at once', async () => {
    await on.open('/devices')
    await button('Add a device').click()
    await field('Id').fill('gori-cam')
    await field('Address').fill('198.18.7.9')
    await field('Name').fill('Gori camera')
    await field('Branch').fill('Gori')
    await field('Parents').fill('gori-1')
    await dialog().getByRole('button', { name: 'Add' }).click()
    await on.page.getByText('Gori camera is added.').waitFor()
    await on.page.getByRole('heading', { level: 1, name: 'Gori camera' }).waitFor()

    expect(new URL(on.page.url()).pathname).toBe('/devices/gori-cam')
    expect(await on.page.locator('.family li').allTextContents()).toContainEqual(
      expect.stringMatching(/^Gori camera/),
    )
    const { body } = await on.stand.api.get('/api/v1/devices?branch=Gori&fields=id')
    expect(body).toContainEqual({ id: 'gori-cam' })
  })

  test('what is wrong stands at its field, which has the focus; the rest stays as it was typed', async () => {
    await on.open('/devices')
    await button('Add a device').click()
    await field('Id').fill('x-1')
    await field('Address').fill('198.18.7.9 -')
    await field('Ping every').fill('soon')
    await field('Poll every').fill('often')
    await field('Name').fill('X')
    await field('Name').press('Enter')
    const wrong = dialog().locator('.field-note.bad:visible')
    await waitFor(async () => (await wrong.count()) === 2)

    expect(await wrong.allInnerTexts()).toEqual([
      expect.stringMatching(/^expected a duration.*"soon"/),
      expect.stringMatching(/^expected a duration.*"often"/),
    ])
    expect(await field('Ping every').getAttribute('aria-invalid')).toBe('true')
    expect(await on.page.locator(':focus').inputValue()).toBe('soon')
    await field('Ping every').fill('')
    await field('Poll every').fill('')
    await field('Name').press('Enter')
    await dialog().getByText('did you mean 198.18.7.9?', { exact: false }).waitFor()
    expect(await on.page.locator(':focus').inputValue()).toBe('198.18.7.9 -')
    expect(await field('Name').inputValue()).toBe('X')
    expect(await accessibilityProblems(on.page)).toEqual([])
  })

  test('an id that is taken names the device that has it, with a way to it', async () => {
    await on.open('/devices')
    await button('Add a device').click()
    await field('Id').fill('gori-1')
    await field('Address').fill('198.18.7.99')
    await dialog().getByRole('button', { name: 'Add' }).click()
    await dialog().getByText('the id is taken by "Gori router"', { exact: false }).waitFor()
    const [other] = await Promise.all([
      on.page.waitForEvent('popup'),
      dialog().getByRole('link', { name: 'See Gori router' }).click(),
    ])
    await other.getByRole('heading', { level: 1, name: 'Gori router' }).waitFor()

    expect(await field('Address').inputValue()).toBe('198.18.7.99')
  })
})

test('a device with others behind it is not deleted: they are named, with a way to the first', async () => {
  await on.open('/devices/batumi-1')
  await button('Delete').click()
  await dialog().getByRole('button', { name: 'Delete' }).click()
  await dialog().getByText('batumi-atm is behind it', { exact: false }).waitFor()

  expect(await dialog().getByRole('link', { name: 'See Batumi ATM' }).getAttribute('href')).toBe(
    '/devices/batumi-atm',
  )
  expect((await device('batumi-1')).name).toBe('Batumi router')
})

describe('a device that was deleted', () => {
  const open = async () => {
    await on.open('/devices')
    await button('Deleted devices').click()
    await dialog().waitFor()
  }
  const lines = () => dialog().locator('tbody tr')

  test('H3 is brought back from the list of those that are, and is monitored again', async () => {
    await on.open('/devices/batumi-atm')
    await button('Delete').click()
    await dialog().getByRole('button', { name: 'Delete' }).click()
    await on.page.waitForURL('**/devices')
    expect((await on.stand.api.get('/api/v1/devices/batumi-atm')).status).toBe(404)
    await open()
    await lines().filter({ hasText: 'Batumi ATM' }).waitFor()
    expect(await lines().first().innerText()).toMatch(/^Batumi ATM batumi-atm\s+Batumi\s.*nino/)
    expect(await accessibilityProblems(on.page)).toEqual([])
    await dialog().getByRole('button', { name: 'Restore Batumi ATM' }).click()
    await on.page.getByText('Batumi ATM is restored.').waitFor()
    await dialog().getByText('No device is deleted.').waitFor()
    await on.page.keyboard.press('Escape')
    await on.page.getByRole('link', { name: 'Batumi ATM' }).waitFor()

    expect(await device('batumi-atm')).toMatchObject({ name: 'Batumi ATM', branch: 'Batumi' })
  })

  test('is found by typing; what keeps it from coming back is told, and tried again', async () => {
    const page = await on.open('/devices')
    const { url } = on.stand.api
    for (const id of ['batumi-atm', 'batumi-1']) {
      const headers = { origin: url }
      const answer = await page.request.delete(`${url}/api/v1/devices/${id}`, { headers })
      // A second try finds them deleted.
      expect([204, 404]).toContain(answer.status())
    }
    await open()
    await lines().nth(1).waitFor()
    await dialog().getByRole('searchbox').fill('atm')
    await waitFor(async () => (await lines().count()) === 1)
    await dialog().getByRole('searchbox').press('Enter')
    await on.page.route('**/restore', (route) =>
      route.fulfill({ status: 503, json: { detail: 'Redis is away' } }),
    )
    await button('Restore Batumi ATM').click()
    await dialog().getByRole('alert').filter({ hasText: 'Redis is away' }).waitFor()
    await on.page.unroute('**/restore')
    await button('Restore Batumi ATM').click()
    await button('Restore Batumi router').click()
    await dialog().getByText('No device is deleted.').waitFor()

    // Behind what it was behind.
    await waitFor(async () => (await device('batumi-atm')).parents?.[0] === 'batumi-1')
  })
})

describe('many devices at once', () => {
  const rows = () => dialog().locator('.bulk tbody tr')
  const choose = (name: string, ...lines: string[]) =>
    dialog().getByLabel('File').setInputFiles(fileOf(name, lines))

  test('a CSV is tried first: what is wrong is told line by line, and nothing is done', async () => {
    await on.open('/devices')
    await button('Import devices').click()
    await choose(
      'devices.csv',
      HEAD,
      'poti-1,198.18.9.1,Poti router,Poti',
      'gori-1,198.18.7.1,Gori edge,Gori',
      'poti-2,,,Poti',
    )
    await dialog().getByText('2 things are wrong.', { exact: false }).waitFor()

    expect(await rows().allInnerTexts()).toEqual([
      expect.stringMatching(/^3\s+wrong\s+gori-1\s+id: the id is taken by "Gori router"/),
      expect.stringMatching(/^4\s+wrong\s+poti-2\s+address: /),
      expect.stringMatching(/^2\s+add\s+poti-1\s+name Poti router/),
    ])
    expect(await button('Import all').isDisabled()).toBe(true)
    expect(await accessibilityProblems(on.page)).toEqual([])
    await dialog().getByLabel('Change devices that are there already').check()
    await dialog().getByText('1 thing is wrong.', { exact: false }).waitFor()
    expect((await on.stand.api.get('/api/v1/devices/poti-1')).status).toBe(404)
  })

  test('a CSV without a mistake is imported as the table said', async () => {
    await on.open('/devices')
    await button('Import devices').click()
    await dialog().getByLabel('Change devices that are there already').check()
    await choose(
      'devices.csv',
      HEAD,
      'poti-1,198.18.9.1,Poti router,Poti',
      'core,198.18.0.1,Core,HQ',
    )
    await dialog().getByText('1 device is added, 1 is changed').waitFor()
    expect(await rows().last().innerText()).toMatch(/name Core router → Core/)
    await button('Import all').click()
    await on.page.getByText('2 devices are imported.').waitFor()

    expect(await device('poti-1')).toMatchObject({ name: 'Poti router', branch: 'Poti' })
    expect(await device('core')).toMatchObject({ name: 'Core', branch: 'HQ' })
    await on.page.getByRole('link', { name: 'Poti router' }).waitFor()
  })

  test('a JSON that is pasted is imported, too, by keyboard; one that is none is told', async () => {
    await on.open('/devices')
    await button('Import devices').press('Enter')
    await dialog().getByText('Or paste it').first().click()
    const pasted = dialog().getByRole('textbox', { name: 'Or paste it' })
    await pasted.fill('[{"id": "poti-3", ')
    await dialog().getByText('It is no JSON that can be read', { exact: false }).waitFor()
    await pasted.fill('{"devices": [{"id": "poti-3", "address": "198.18.9.3"}]}')
    await dialog().getByText('1 device is added').waitFor()
    await button('Import all').press('Enter')
    await dialog().waitFor({ state: 'detached' })

    await waitFor(async () => (await device('poti-3')).address === '198.18.9.3')
  })
})

test('whoever is no administrator is offered none of it', async () => {
  await on.openAsAnybody('/devices')
  await on.page.locator('.vrow').first().waitFor()

  expect(await button('Add a device').isVisible()).toBe(false)
  expect(await button('Import devices').isVisible()).toBe(false)
  expect(await button('Deleted devices').isVisible()).toBe(false)
})

describe.each(['dark', 'light'] as const)('in %s', (colorScheme) => {
  test.each(['Add a device', 'Import devices'])(
    '%s has names, roles and contrast',
    async (name) => {
      await on.open('/devices', { colorScheme })
      await button(name).click()
      await dialog().waitFor()

      expect(await accessibilityProblems(on.page)).toEqual([])
    },
  )
})

test('on a phone the form is no wider than the screen', async () => {
  await on.open('/devices', { viewport: { width: 390, height: 844 } })
  await button('Add a device').click()
  await dialog().waitFor()

  expect(await on.page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
  expect(await dialog().evaluate((at) => at.scrollWidth <= at.clientWidth)).toBe(true)
})
