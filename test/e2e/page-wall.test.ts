import type { Browser, Page, Route } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { markSample } from '../../lib/blindness.ts'
import type { Device } from '../../lib/inventory.ts'
import type { Sample } from '../../lib/line-protocol.ts'
import { CHANNELS } from '../../lib/service.ts'
import { device, inventoryOf } from '../fakes/inventory.ts'
import {
  type RunningApi,
  evaluated,
  feed,
  ping,
  slot,
  startApi,
  state,
} from '../integration/api/stand.ts'
import { type Stores, startStores } from '../stores.ts'
import { waitFor } from '../wait.ts'
import { testAccessibility } from './accessible.ts'
import { type WatchedPage, accessibilityProblems, launchBrowser, openPage } from './browser.ts'
import { type Condition, bankFleet, fleetSamples, townName } from './page-fleet.ts'

const BRANCHES = 128
const spare = device('ups', { name: 'Spare UPS', branch: '', region: 'Tbilisi', enabled: false })
const fleet = [...bankFleet(876, BRANCHES), spare]
const inventory = inventoryOf(...fleet)
const up: Condition = { up: true, since: 86_400 }

/** Of branch 3 everything is down for two hours, of branch 7 one device for a day, branch 9 has lost a line. */
function condition({ id, branch }: Device): Condition {
  if (branch === townName(3)) return { up: false, since: 8_100 }
  if (id === 'b7-atm-2') return { up: false, since: 90_000 }
  return up
}

/** Branch 40 is probed by a collector of its own. */
const probedElsewhere = (sample: Sample): Sample =>
  sample.measurement === 'ping' && sample.labels['branch'] === townName(40)
    ? { ...sample, labels: { ...sample.labels, vantage: 'west' } }
    : sample

let browser: Browser
let stores: Stores
let api: RunningApi
let watched: WatchedPage
let page: Page

beforeAll(async () => {
  stores = await startStores()
  const samples = fleetSamples(fleet, condition, new Set(['b9-router-0 isp-b']))
  await feed(stores.victoriaMetrics, samples.map(probedElsewhere))
  api = await startApi(stores, inventory)
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser?.close()
  await api?.[Symbol.asyncDispose]()
  await stores?.[Symbol.asyncDispose]()
})

beforeEach(async () => {
  await feed(stores.victoriaMetrics, [evaluated()])
  watched = await openPage(browser, api.url, { viewport: { width: 1920, height: 1080 } })
  ;({ page } = watched)
})
afterEach(async () => {
  await page.context().close()
  expect(watched.faults).toEqual([])
})

async function open(path = '/'): Promise<void> {
  await page.goto(api.url + path)
  await page.locator('.tile').first().waitFor()
}
const tile = (branch: number) =>
  page.locator('.tile').filter({ has: page.getByText(townName(branch), { exact: true }) })
const names = () => page.locator('.tile-name').allTextContents()
const total = (status: string) => page.locator(`.total[data-status=${status}] b`).textContent()

async function tell(of: Device, isUp: boolean, at = slot()): Promise<void> {
  await feed(stores.victoriaMetrics, [state(of.id, isUp, at, at), ping(of, at, isUp ? 0.01 : null)])
  await stores.redis.publish(CHANNELS.statuses, JSON.stringify({ device: of.id }))
}

