import { isIP } from 'node:net'
import { z } from 'zod'
import { Secret } from '../secret.ts'

/**
 * The kinds of value that configuration and inventory are made of. YAML and CSV hand numbers over as texts, so that
 * `id: 007` stays as it was written; these turn them into what they mean. A message says what was expected; what was
 * got is added by the one who reports it, because some of it must not be shown.
 */

/** A text; control characters and line breaks become spaces, as they do in labels. */
export const text = z
  .preprocess(
    (value) => (isPlainScalar(value) ? String(value) : value),
    z.string({ error: 'expected a text' }),
  )
  .transform(cleanText)
  .meta({ type: ['string', 'number'] })

export const requiredText = (what: string) =>
  text.refine((value) => value !== '', { error: `expected ${what}` })

export const whole = (min: number, max: number) => {
  const error = `expected a whole number from ${min} to ${max}`
  return z.preprocess(
    (value) => (typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value),
    z.int({ error }).min(min, { error }).max(max, { error }),
  )
}

/** `true`, and as spreadsheets write it: `TRUE`, `yes`, `1`. */
export const flag = z.preprocess(toBoolean, z.boolean({ error: 'expected true or false' }))

export const httpUrl = z.url({ protocol: /^https?$/, error: 'expected an http:// or https:// URL' })

export const listen = z
  .string()
  .refine(isListenAddress, { error: 'expected host:port, such as 127.0.0.1:5001' })

export const ipAddress = z
  .string({ error: 'expected an IP address' })
  .refine((value) => isIP(value) !== 0, {
    error: 'expected an IP address, such as 192.0.2.1 or 2001:db8::1',
  })

/** As Prometheus has them; labels that begin with `__` are for its own use. */
export const labelName = z.string().regex(/^(?!__)[A-Za-z_][A-Za-z0-9_]*$/, {
  error:
    'expected the name of a label: letters, digits and _, with no digit first and not __ at the start',
})

/** A regular expression, matched anywhere in a text unless it is anchored; `(?i)` in front of it passes over case. */
export const pattern = z
  .string({ error: 'expected a regular expression' })
  .transform((value, context) => {
    try {
      const [prefix = '', flags = ''] = /^\(\?([ims]+)\)/.exec(value) ?? []
      return new RegExp(value.slice(prefix.length), `${flags}u`)
    } catch (error) {
      context.addIssue({
        code: 'custom',
        message: `expected a regular expression (${(error as Error).message})`,
      })
      return z.NEVER
    }
  })

export const secret = z
  .string({ error: 'expected a text' })
  .min(1, { error: 'expected a text that is not empty' })
  .transform((value) => new Secret(value))
  .meta({ writeOnly: true })

export function toBoolean(value: unknown): unknown {
  if (typeof value !== 'string') return value
  if (/^(true|yes|on|1)$/i.test(value)) return true
  return /^(false|no|off|0)$/i.test(value) ? false : value
}

// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f]+/g

function cleanText(value: string): string {
  return value.replace(CONTROL, ' ').trim()
}

/** A number that JavaScript can't hold exactly has changed already: it must be quoted, not guessed. */
function isPlainScalar(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isInteger(value) || Number.isSafeInteger(value)
  return typeof value === 'boolean'
}

function isListenAddress(value: string): boolean {
  const match = /^(?:\[([^\]]+)\]|([^\s:]+)):(\d{1,5})$/.exec(value)
  if (match === null || Number(match[3]) > 65_535) return false
  return match[1] === undefined || isIP(match[1]) === 6
}
