import { quoteLabelValue } from '../../../lib/labels.ts'

/** Alerts by name and device; undefined: any. */
export type Selection = {
  readonly alert?: readonly string[] | undefined
  readonly device?: readonly string[] | undefined
}

/** More devices than this are asked for with all others: a selector has a bound. */
const MOST_NAMED = 1_000

/** The matchers of a selection, each with a comma in front of it: `,alertname=~"A|B",device="r1"`. */
export function selectorOf({ alert, device }: Selection): string {
  const matchers = [...anyOf('alertname', alert), ...anyOf('device', device)]
  return matchers.map((matcher) => `,${matcher}`).join('')
}

function anyOf(label: string, values: readonly string[] | undefined): string[] {
  const unique = [...new Set(values)]
  if (values === undefined || unique.length > MOST_NAMED) return []
  const [only = ''] = unique
  if (unique.length === 1) return [`${label}=${quoteLabelValue(only)}`]
  return [`${label}=~${quoteLabelValue(unique.map(escapePattern).join('|'))}`]
}

/** `RegExp.escape` writes some characters in a way that RE2 doesn't read. */
const escapePattern = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
