import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { MODULE_METRICS } from '../../../../alerting/schema/modules.ts'
import { OWN_METRICS } from '../../../../alerting/schema/own.ts'

/** What wardline really writes is compared with this page in test/integration/grafana/metrics-docs.test.ts. */
const page = await readFile(new URL('../../../../docs/metrics.md', import.meta.url), 'utf8')

type Documented = { readonly name: string; readonly labels: readonly string[] }

/** Rows of the tables of metrics: the labels are the words in code of the column that is about labels. */
function documented(): Documented[] {
  const found: Documented[] = []
  let column = -1
  for (const line of page.split('\n')) {
    const cells = line.split('|').map((cell) => cell.trim())
    if (cells[1] === 'metric') column = cells.findIndex((cell) => /labels?$/.test(cell))
    const name = /^`(\w+)`$/.exec(cells[1] ?? '')?.[1]
    if (name === undefined) continue
    // `state`: `pending`, `firing` is one label and its values.
    const words = (cells[column] ?? '').replaceAll(/`(\w+)`:[^;]*/g, '`$1`')
    found.push({ name, labels: [...words.matchAll(/`(\w+)`/g)].map(([, label = '']) => label) })
  }
  return found
}

const own = documented().filter(({ name }) => !(name in MODULE_METRICS))

test('the schema of typed rules has the metrics that docs/metrics.md lists, and no others', () => {
  expect(Object.keys(OWN_METRICS).sort()).toEqual(own.map(({ name }) => name).sort())
})

test.each(own)('$name has the labels that docs/metrics.md tells', ({ name, labels }) => {
  const known: readonly string[] = OWN_METRICS[name as keyof typeof OWN_METRICS]
  expect(known).toEqual(expect.arrayContaining([...labels]))
})
