import { setTimeout as delay } from 'node:timers/promises'
import type { Browser } from 'playwright-core'
import { launchChromium } from '../lab/chromium.ts'
import { type Measurement, percentile, round } from './measurement.ts'
import { openRig } from './rig.ts'
import { readChildren, readUsage } from './usage.ts'

/** The page in Chromium: how soon the wall is there, what it costs to leave it on, and how smoothly a long list scrolls. */
export const paint: Measurement<{
  readonly devices: number
  readonly visits: number
  readonly scrolls: number
  /** How long the wall is left on, in seconds. */
  readonly rest: number
}> = {
  title: 'Paint: the wall of a large fleet in Chromium, and the frames of a scrolling list',
  defaults: { devices: 10_000, visits: 10, scrolls: 5, rest: 60 },
  async run({ devices, visits, scrolls, rest }, { say }) {
    say(`${devices} devices: starting`)
    await using rig = await openRig({ devices, intervalSeconds: 30 })
    await delay(30_000)
    await using stack = new AsyncDisposableStack()
    const browser = await launchChromium()
    stack.defer(() => browser.close())

    say(`${visits} first visits`)
    const painted: Painted[] = []
    // The first is the browser's own start.
    await visit(browser, rig.apiUrl)
    for (let turn = 0; turn < visits; turn++) painted.push(await visit(browser, rig.apiUrl))
    say(`${rest} seconds on the wall`)
    const atRest = await leaveOn(browser, rig.apiUrl, rest)
    say(`${scrolls} scrolls`)
    const frames: Frames[] = []
    for (let turn = 0; turn < scrolls; turn++) frames.push(await scroll(browser, rig.apiUrl))

    const row = (what: string, of: (one: Painted) => number) => [
      what,
      visits,
      ...[0.5, 1].map((share) => Math.round(percentile(painted.map(of), share))),
    ]
    const dropped = frames.reduce((sum, each) => sum + each.dropped, 0)
    const all = frames.reduce((sum, each) => sum + each.all, 0)
    return {
      tables: [
        {
          title: `The wall, ${devices} devices, nothing cached`,
          columns: ['until', 'visits', 'p50 ms', 'max ms'],
          rows: [
            row('the first paint', ({ first }) => first),
            row('the tiles are painted', ({ tiles }) => tiles),
          ],
        },
        {
          title: `The wall left on for ${rest} seconds`,
          columns: ['processes of Chromium', '% of a core'],
          rows: [[atRest.processes, atRest.percent]],
        },
        {
          title: `The list of ${devices} devices, scrolled`,
          columns: ['scroll', 'frames', 'dropped', 'longest task ms'],
          rows: frames.map((each, index) => [
            index + 1,
            each.all,
            each.dropped,
            round(each.longest),
          ]),
        },
      ],
      bounds: [
        {
          what: 'the tiles of the wall are painted, p50',
          unit: 'ms',
          kind: 'most',
          bound: 1_000,
          measured: Math.round(
            percentile(
              painted.map(({ tiles }) => tiles),
              0.5,
            ),
          ),
        },
        {
          what: 'what Chromium takes while the wall is left on',
          unit: '% of a core',
          kind: 'most',
          bound: 10,
          measured: atRest.percent,
        },
        {
          what: 'frames of scrolling',
          unit: '',
          kind: 'least',
          bound: 100 * scrolls,
          measured: all,
        },
        {
          what: 'frames of scrolling that were dropped and seen',
          unit: '%',
          kind: 'most',
          bound: 1,
          measured: round((100 * dropped) / Math.max(1, all), 2),
        },
      ],
    }
  },
}

type Painted = { readonly first: number; readonly tiles: number }

