import type { BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { appendAudit } from '../../lib/auth/audit.ts'
import { systemClock } from '../../lib/clock.ts'
import { type Decisions, openDecisions } from '../../lib/decisions/decisions.ts'
import { createLog } from '../../lib/log.ts'
import { waitFor } from '../wait.ts'
import { type WatchedPage, accessibilityProblems } from './browser.ts'
import { PASSWORD, type PageStand, startPageStand } from './page-stand.ts'

let stand: PageStand
let decisions: Decisions
let watched: WatchedPage
let page: Page

const HOUR = 3_600_000
const inGori = [{ name: 'branch', value: 'Gori', isRegex: false, isEqual: true }]

beforeAll(async () => {
  stand = await startPageStand()
  const { redis } = stand.stores
  decisions = await openDecisions({ redis, clock: systemClock, log: createLog('silent') })
  const endsAt = Date.now() + HOUR
  const silence = { matchers: inGori, createdBy: 'giorgi', comment: 'power works' }
  const { id, startsAt } = await decisions.putSilence({ ...silence, endsAt })
  const longer = { ...silence, id, startsAt, comment: 'power works, second day' }
  await decisions.putSilence({ ...longer, endsAt: endsAt + 24 * HOUR })
  const admin = await stand.open('/account')
  await asked(admin.page, 'PUT', '/devices/gori-1/notes', { text: 'the key is at the guard' })
  await asked(admin.page, 'PATCH', '/devices/gori-1', { tags: ['bank'] })
  const oper = { name: 'levan', role: 'operator', scope: null, password: PASSWORD }
  await asked(admin.page, 'POST', '/users', oper)
  await admin.page.context().close()
})
afterAll(async () => {
  await decisions?.[Symbol.asyncDispose]()
  await stand?.[Symbol.asyncDispose]()
})
afterEach(async () => {
  await page.context().close()
  expect(watched.faults).toEqual([])
})

async function asked(by: Page, method: string, path: string, data: unknown): Promise<void> {
  const headers = { origin: stand.api.url }
  const url = `${stand.api.url}/api/v1${path}`
  const answer = await by.request.fetch(url, { method, headers, data })
  expect(answer.ok(), await answer.text()).toBe(true)
}
async function open(path: string, options?: BrowserContextOptions): Promise<void> {
  watched = await stand.open(path, options)
  ;({ page } = watched)
}
const entry = (what: string) => page.locator('.audit tbody tr', { hasText: what })
const entries = () => page.locator('.audit tbody tr')

describe('the log of changes', () => {
  test('tells who changed what, as it was and as it is, and leads to what it is about', async () => {
    await open('/audit')
    const changed = entry('device changed')
    await changed.waitFor()

    expect(await changed.innerText()).toMatch(/nino\s+device changed\s+Gori router\s+tags/)
    expect(await changed.locator('del').innerText()).toBe('bank, lte-backup')
    expect(await changed.locator('ins').innerText()).toBe('bank')
    expect(await entry('silence changed').innerText()).toMatch(
      /giorgi\s+silence changed\s+power works, second day\s+comment[^]*ends at/,
    )
    await changed.getByRole('link').click()
    await page.waitForURL('**/devices/gori-1')
  })

  test('leads from a silence to the silence', async () => {
    await open('/audit?kind=silence')
    await entry('silence changed').getByRole('link').click()

    await page.locator('.silence', { hasText: 'power works, second day' }).waitFor()
  })

  test('unfolds by keyboard what is much', async () => {
    await open('/audit?kind=silence')
    await entry('silence created').locator('summary').focus()
    await page.keyboard.press('Enter')

    await entry('silence created').getByText('branch="Gori"').waitFor()
  })

  test('is filtered by word, name, kind and time; the address keeps it', async () => {
    await open('/audit')
    await page.getByLabel('Kind').selectOption('note')
    await waitFor(async () => (await entries().count()) === 1)
    await page.reload()
    await entry('note written').waitFor()
    expect(await entries().count()).toBe(1)
    expect(await page.getByLabel('Kind').inputValue()).toBe('note')

    await page.getByLabel('Kind').selectOption('')
    await page.getByLabel('Who').fill('giorgi')
    await waitFor(async () => (await entries().count()) === 2)
    await page.getByRole('textbox', { name: 'To' }).fill('2020-01-01T10:00')
    await page.getByText('Nothing matches these filters.').waitFor()
    expect(new URL(page.url()).searchParams.get('until')).toBe('2020-01-01T06:00:00.000Z')
    await page.reload()
    await page.getByText('Nothing matches these filters.').waitFor()
    expect(await page.getByRole('textbox', { name: 'To' }).inputValue()).toBe('2020-01-01T10:00')
  })
})

test('much of it comes a page at a time, and one goes on from where the new page begins', async () => {
  const at = Date.now()
  for (let turn = 0; turn < 150; turn++) {
    const id = `gone-${turn}`
    const what = 'device deleted'
    await appendAudit(stand.stores.redis, { at, who: 'robot', what, id, before: null, after: null })
  }
  await open('/audit?who=robot')
  await page.getByText('100 of 150 entries').waitFor()
  await page.getByRole('button', { name: 'Show more' }).press('Enter')
  await page.getByText('150 of 150 entries').waitFor()

  expect(await entries().count()).toBe(150)
  expect(await page.locator(':focus').innerText()).toContain('gone-49')
  expect(await page.getByRole('button', { name: 'Show more' }).isVisible()).toBe(false)
})

test('an operator is told that it is for administrators', async () => {
  watched = await stand.asAnybody('/login')
  ;({ page } = watched)
  const data = { user: 'levan', password: PASSWORD }
  await asked(page, 'POST', '/session', data)
  await page.goto(`${stand.api.url}/audit`)

  await page.getByRole('heading', { name: 'Only for administrators' }).waitFor()
  expect(await page.getByRole('table').count()).toBe(0)
})

describe.each(['dark', 'light'] as const)('in %s', (colorScheme) => {
  test('the log has names, roles and enough contrast', async () => {
    await open('/audit', { colorScheme })
    await entries().first().waitFor()

    expect(await accessibilityProblems(page)).toEqual([])
  })
})

test('on a phone nothing is wider than the screen', async () => {
  await open('/audit', { viewport: { width: 390, height: 844 } })
  await entries().first().waitFor()

  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
})
