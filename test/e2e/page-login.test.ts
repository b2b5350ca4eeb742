import { expect, test } from 'vitest'
import { accessibilityProblems, openPage } from './browser.ts'
import { PASSWORD, usePageStand } from './page-stand.ts'

// A story: nobody is there yet, somebody claims wardline, and lets others in. Each test goes on from the one before.

const on = usePageStand({ signsIn: false, isOpen: false })
const open = on.openAsAnybody
let token = ''

const dialog = () => on.page.getByRole('dialog')
const button = (name: string) => on.page.getByRole('button', { name, exact: true })
const who = () => on.page.locator('.who-name').textContent()

async function signIn(user: string, password: string, to = '/account'): Promise<void> {
  await open(`/login?to=${to}`)
  await on.page.getByLabel('Name').fill(user)
  await on.page.getByLabel('Password').fill(password)
  await button('Sign in').click()
}

test('the one-time link makes the first administrator, and does not stay in the address', async () => {
  await open(await on.stand.link())
  expect(new URL(on.page.url()).hash).toBe('')
  expect(await accessibilityProblems(on.page)).toEqual([])
  await on.page.getByLabel('Name').fill('nino')
  await on.page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await on.page.getByLabel('The same password again').fill('something else')
  await button('Create and sign in').click()
  await on.page.getByText('The two passwords differ.').waitFor()
  await on.page.getByLabel('The same password again').fill(PASSWORD)
  await button('Create and sign in').click()
  await on.page.waitForURL(`${on.stand.api.url}/`)

  expect(await who()).toBe('nino')
})

test('where nobody may look, every address leads to signing in, and from there to where it was', async () => {
  await open('/silences?q=roof')
  await on.page.waitForURL('**/login?to=**')
  await on.page.getByLabel('Name').fill('nino')
  await on.page.getByLabel('Password').fill(PASSWORD)
  await on.page.keyboard.press('Enter')

  await on.page.waitForURL(`${on.stand.api.url}/silences?q=roof`)
})

test('a report to print leads to signing in, and from there to the report', async () => {
  await open('/reports/availability?by=branch&tz=Asia/Tbilisi')
  await on.page.waitForURL('**/login?to=**')
  await on.page.getByLabel('Name').fill('nino')
  await on.page.getByLabel('Password').fill(PASSWORD)
  await on.page.keyboard.press('Enter')
  await on.page.waitForURL(`${on.stand.api.url}/reports/availability?by=branch&tz=Asia/Tbilisi`)

  await on.page.getByText('How these figures are made').waitFor()
  // By a link in a message: the browser sends no cookie with the first request.
  await on.page.goto(`${on.stand.api.url}/login?to=%2Freports%2Favailability%3Fby%3Dregion`)
  await on.page.waitForURL(`${on.stand.api.url}/reports/availability?by=region`)
})

test('a wrong password is refused in words; the right one leads to where one wanted to go', async () => {
  await signIn('nino', 'not this one', '/silences%3Fq%3Droof')
  await on.page.getByRole('alert').filter({ hasText: /wrong/ }).waitFor()
  expect(await accessibilityProblems(on.page)).toEqual([])
  await on.page.getByLabel('Password').fill(PASSWORD)
  await on.page.keyboard.press('Enter')

  await on.page.waitForURL(`${on.stand.api.url}/silences?q=roof`)
})

test('no address leads to another site after signing in', async () => {
  await signIn('nino', PASSWORD, 'https%3A%2F%2Fexample.com%2F')
  await on.page.waitForURL(`${on.stand.api.url}/`)

  expect(await who()).toBe('nino')
})

test('an administrator makes a token, which is shown this once and lets a program in', async () => {
  await signIn('nino', PASSWORD)
  await button('Make a token').click()
  await dialog().getByLabel('Name').fill('grafana')
  await dialog().getByRole('button', { name: 'Make it' }).click()
  token = await on.page.getByLabel('The token', { exact: true }).inputValue()
  await on.page.keyboard.press('Escape')
  await on.page.getByRole('cell', { name: 'grafana', exact: true }).waitFor()
  await on.page.reload()
  await on.page.getByRole('cell', { name: 'grafana', exact: true }).waitFor()

  expect(await on.page.locator('body').textContent()).not.toContain(token)
  const { body } = await on.stand.api.get('/api/v1/session', { authorization: `Bearer ${token}` })
  expect(body).toMatchObject({ authenticated: true, kind: 'token', role: 'viewer' })
  await on.page.getByRole('button', { name: 'Revoke grafana' }).click()
  await dialog().getByRole('button', { name: 'Revoke' }).click()
  await on.page.getByText('No program signs in with a token.').waitFor()
  const refused = await on.stand.api.get('/api/v1/session', { authorization: `Bearer ${token}` })
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
  await on.page.getByRole('cell', { name: 'giorgi', exact: true }).waitFor()
  await signIn('giorgi', 'another long password', '/devices')
  await on.page.getByText('2 devices', { exact: true }).waitFor()

  expect(await on.page.locator('.vrow:visible').allTextContents()).toHaveLength(2)
  await on.page.goto(`${on.stand.api.url}/devices/gori-1`)
  await on.page.getByText('No device has the id gori-1.').waitFor()
})

test('whoever sets another password of their own goes on here, and is signed out elsewhere', async () => {
  await signIn('giorgi', 'another long password')
  await on.page.waitForURL('**/account')
  const elsewhere = await on.page.context().storageState()
  await signIn('giorgi', 'another long password')
  await on.page.getByLabel('Current password').fill('another long password')
  await on.page.getByLabel('New password').fill('a third long password')
  await on.page.getByLabel('The same password again').fill('a third long password')
  await button('Set the password').click()
  await on.page.getByText('The password is set.').waitFor()
  expect(await on.page.getByLabel('New password').inputValue()).toBe('')
  await on.page.goto(`${on.stand.api.url}/silences`)
  await on.page.getByRole('heading', { level: 1 }).waitFor()

  expect(await who()).toBe('giorgi')
  const { page: other } = await openPage(on.stand.browser, on.stand.api.url, {
    storageState: elsewhere,
  })
  await other.goto(`${on.stand.api.url}/silences`)
  await other.waitForURL('**/login?to=**')
  await other.context().close()
  await signIn('giorgi', 'a third long password')
  await on.page.waitForURL('**/account')
})
