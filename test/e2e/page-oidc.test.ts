import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Provider, CLIENT, startProvider } from '../integration/auth/provider.ts'
import { type PageStand, startPageStand } from './page-stand.ts'

let provider: Provider
let stand: PageStand

beforeAll(async () => {
  provider = await startProvider()
  const oidc = {
    issuer: provider.issuer,
    client_id: CLIENT.id,
    client_secret: CLIENT.secret,
    label: 'Example',
    role_claim: 'groups',
    roles: [{ value: 'noc', role: 'operator' }],
  }
  stand = await startPageStand({ signsIn: false, isOpen: false, auth: { oidc } })
})
afterAll(async () => {
  await stand?.[Symbol.asyncDispose]()
  await provider?.[Symbol.asyncDispose]()
})

/** Somebody opens an address, is asked who they are, and presses the provider's button. */
async function signIn(path: string) {
  const context = await stand.browser.newContext({ locale: 'en-GB' })
  const page = await context.newPage()
  await page.goto(stand.api.url + path)
  await page.getByRole('link', { name: 'Sign in with Example' }).click()
  return { page, [Symbol.asyncDispose]: () => context.close() }
}

test('H5 whoever the provider lets in is back where they wanted to go, with the role of their groups', async () => {
  provider.claims = { preferred_username: 'tamar', groups: ['noc'] }
  await using opened = await signIn('/silences?q=roof')
  const { page } = opened
  await page.waitForURL(`${stand.api.url}/silences?q=roof`)
  await page.getByRole('button', { name: 'New silence' }).waitFor()

  expect(await page.locator('.who-name').textContent()).toBe('tamar')
  const cookies = await page.context().cookies()
  expect(cookies).toMatchObject([{ httpOnly: true, sameSite: 'Strict' }])
  await page.reload()
  await page.getByRole('button', { name: 'New silence' }).waitFor()
})

test('whoever has no role here is told so, and is still outside', async () => {
  provider.claims = { preferred_username: 'giorgi', groups: ['sales'] }
  await using opened = await signIn('/devices')
  const { page } = opened
  await page.getByText('or you have no role here', { exact: false }).waitFor()

  expect(new URL(page.url()).pathname).toBe('/login')
  expect((await page.request.get(`${stand.api.url}/api/v1/devices`)).status()).toBe(401)
})
