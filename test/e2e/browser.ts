import axe from 'axe-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { launchChromium } from '../../lab/chromium.ts'

/** The real Chromium, and what tests of the page ask of it. */

export const launchBrowser = launchChromium

export type WatchedPage = {
  readonly page: Page
  /** What the page threw or logged as an error, and what it asked of other origins. */
  readonly faults: readonly string[]
}

/** A page of its own context, whose mistakes are noted. `url` is the one origin that it may ask. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({
    viewport: { width: 1400, height: 800 },
    colorScheme: 'dark',
    locale: 'en-GB',
    timezoneId: 'Asia/Tbilisi',
    ...options,
  })
  const page = await context.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(String(error)))
  page.on('console', (message) => {
    // What the network failed at is the test's doing, or is seen as a request.
    if (message.type() === 'error' && !/ERR_|Failed to load resource/.test(message.text())) {
      faults.push(message.text())
    }
  })
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(url).origin) faults.push(`asked ${request.url()}`)
  })
  return { page, faults }
}

/** What axe-core finds wrong with what is on the page now: the rule, and where. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  // By the debugger's door: the page's policy lets no script in that isn't its own.
  await page.evaluate(axe.source)
  const violations = await page.evaluate(async () => {
    type Axe = { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }
    const { violations: found } = await (globalThis as unknown as { axe: Axe }).axe.run()
    return found
  })
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
}
