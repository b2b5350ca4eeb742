import { z } from '@hono/zod-openapi'
import type { Inventory } from '../../lib/inventory.ts'
import type { Matcher } from '../../lib/matchers.ts'
import type { View } from '../view/build.ts'
import { compiledMatchers } from './compiled.ts'
import { matcherSchema, matchersJson } from './subject.ts'
import { touched } from './touched.ts'

const SHOWN = 20

const shownDeviceSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  branch: z.string(),
  region: z.string(),
})

/** What a silence or a window would be about, before it is made. */
export const previewSchema = z
  .strictObject({
    matchers: z.array(matcherSchema).describe('As they would be kept'),
    affects: z.strictObject({
      devices: z.int().min(0),
      first: z.array(shownDeviceSchema).describe(`The first ${SHOWN} of them`),
      alerts: z.int().min(0).describe('Alerts that fire now and match'),
    }),
  })
  .openapi('Preview')

export type PreviewJson = z.output<typeof previewSchema>

export function previewJson(
  matchers: readonly Matcher[],
  inventory: Inventory,
  alerts: View['alerts'],
): PreviewJson {
  const devices = touched(matchers, inventory)
  const matches = compiledMatchers(matchers)
  const firing = alerts.filter(({ state, labels }) => state === 'firing' && matches(labels))
  return {
    matchers: matchersJson(matchers),
    affects: {
      devices: devices.length,
      first: devices.slice(0, SHOWN).map(({ id, name, branch, region }) => {
        return { id, name: name || id, branch, region }
      }),
      alerts: firing.length,
    },
  }
}
