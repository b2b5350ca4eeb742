import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { accessibilityProblems, type WatchedPage } from './browser.ts'
import { PASSWORD, type PageStand, startPageStand } from './page-stand.ts'

// A story: nobody is there yet, somebody claims wardline, and lets others in. Each test goes on from the one before.

let stand: PageStand
let watched: WatchedPage
let page: Page
let token = ''

beforeAll(async () => {
  stand = await startPageStand({ signsIn: false, isOpen: false })
})
afterAll(async () => {
  await stand?.[Symbol.asyncDispose]()
})
afterEach(async () => {
  await page.context().close()
  expect(watched.faults).toEqual([])
})

async function open(path: string): Promise<void> {
  watched = await stand.asAnybody(path)
  ;({ page } = watched)
}
const dialog = () => page.getByRole('dialog')
const button = (name: string) => page.getByRole('button', { name, exact: true })
const who = () => page.locator('.who-name').textContent()

async function signIn(user: string, password: string, to = '/account'): Promise<void> {
  await open(`/login?to=${to}`)
  await page.getByLabel('Name').fill(user)
  await page.getByLabel('Password').fill(password)
  await button('Sign in').click()
}

test('the one-time link makes the first administrator, and does not stay in the address', async () => {
  await open(await stand.link())
  expect(new URL(page.url()).hash).toBe('')
  expect(await accessibilityProblems(page)).toEqual([])
  await page.getByLabel('Name').fill('nino')
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByLabel('The same password again').fill('something else')
  await button('Create and sign in').click()
  await page.getByText('The two passwords differ.').waitFor()
  await page.getByLabel('The same password again').fill(PASSWORD)
  await button('Create and sign in').click()
  await page.waitForURL(`${stand.api.url}/`)

  expect(await who()).toBe('nino')
})

test('where nobody may look, every address leads to signing in, and from there to where it was', async () => {
  await open('/silences?q=roof')
  await page.waitForURL('**/login?to=**')
  await page.getByLabel('Name').fill('nino')
  await page.getByLabel('Password').fill(PASSWORD)
  await page.keyboard.press('Enter')

  await page.waitForURL(`${stand.api.url}/silences?q=roof`)
})

test('a wrong password is refused in words; the right one leads to where one wanted to go', async () => {
  await signIn('nino', 'not this one', '/silences%3Fq%3Droof')
  await page.getByRole('alert').filter({ hasText: /wrong/ }).waitFor()
  expect(await accessibilityProblems(page)).toEqual([])
  await page.getByLabel('Password').fill(PASSWORD)
  await page.keyboard.press('Enter')

  await page.waitForURL(`${stand.api.url}/silences?q=roof`)
})

test('no address leads to another site after signing in', async () => {
  await signIn('nino', PASSWORD, 'https%3A%2F%2Fexample.com%2F')
  await page.waitForURL(`${stand.api.url}/`)

  expect(await who()).toBe('nino')
})

test('an administrator makes a token, which is shown this once and lets a program in', async () => {
  await signIn('nino', PASSWORD)
  await button('Make a token').click()
  await dialog().getByLabel('Name').fill('grafana')
  await dialog().getByRole('button', { name: 'Make it' }).click()
  token = await page.getByLabel('The token', { exact: true }).inputValue()
  await page.keyboard.press('Escape')
  await page.getByRole('cell', { name: 'grafana', exact: true }).waitFor()
  await page.reload()
  await page.getByRole('cell', { name: 'grafana', exact: true }).waitFor()

  expect(await page.locator('body').textContent()).not.toContain(token)
  const { body } = await stand.api.get('/api/v1/session', { authorization: `Bearer ${token}` })
  expect(body).toMatchObject({ authenticated: true, kind: 'token', role: 'viewer' })
  await page.getByRole('button', { name: 'Revoke grafana' }).click()
  await dialog().getByRole('button', { name: 'Revoke' }).click()
  await page.getByText('No program signs in with a token.').waitFor()
  const refused = await stand.api.get('/api/v1/session', { authorization: `Bearer ${token}` })
  expect(refused.body.authenticated ?? false).toBe(false)
})

test('H5 a user of one region sees that region alone', async () => {
  await signIn('nino', PASSWORD)
  await button('Add a user').click()
  await dialog().getByLabel('Name').fill('giorgi')
  await dialog().getByLabel('Password').fill('another long password')
  await dialog().getByLabel('Role').selectOption('operator')
  await dialog().getByLabel('Only these regions').selectOption('Adjara')
  await dialog().getByRole('button', { name: 'Add' }).click()
  await page.getByRole('cell', { name: 'giorgi', exact: true }).waitFor()
  await page.context().close()
  await signIn('giorgi', 'another long password', '/devices')
  await page.getByText('2 devices', { exact: true }).waitFor()

  expect(await page.locator('.vrow:visible').allTextContents()).toHaveLength(2)
  await page.goto(`${stand.api.url}/devices/gori-1`)
  await page.getByText('No device has the id gori-1.').waitFor()
})

test('another password of one’s own ends the session, and signs in', async () => {
  await signIn('giorgi', 'another long password')
  await page.getByLabel('Current password').fill('another long password')
  await page.getByLabel('New password').fill('a third long password')
  await page.getByLabel('The same password again').fill('a third long password')
  await button('Set the password').click()
  await page.waitForURL('**/login?to=**')
  await page.getByLabel('Name').fill('giorgi')
  await page.getByLabel('Password').fill('a third long password')
  await button('Sign in').click()
  await page.waitForURL('**/account')

  expect(await who()).toBe('giorgi')
})