describe('the wall', () => {
  test('128 branches are on one screen of 1080 lines, and nothing has to be scrolled', async () => {
    await open()
    const isWhole = await page.evaluate(`(() => {
      const branches = document.querySelector('.branches')
      const tiles = [...document.querySelectorAll('.tile')]
      const inSight = tiles.filter((each) => {
        const { bottom, right } = each.getBoundingClientRect()
        return bottom <= innerHeight && right <= innerWidth
      })
      const isCut = ({ scrollWidth, clientWidth }) => clientWidth > 1 && scrollWidth > clientWidth
      const scrolls = ({ scrollHeight, clientHeight }) => scrollHeight > clientHeight
      return {
        tiles: tiles.length,
        inSight: inSight.length,
        // Neither what tells branches of one town apart is cut away nor a number.
        cut: [...document.querySelectorAll('.tile-name, .tile-facts')].filter(isCut).length,
        scrolls: scrolls(branches) || scrolls(document.documentElement),
      }
    })()`)

    // One more is of the devices without a branch.
    expect(isWhole).toEqual({ tiles: BRANCHES + 1, inSight: BRANCHES + 1, cut: 0, scrolls: false })
  })

  test('the tiles are there before the long list of devices, and not for long without it', async () => {
    const held = Promise.withResolvers<void>()
    await page.route('**/api/v1/devices', async (route) => {
      await held.promise
      await route.continue()
    })
    await page.clock.install()
    await open()

    expect((await names())[0]).toBe(townName(3))
    expect(await total('down')).toBe('2')
    expect(await tile(3).locator('.tile-time').textContent()).toBe('2h 15m')
    expect(await page.locator('.wall-outages').isVisible()).toBe(false)
    // Nobody tells what changes in them meanwhile.
    await page.clock.fastForward(11_000)
    await waitFor(async () => (await page.locator('.tile').count()) === 0)

    held.resolve()
    await tile(3).waitFor()
    await page.locator('.wall-outages').waitFor()
    expect(await total('down')).toBe('2')
  })

  test('what is worst comes first, and says how much of it is lost and for how long', async () => {
    await open()

    expect((await names()).slice(0, 3)).toEqual([townName(3), townName(7), townName(9)])
    expect(await tile(3).innerText()).toMatch(/7 of 7 down/)
    expect(await tile(3).locator('.tile-time').textContent()).toBe('2h 15m')
    expect(await tile(7).innerText()).toMatch(/1 of 7 down/)
    expect(await total('down')).toBe('2')
    expect(await total('unreachable')).toBe('6')
  })

  test('status is told by a shape and a word, not by colour alone', async () => {
    await open()
    const shapes = await page.evaluate<string[]>(`
      ['down', 'unreachable', 'unknown', 'up', 'disabled'].map((status) => {
        const mark = document.createElement('span')
        mark.className = 'mark'
        mark.dataset.status = status
        document.body.append(mark)
        const { borderRadius, borderStyle, height, backgroundColor } = getComputedStyle(mark)
        mark.remove()
        return [borderRadius, borderStyle, height, backgroundColor === 'rgba(0, 0, 0, 0)'].join()
      })`)

    expect(new Set(shapes).size).toBe(5)
    expect(await tile(3).locator('.hidden').textContent()).toBe('down')
  })

  test('C12 lines are drawn apart from devices: a lost one is named, and marks its branch', async () => {
    await open()
    const panel = page.locator('.lines-panel')

    expect(await panel.locator('.line-totals').innerText()).toMatch(/1\s*down/)
    expect(await panel.locator('.outage-list').innerText()).toMatch(
      new RegExp(`${townName(9)}[^]*isp-b`),
    )
    expect(
      await tile(9)
        .locator('.line-mark')
        .evaluateAll((all) => all.map((each) => each.getAttribute('data-state'))),
    ).toEqual(['up', 'down'])
  })

  test('a click on a branch leads to its devices, and back leads to the wall', async () => {
    await open()
    await tile(3).click()
    await page.locator('.vrow').first().waitFor()

    expect(decodeURIComponent(new URL(page.url()).search)).toBe(`?branch=${townName(3)}`)
    await page.goBack()
    await tile(3).waitFor()
  })

  test('A1 a device that goes down is on the wall within a second of its being known', async () => {
    await open()
    await page.locator('body[data-trust=ok]').waitFor()
    const victim = fleet.find(({ id }) => id === 'b20-router-0')
    if (victim === undefined) throw new Error('branch 20 has a router')
    const toldAt = performance.now()
    await tell(victim, false)
    await waitFor(async () => (await tile(20).getAttribute('data-kind')) === 'trouble', {
      intervalMs: 20,
    })
    const took = performance.now() - toldAt

    expect(took).toBeLessThan(2_000)
    expect(await tile(20).locator('.chip').innerText()).toBe('new')
    expect(await page.title()).toMatch(/^\(\d+\)/)
    await waitFor(async () =>
      /Down: .*router 0/.test((await page.locator('#announcer').textContent()) ?? ''),
    )
    await tell(victim, true)
    await waitFor(async () => (await tile(20).getAttribute('data-kind')) === 'well')
  })

  test('one region alone is shown when it is chosen, and a link keeps that', async () => {
    await open()
    await page.getByLabel('Region', { exact: true }).selectOption('Adjara')
    await waitFor(async () => (await names()).length === 13)
    await page.reload()

    await waitFor(async () => (await names()).length === 13)
    expect(new URL(page.url()).search).toBe('?region=Adjara')
  })

  test('grouped by region, each region has its branches, those with trouble first', async () => {
    await open()
    await page.getByLabel('By region').check()
    const heads = page.locator('.tile-head span:first-child')
    await waitFor(async () => (await heads.count()) === 10)

    expect((await heads.allTextContents())[0]).toBe('Adjara')
  })

  test('the longest outages are listed with their downtimes, which count on', async () => {
    await open()
    const first = page.locator('.wall-outages .outage-list li:visible').first()

    expect(await first.innerText()).toMatch(/atm 2/)
    const time = page.locator('.wall-outages .outage-time:visible').first()
    const before = await time.textContent()
    expect(before).toMatch(/^1d 1h$/)
  })

  test('C13 a collector that has lost its network is told above and beside, with whom that concerns', async () => {
    await open()
    const mark = (since: number | null) =>
      feed(stores.victoriaMetrics, [markSample({ vantage: 'west', at: slot(), since })])
    await mark(slot(65))
    await tile(40).locator('.mark[data-status=unknown]').waitFor()
    const banner = page.getByRole('alert')

    await waitFor(async () => /partly blind/.test(await banner.innerText()))
    expect(await banner.innerText()).toMatch(
      /^Monitoring is partly blind: collector west has lost its network since \d\d:\d\d:\d\d, 7 devices that it alone measures are unknown\./,
    )
    expect(await banner.getAttribute('data-level')).toBe('warn')
    expect(await page.locator('.blind-panel').innerText()).toMatch(
      /Monitoring is blind\s+west\s+1m.*\s+7 devices are unknown/,
    )
    expect(await accessibilityProblems(page)).toEqual([])
    await banner.getByRole('link', { name: 'Which devices' }).click()
    await waitFor(async () => (await page.locator('.vrow:visible').count()) === 7)
    await mark(null)
    await waitFor(async () => !(await banner.isVisible()))
  })

  test('devices without a branch are led to, and no others', async () => {
    await open()
    await page.locator('.tile', { hasText: 'No branch' }).click()
    await page.locator('.vrow').first().waitFor()

    expect(new URL(page.url()).search).toBe('?branch=')
    expect(await page.locator('.vrow:visible .device-name').allTextContents()).toEqual([
      'Spare UPS',
    ])
    expect(
      await page.getByLabel('Branch', { exact: true }).locator('option:checked').innerText(),
    ).toBe('Without a branch')
  })

  test('it is never green on stale data: without the API it turns grey under a banner that says so', async () => {
    await open()
    await page.locator('body[data-trust=ok]').waitFor()
    const { port } = new URL(api.url)
    const listen = `127.0.0.1:${port}`
    await api.stop()
    await page.locator('body[data-trust=stale]').waitFor({ timeout: 15_000 })

    expect(await page.getByRole('alert').innerText()).toMatch(
      /can’t be reached\. Shown: the state of \d\d:\d\d:\d\d/,
    )
    expect(
      await page.evaluate<string>("getComputedStyle(document.querySelector('main')).filter"),
    ).toContain('grayscale(1)')
    api = await startApi(stores, inventory, { listen })
    await page.locator('body[data-trust=ok]').waitFor({ timeout: 20_000 })
  })

  test('without room for its stream it asks what is true, and takes the stream once there is room', async () => {
    let streams = 0
    const refuse = (route: Route) => {
      streams++
      return route.fulfill({ status: 503, json: { title: 'Too many streams' } })
    }
    await page.route('**/api/v1/events', refuse)
    await open()
    await page.locator('.wall-outages').waitFor()
    // Longer than silence may last before the page is grey.
    await page.waitForTimeout(7_000)
    expect(await page.locator('body').getAttribute('data-trust')).toBe('ok')
    expect(await page.locator('#banner').innerText()).toContain('no stream of updates')
    // At once, after about 2, 4 and 8 s: not each second.
    expect(streams).toBeLessThan(5)

    await page.unroute('**/api/v1/events', refuse)
    const stream = page.waitForRequest('**/api/v1/events', { timeout: 30_000 })
    await stream
    await page.locator('#banner').waitFor({ state: 'hidden' })
    await page.locator('body[data-trust=ok]').waitFor()
  })

  test('nothing on it moves without end: it hangs there for months', async () => {
    await open()
    await page.locator('body[data-trust=ok]').waitFor()
    const endless = `document.getAnimations().filter(
      (each) => each.effect.getComputedTiming().endTime === Infinity,
    ).length`

    expect(await page.evaluate(endless)).toBe(0)
  })

  testAccessibility(() => page, open)

  test('on a phone it is one column that nothing sticks out of', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    await open()
    const width = await page.evaluate('document.documentElement.scrollWidth')

    expect(width).toBe(390)
    expect(await tile(3).isVisible()).toBe(true)
    expect(await accessibilityProblems(page)).toEqual([])
  })
})

