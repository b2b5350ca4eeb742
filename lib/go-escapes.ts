/** What a letter after a backslash stands for in Go's texts, which MetricsQL, templates and matchers share. */
export const GO_ESCAPES: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}
