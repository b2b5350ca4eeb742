import { z } from 'zod'
import { parseRange } from '../egress/ranges.ts'

const EXPECTED =
  'expected an address, a range such as 10.0.0.0/8, a host name, or *. and a name for all below it'

const place = z
  .string({ error: EXPECTED })
  .refine((text) => parseRange(text) !== null || isNamePattern(text), { error: EXPECTED })

/** Where what the configuration names may lead. */
export const egressSchema = z.strictObject({
  allow: z
    .array(place)
    .default([])
    .describe(
      'Opens what is closed by itself (link-local, multicast, metadata of clouds) or in deny',
    ),
  deny: z.array(place).default([]).describe('Closes more; the narrowest range decides'),
})

export type EgressConfig = z.output<typeof egressSchema>

function isNamePattern(text: string): boolean {
  const labels = text.replace(/^\*\./, '').replace(/\.$/, '').split('.')
  // All numbers is an address that went wrong.
  if (labels.every((label) => /^(\d+|0x[\da-f]+)$/i.test(label))) return false
  return labels.every((label) => /^[A-Za-z\d_]([A-Za-z\d_-]{0,62})$/.test(label))
}