describe('a wall with much trouble', () => {
  // Some just now, some for hours: a time, a number, a chip and two lines want to be in each tile.
  const hurt = fleet.filter(({ id }) => /^b(1\d|2[0-7])-(atm|camera|nvr|ap)-/.test(id))
  beforeAll(async () => {
    const at = slot()
    await feed(
      stores.victoriaMetrics,
      hurt.flatMap((each, index) => [
        state(each.id, false, index % 3 === 0 ? at - 45_000 : slot(19_860), at),
        ping(each, at, null),
      ]),
    )
    await stores.redis.publish(CHANNELS.statuses, JSON.stringify({ device: hurt[0]?.id }))
  })

  test.each([
    ['en', 1280],
    ['en', 1440],
    ['en', 360],
    ['ka', 1280],
    ['ka', 1440],
    ['ka', 360],
  ])('in %s, %i wide, says for how long, and no number is cut', async (locale, width) => {
    await page.context().close()
    watched = await openPage(browser, api.url, { locale, viewport: { width, height: 900 } })
    ;({ page } = watched)
    await open()
    await waitFor(async () => (await page.locator('.tile[data-kind=trouble]').count()) > 15)
    // In a line that nobody sees, or of no size where there are words instead, it isn't shown.
    const told = await page.evaluate<{ times: number; cut: string[] }>(`(() => {
      const shown = (each) => {
        const { width, top } = each.getBoundingClientRect()
        return width > 1 && top < each.parentElement.getBoundingClientRect().bottom
      }
      const isCut = (each) => {
        const own = each.getBoundingClientRect()
        const room = each.parentElement.getBoundingClientRect()
        return own.right > room.right + 0.5 || own.bottom > room.bottom + 2
      }
      const of = (what) =>
        [...document.querySelectorAll('.tile[data-kind=trouble] ' + what)].filter(shown)
      const words = (each) => each.closest('.tile').textContent
      return {
        times: of('.tile-time').length,
        cut: of(':is(.tile-time, .tile-short)').filter(isCut).map(words),
      }
    })()`)

    const down = '.tile[data-kind=trouble]:is([data-status=down], [data-status=unreachable])'
    expect(told).toEqual({ times: await page.locator(down).count(), cut: [] })
    // It is there for its line alone.
    const [line, room] = await Promise.all(
      ['.line-mark[data-state=down]', '.tile-below'].map((part) =>
        tile(9).locator(part).first().boundingBox(),
      ),
    )
    expect(line?.y).toBeLessThan((room?.y ?? 0) + (room?.height ?? 0))
  })
})
