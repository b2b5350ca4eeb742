import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { appendAudit, auditEntry } from '../../lib/auth/audit.ts'
import { systemClock } from '../../lib/clock.ts'
import { type Decisions, openDecisions } from '../../lib/decisions/decisions.ts'
import { createLog } from '../../lib/log.ts'
import { waitFor } from '../wait.ts'
import { accessibilityProblems } from './browser.ts'
import { PASSWORD, usePageStand } from './page-stand.ts'

const on = usePageStand()
let decisions: Decisions

const HOUR = 3_600_000
const inGori = [{ name: 'branch', value: 'Gori', isRegex: false, isEqual: true }]

beforeAll(async () => {
  const { redis } = on.stand.stores
  decisions = await openDecisions({ redis, clock: systemClock, log: createLog('silent') })
  const endsAt = Date.now() + HOUR
  const silence = { matchers: inGori, createdBy: 'giorgi', comment: 'power works' }
  const { id, startsAt } = await decisions.putSilence({ ...silence, endsAt })
  const longer = { ...silence, id, startsAt, comment: 'power works, second day' }
  await decisions.putSilence({ ...longer, endsAt: endsAt + 24 * HOUR })
  const admin = await on.open('/account')
  await asked(admin, 'PUT', '/devices/gori-1/notes', { text: 'the key is at the guard' })
  await asked(admin, 'PATCH', '/devices/gori-1', { tags: ['bank'] })
  const oper = { name: 'levan', role: 'operator', scope: null, password: PASSWORD }
  await asked(admin, 'POST', '/users', oper)
})
afterAll(async () => {
  await decisions?.[Symbol.asyncDispose]()
})

async function asked(by: Page, method: string, path: string, data: unknown): Promise<void> {
  const headers = { origin: on.stand.api.url }
  const url = `${on.stand.api.url}/api/v1${path}`
  const answer = await by.request.fetch(url, { method, headers, data })
  expect(answer.ok(), await answer.text()).toBe(true)
}
const { open } = on
const entry = (what: string) => on.page.locator('.audit tbody tr', { hasText: what })
const entries = () => on.page.locator('.audit tbody tr')

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
    await on.page.waitForURL('**/devices/gori-1')
  })

  test('leads from a silence to the silence', async () => {
    await open('/audit?kind=silence')
    await entry('silence changed').getByRole('link').click()

    await on.page.locator('.silence', { hasText: 'power works, second day' }).waitFor()
  })

  test('unfolds by keyboard what is much', async () => {
    await open('/audit?kind=silence')
    await entry('silence created').locator('summary').focus()
    await on.page.keyboard.press('Enter')

    await entry('silence created').getByText('branch="Gori"').waitFor()
  })

  test('is filtered by word, name, kind and time; the address keeps it', async () => {
    await open('/audit')
    await on.page.getByLabel('Kind').selectOption('note')
    await waitFor(async () => (await entries().count()) === 1)
    await on.page.reload()
    await entry('note written').waitFor()
    expect(await entries().count()).toBe(1)
    expect(await on.page.getByLabel('Kind').inputValue()).toBe('note')

    await on.page.getByLabel('Kind').selectOption('')
    await on.page.getByLabel('Who').fill('giorgi')
    await waitFor(async () => (await entries().count()) === 2)
    await on.page.getByRole('textbox', { name: 'To' }).fill('2020-01-01T10:00')
    await on.page.getByText('Nothing matches these filters.').waitFor()
    expect(new URL(on.page.url()).searchParams.get('until')).toBe('2020-01-01T06:00:00.000Z')
    await on.page.reload()
    await on.page.getByText('Nothing matches these filters.').waitFor()
    expect(await on.page.getByRole('textbox', { name: 'To' }).inputValue()).toBe('2020-01-01T10:00')
  })
})

test('what people do while one looks comes by itself, above what one has unfolded', async () => {
  await open('/audit?kind=silence')
  await entry('silence created').locator('summary').click()
  const endsAt = Date.now() + HOUR
  await decisions.putSilence({ matchers: inGori, createdBy: 'tamar', comment: 'new mast', endsAt })
  await entries().first().getByRole('link', { name: 'new mast' }).waitFor({ timeout: 20_000 })

  expect(await entries().count()).toBe(3)
  expect(await entries().last().locator('details').getAttribute('open')).toBe('')
})

test('instants are of the entries, not of where they are kept', async () => {
  const at = Date.now() - 5 * HOUR
  const who = 'clock'
  for (const [index, id] of ['before', 'then', 'after'].entries()) {
    const one = { at: at + (index - 1) * HOUR, who, what: 'device deleted', id }
    await on.stand.stores.redis.xadd(
      'wardline:audit',
      '*',
      ...auditEntry({ ...one, before: null, after: null }),
    )
  }
  await open(
    `/audit?who=${who}&since=${new Date(at - 1).toISOString()}&until=${new Date(at).toISOString()}`,
  )
  await on.page.getByText('1 of 1 entry').waitFor()

  expect(await entries().innerText()).toContain('then')
})

test('much of it comes a page at a time, and one goes on from where the new page begins', async () => {
  const at = Date.now()
  for (let turn = 0; turn < 150; turn++) {
    const id = `gone-${turn}`
    const what = 'device deleted'
    await appendAudit(on.stand.stores.redis, {
      at,
      who: 'robot',
      what,
      id,
      before: null,
      after: null,
    })
  }
  await open('/audit?who=robot')
  await on.page.getByText('100 of 150 entries').waitFor()
  await on.page.getByRole('button', { name: 'Show more' }).press('Enter')
  await on.page.getByText('150 of 150 entries').waitFor()

  expect(await entries().count()).toBe(150)
  expect(await on.page.locator(':focus').innerText()).toContain('gone-49')
  expect(await on.page.getByRole('button', { name: 'Show more' }).isVisible()).toBe(false)
})

test('an operator is told that it is for administrators', async () => {
  await on.openAsAnybody('/login')
  const data = { user: 'levan', password: PASSWORD }
  await asked(on.page, 'POST', '/session', data)
  await on.page.goto(`${on.stand.api.url}/audit`)

  await on.page.getByRole('heading', { name: 'Only for administrators' }).waitFor()
  expect(await on.page.getByRole('table').count()).toBe(0)
})

describe.each(['dark', 'light'] as const)('in %s', (colorScheme) => {
  test('the log has names, roles and enough contrast', async () => {
    await open('/audit', { colorScheme })
    await entries().first().waitFor()

    expect(await accessibilityProblems(on.page)).toEqual([])
  })
})

test('on a phone nothing is wider than the screen', async () => {
  await open('/audit', { viewport: { width: 390, height: 844 } })
  await entries().first().waitFor()

  expect(await on.page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
})
