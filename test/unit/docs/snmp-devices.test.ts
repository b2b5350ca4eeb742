import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { modulesFor } from '../../../collector/snmp/modules/auto.ts'
import { BUILT_IN_MODULES } from '../../../collector/snmp/modules/index.ts'
import { tableOf } from './snmp-devices.ts'

const page = readFileSync(join(import.meta.dirname, '../../../docs/snmp-devices.md'), 'utf8')

/** From a heading to the next one. */
function section(heading: string): string {
  const start = page.indexOf(`\n${heading}\n`)
  const end = page.indexOf('\n#', start + heading.length)
  return start === -1 ? '' : page.slice(start, end === -1 ? undefined : end)
}

test.each([...BUILT_IN_MODULES.values()])(
  'docs/snmp-devices.md lists what $name reads, in its own words',
  (module) => expect(section(`### ${module.name}`)).toContain(`\n${tableOf(module)}\n`),
)

test('docs/snmp-devices.md lists no other module', () => {
  const headings = [...page.matchAll(/^### (\w+)$/gm)].map(([, name]) => name)
  expect(headings).toEqual([...BUILT_IN_MODULES.keys()])
})

test('docs/snmp-devices.md says of each prefix which module auto takes', () => {
  const rows = [...section('## auto').matchAll(/^\| `([\d.]+)` \| [^|]+ \| `(\w+)` \|/gm)]
  expect(rows.length).toBeGreaterThan(20)
  for (const [, prefix = '', module = ''] of rows) {
    expect(modulesFor(prefix), prefix).toEqual([module])
  }
})