/** Milliseconds from the navigation, in a browser that has seen nothing yet. */
async function visit(browser: Browser, url: string): Promise<Painted> {
  const context = await browser.newContext({ viewport: { width: 1920, height: 1080 } })
  const page = await context.newPage()
  // A frame after the tiles were put into the document is painted when the one after it begins.
  await page.addInitScript(`
    new MutationObserver((_, observer) => {
      if (document.querySelector('.tile') === null) return
      observer.disconnect()
      requestAnimationFrame(() => requestAnimationFrame(() => (globalThis.tilesAt = performance.now())))
    }).observe(document, { childList: true, subtree: true })`)
  await page.goto(url)
  // The page's policy lets nothing be evaluated inside it: it is asked from outside until it knows.
  while (!(await page.evaluate<boolean>('globalThis.tilesAt !== undefined'))) await delay(50)
  const painted = await page.evaluate<Painted>(`({
    first: performance.getEntriesByName('first-contentful-paint')[0].startTime,
    tiles: tilesAt,
  })`)
  await context.close()
  return painted
}

/** What the wall costs the machine behind its screen, in a while in which nothing happens. */
async function leaveOn(
  browser: Browser,
  url: string,
  seconds: number,
): Promise<{ processes: number; percent: number }> {
  const context = await browser.newContext({ viewport: { width: 1920, height: 1080 } })
  const page = await context.newPage()
  await page.goto(url)
  await page.locator('.wall-outages').waitFor()
  await delay(5_000)
  const before = await usageBelow(process.pid)
  await delay(seconds * 1_000)
  const after = await usageBelow(process.pid)
  await context.close()
  const spent = [...after].reduce((sum, [pid, cpu]) => sum + cpu - (before.get(pid) ?? 0), 0)
  return { processes: after.size, percent: round((100 * spent) / seconds) }
}

/** CPU seconds of each of Chromium's processes: those of the tree below this process that are called so. */
async function usageBelow(pid: number): Promise<Map<number, number>> {
  const found = new Map<number, number>()
  for (const child of await readChildren(pid)) {
    if (child.name.startsWith('chrom')) {
      const usage = await readUsage(child.pid).catch(() => null)
      if (usage !== null) found.set(child.pid, usage.cpuSeconds)
    }
    for (const [own, cpu] of await usageBelow(child.pid)) found.set(own, cpu)
  }
  return found
}

type Frames = { readonly all: number; readonly dropped: number; readonly longest: number }

type FrameReport = { readonly state: string; readonly affects_smoothness?: boolean }
type TraceEvent = {
  readonly name: string
  readonly ph: string
  readonly dur?: number
  readonly args?: {
    readonly frame_reporter?: FrameReport
    /** What earlier Chromiums call it. */
    readonly chrome_frame_reporter?: FrameReport
  }
}

/** A hand on the wheel for five seconds, down the list and up again. */
async function scroll(browser: Browser, url: string): Promise<Frames> {
  const context = await browser.newContext({ viewport: { width: 1600, height: 900 } })
  const page = await context.newPage()
  await page.goto(`${url}/devices`)
  await page.locator('.vrow').first().waitFor()
  await delay(3_000)
  const session = await context.newCDPSession(page)
  await browser.startTracing(page, {
    categories: [
      'benchmark',
      'cc',
      'toplevel',
      'devtools.timeline',
      'disabled-by-default-devtools.timeline',
      'disabled-by-default-devtools.timeline.frame',
    ],
  })
  for (const yDistance of [-12_000, 12_000]) {
    await session.send('Input.synthesizeScrollGesture', {
      x: 700,
      y: 500,
      yDistance,
      speed: 4_000,
      gestureSourceType: 'mouse',
    })
  }
  const trace = JSON.parse((await browser.stopTracing()).toString()) as {
    traceEvents: TraceEvent[]
  }
  await context.close()
  return framesOf(trace.traceEvents)
}

function framesOf(trace: readonly TraceEvent[]): Frames {
  const reports = trace.flatMap(({ name, args }) =>
    name === 'PipelineReporter' ? (args?.frame_reporter ?? args?.chrome_frame_reporter ?? []) : [],
  )
  const seen = reports.filter(({ state }) => state !== 'STATE_NO_UPDATE_DESIRED')
  const tasks = trace.filter(({ name, ph }) => name === 'RunTask' && ph === 'X')
  return {
    all: seen.length,
    dropped: seen.filter(
      ({ state, affects_smoothness: isSeen }) => state === 'STATE_DROPPED' && isSeen === true,
    ).length,
    longest: tasks.reduce((most, { dur = 0 }) => Math.max(most, dur / 1000), 0),
  }
}
