import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { accessibilityProblems } from './browser.ts'

/** Tests, in both themes, that what `open` shows has names, roles and contrast. */
export function testAccessibility(page: () => Page, open: () => Promise<void>): void {
  test.each(['dark', 'light'] as const)(
    'axe-core finds nothing wrong with it, %s',
    async (colorScheme) => {
      await page().emulateMedia({ colorScheme })
      await open()

      expect(await accessibilityProblems(page())).toEqual([])
    },
  )
}
