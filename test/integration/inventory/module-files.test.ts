import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { check } from '../../../bin/check.ts'
import { readModules } from '../../../collector/snmp/load-modules.ts'
import { readConfig } from '../../../lib/config/load.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'wardline-modules-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

const DEVICE = 'inventory: { devices: [{ id: sw-1, address: 192.0.2.1 }] }'
const MODULE = `get: [1.3.6.1.2.1.1.3.0]
  metrics: [{ name: up, oid: 1.3.6.1.2.1.1.3, type: gauge, help: '' }]`

async function given(files: Readonly<Record<string, string>>): Promise<string> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text)
  return join(directory, 'wardline.yaml')
}

/** What `wardline check` says, without the directory. */
async function checked(path: string): Promise<{ code: number; lines: readonly string[] }> {
  const lines: string[] = []
  const print = (line: string): void => void lines.push(line.replaceAll(`${directory}/`, ''))
  return { code: await check(path, { print, error: print }), lines }
}

describe('snmp.module_files', () => {
  test('adds the modules and the credentials of snmp.yml, which devices may name', async () => {
    const path = await given({
      'wardline.yaml': `${DEVICE}
defaults: { snmp: { modules: [mine, system], credentials: [public_v2] } }
snmp: { module_files: ['*.yml'] }`,
      'snmp.yml': `auths: { public_v2: { version: 2, community: public } }
modules:
  mine:
    get: [1.3.6.1.2.1.1.3.0]
    metrics: [{ name: up, oid: 1.3.6.1.2.1.1.3, type: gauge, help: '' }]`,
    })
    expect(await checked(path)).toMatchObject({ code: 0 })
    const { names, sources, credentials } = await readModules(await readConfig(path))
    expect(names).toContain('mine')
    expect(sources.get('mine')).toBe(join(directory, 'snmp.yml'))
    expect(Object.keys(credentials)).toEqual(['public_v2'])
  })

  test('a file that is broken is told of, and not every device that names a module of it', async () => {
    const path = await given({
      'wardline.yaml': `${DEVICE}
defaults: { snmp: { modules: [mine], credentials: [mine] } }
snmp: { module_files: [snmp.yml] }`,
      'snmp.yml': `mine:\n  gett: 1\n  ${MODULE}`,
    })
    const { lines } = await checked(path)
    expect(lines).toEqual(['snmp.yml:2: mine.gett: unknown key, did you mean get?', '1 problem'])
  })

  test('a file with more problems than a call takes arguments is told of like any other', async () => {
    const path = await given({
      'wardline.yaml': `${DEVICE}\nsnmp: { module_files: [snmp.yml] }`,
      'snmp.yml': 'a: b\n'.repeat(150_000),
    })
    const { code, lines } = await checked(path)
    expect(code).toBe(1)
    expect(lines.at(-1)).toMatch(/^\d{6} problems$/)
  })

  test('one of the name of a built-in module takes its place', async () => {
    const path = await given({
      'wardline.yaml': `${DEVICE}\nsnmp: { module_files: [snmp.yml] }`,
      'snmp.yml': `if_mib:\n  ${MODULE}`,
    })
    const { modules } = await readModules(await readConfig(path))
    expect(modules.get('if_mib')?.metrics.map(({ name }) => name)).toEqual(['up'])
  })

  test.each([
    [
      'a file that is not there',
      { 'wardline.yaml': `${DEVICE}\nsnmp: { module_files: [none.yml] }` },
      'wardline.yaml:2: snmp.module_files[0]: none.yml: no such file',
    ],
    [
      'a name that two files have',
      {
        'wardline.yaml': `${DEVICE}\nsnmp: { module_files: [a.yml, b.yml] }`,
        'a.yml': `mine:\n  ${MODULE}`,
        'b.yml': `mine:\n  ${MODULE}`,
      },
      'b.yml: modules.mine: there is a module of this name in a.yml already: give one of them another name',
    ],
    [
      'a module called auto',
      {
        'wardline.yaml': `${DEVICE}\nsnmp: { module_files: [a.yml] }`,
        'a.yml': `auto:\n  ${MODULE}`,
      },
      'a.yml: modules.auto: auto stands for the modules that suit an agent: give this one another name',
    ],
    [
      'a device that names a module that there is not',
      {
        'wardline.yaml': `inventory: { devices: [{ id: sw-1, address: 192.0.2.1, snmp: { modules: [cisko], credentials: [c] } }] }
credentials: { c: { version: 2c, community: public } }`,
      },
      'did you mean cisco?',
    ],
    [
      'a credential for traps that there is not',
      {
        'wardline.yaml': `${DEVICE}
credentials: { core: { version: 2c, community: public } }
snmp: { traps: { listen: '127.0.0.1:1162', credentials: [cor] } }`,
      },
      'wardline.yaml:3: snmp.traps.credentials[0]: no credentials have the name "cor", did you mean core?',
    ],
  ])('%s is named (D2)', async (_what, files, message) => {
    const { code, lines } = await checked(await given(files as Record<string, string>))
    expect(code).toBe(1)
    expect(lines.join('\n')).toContain(message)
  })
})
