import { writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { addDeviceCommands } from '../../../bin/device.ts'
import { readKnownInventory } from '../../../bin/known-inventory.ts'
import { readConfig } from '../../../lib/config/load.ts'
import { copyPath } from '../../../lib/inventory/edits/copy.ts'
import { writeKnown } from '../../../lib/redis/kept-file.ts'
import { type Ran, runCommand } from '../../run-command.ts'
import { type Stores, startStores } from '../../stores.ts'
import { type Directory, directoryWith } from '../inventory/files.ts'

let opened: AsyncDisposableStack
let stores: Stores
let directory: Directory

beforeEach(async () => {
  opened = new AsyncDisposableStack()
  stores = opened.use(await startStores())
  directory = opened.use(await directoryWith({}))
  const configuration = {
    redis: { url: stores.redisUrl },
    data_dir: directory.of('data'),
    inventory: {
      devices: [
        { id: 'core', address: '10.0.0.1', name: 'Core', branch: 'HQ' },
        { id: 'edge', address: '10.0.0.2', branch: 'Vake', parents: ['core'] },
      ],
    },
  }
  await writeFile(directory.of('wardline.yaml'), stringify(configuration))
})
afterEach(() => opened.disposeAsync())

const run = (...args: readonly string[]): Promise<Ran> =>
  runCommand(
    (program) => addDeviceCommands(program, () => directory.of('wardline.yaml')),
    'device',
    ...args,
  )

const listed = async (): Promise<Record<string, unknown>[]> =>
  JSON.parse((await run('list', '--json')).out) as Record<string, unknown>[]

describe('wardline device', () => {
  test('adds, changes, removes and restores, and says what changed', async () => {
    const fields = ['name=Gori, router', 'parents=core|edge', 'ping.interval=30s']
    const added = await run('add', 'new', '10.0.0.9', ...fields, '--author', 'nino')
    expect(added).toEqual({ code: 0, out: 'new added\n', err: '' })
    expect(await listed()).toContainEqual(
      expect.objectContaining({
        id: 'new',
        name: 'Gori, router',
        parents: ['core', 'edge'],
        origin: 'api',
      }),
    )
    expect((await run('set', 'core', 'branch=Gori', 'enabled=no')).out).toBe(
      'core changed: branch HQ → Gori, enabled true → false\n',
    )
    expect((await run('set', 'core', 'branch=')).out).toBe('core changed: branch Gori → HQ\n')
    expect((await run('remove', 'new')).out).toBe('new deleted\n')
    expect((await listed()).map(({ id }) => id)).toEqual(['core', 'edge'])
    expect((await run('restore', 'new')).out).toBe('new restored\n')
    expect((await run('list', '--origin', 'api', 'both')).out).toMatch(
      /^id .*\ncore .*both\nnew .*api\n$/,
    )
  })

  test('edits lists what is said beside and over files, and by whom', async () => {
    await run('set', 'core', 'branch=Gori', '--author', 'nino')
    await run('remove', 'edge', '--author', 'levan')
    const { out } = await run('edits')
    expect(out).toMatch(/core +changed .* nino +branch=Gori\n/)
    expect(out).toMatch(/edge +deleted .* levan\n/)
  })

  test.each([
    [
      'a field that is none',
      ['set', 'core', 'brnch=x'],
      'unknown field "brnch", did you mean branch?',
    ],
    ['a word without =', ['set', 'core', 'branch'], 'expected field=value such as branch=Gori'],
    [
      'an id that is taken',
      ['add', 'core', '10.0.0.9'],
      'the id is taken by "Core" (10.0.0.1, HQ)',
    ],
    [
      'an address that is none',
      ['add', 'n', '10.0.0.300'],
      'expected an IP address or a host name',
    ],
    ['a parent that others need', ['remove', 'core'], 'edge is behind it'],
    ['a device that is not there', ['set', 'cor', 'branch=x'], 'no device has the id "cor"'],
    ['an unknown origin', ['list', '--origin', 'files'], '--origin: expected file, api, both'],
  ])('%s is refused in words', async (_, args, message) => {
    const { code, err } = await run(...args)
    expect(code).toBe(2)
    expect(err).toContain(message)
    expect((await listed()).map(({ id }) => id)).toEqual(['core', 'edge'])
  })

  test('imports a file, all of it or nothing, each problem with its line (H4)', async () => {
    const file = await directory.write(
      'more.csv',
      'id,address,name\na,10.1.0.1,One\na,10.1.0.2,Two\ncore,10.0.0.1,Core\nb,10.1.0.3 -,Three -\n',
    )
    const bad = await run('import', file)
    expect(bad.code).toBe(1)
    const lines = bad.err.replaceAll(file, 'more.csv').split('\n')
    expect(lines).toEqual(
      expect.arrayContaining([
        'more.csv:3: device a: id: line 2 has this id, too: say once what is to become of a device',
        'more.csv:4: device core: id: the id is taken by "Core" (10.0.0.1, HQ)',
        'more.csv:5: device b: address: expected an IP address or a host name, got "10.1.0.3 -", did you mean 10.1.0.3?',
      ]),
    )
    await writeFile(file, 'id,address,name\na,10.1.0.1,One\ncore,10.0.0.1,New\n')
    const dry = await run('import', file, '--change', '--dry-run')
    expect(dry.out).toBe('a added\ncore changed: name Core → New\n')
    expect(await listed()).toHaveLength(2)
    expect((await run('import', file, '--change')).code).toBe(0)
    expect((await listed()).map(({ name }) => name)).toEqual(['New', 'edge', 'One'])
  })
})

test('other commands know the devices of the API, too, from what the services here last knew', async () => {
  const edit = { id: 'new', kind: 'added', fields: { address: '10.0.0.9' }, at: 1, who: 'nino' }
  await writeKnown(copyPath(directory.of('data')), {
    version: '1',
    at: 1,
    hashes: { edit: { new: JSON.stringify(edit) } },
  })
  const source = await readConfig(directory.of('wardline.yaml'))
  const { inventory, problems } = await readKnownInventory(source, { snmpModules: [] })
  expect([...inventory.keys()]).toEqual(['core', 'edge', 'new'])
  expect(problems).toEqual([])
})
