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
