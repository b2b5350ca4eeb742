/** name=value pairs that identify a series or an alert. An empty value equals an absent label. */
export type Labels = Readonly<Record<string, string>>

/** One text for one label set, whatever the order of its keys; the key of maps. */
export function labelsKey(labels: Labels): string {
  const parts: string[] = []
  for (const name of Object.keys(labels).sort()) {
    if (labels[name] !== '') parts.push(JSON.stringify(name), JSON.stringify(labels[name]))
  }
  return parts.join()
}

/** A quoted MetricsQL / PromQL string: `a"b` becomes `"a\"b"`. */
export const quoteLabelValue = (value: string): string => JSON.stringify(value)

/** The selector of series whose label has one of these values, of which there is one at least. */
export function selectValues(label: string, values: readonly string[]): string {
  const [only = ''] = values
  if (values.length === 1) return `${label}=${quoteLabelValue(only)}`
  return `${label}=~${quoteLabelValue(values.map(escapePattern).join('|'))}`
}

/** `RegExp.escape` writes some characters in a way that RE2 doesn't read. */
const escapePattern = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
