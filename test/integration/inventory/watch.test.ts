import { rename, rm, utimes, writeFile } from 'node:fs/promises'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { ConfigError, formatProblem, loadConfig } from '../../../lib/config/load.ts'
import { watchInventory } from '../../../lib/inventory/files.ts'
import type { Inventory } from '../../../lib/inventory.ts'
import { waitFor } from '../../wait.ts'
import { directoryWith } from './files.ts'

const CONFIG =
  'inventory:\n  files: [devices.csv, "more/*.yaml"]\ncredentials: {c: {version: 2c, community: x}}'
const CSV = 'id,address,branch\na,10.0.0.1,HQ\nb,10.0.0.2,HQ\n'
const FILES = {
  'wardline.yaml': CONFIG,
  'devices.csv': CSV,
  'more/one.yaml': '- {id: m, address: 10.0.1.1}',
}

async function watching(files: Record<string, string> = FILES) {
  const directory = await directoryWith(files)
  const end = new AbortController()
  const logged: { level: number; msg: string }[] = []
  const log = pino({}, { write: (line: string) => logged.push(JSON.parse(line)) })
  const configPath = directory.of('wardline.yaml')
  const changes: Inventory[] = []
  const config = await loadConfig(configPath)
  const source = await watchInventory({ config, configPath, log, snmpModules: [] }, end.signal)
  const stop = source.onChange((inventory) => changes.push(inventory))
  const texts = (level: number) =>
    logged
      .filter((line) => line.level === level)
      .map(({ msg }) => msg.replaceAll(`${directory.path}/`, ''))
  return {
    directory,
    source,
    changes,
    stop,
    errors: () => texts(50),
    warnings: () => texts(40),
    abort: () => end.abort(),
    async [Symbol.asyncDispose]() {
      end.abort()
      await directory[Symbol.asyncDispose]()
    },
  }
}

const ids = (inventory: Inventory | undefined) => [...(inventory?.keys() ?? [])].join(' ')

describe('a change of the files changes the inventory', () => {
  it('written in place: unchanged devices stay the same objects', async () => {
    await using watch = await watching()
    const { a, b } = Object.fromEntries(watch.source.current)
    await watch.directory.write(
      'devices.csv',
      'id,address,branch\na,10.0.0.1,HQ\nb,10.0.0.2,West\nc,10.0.0.3,\n',
    )
    await waitFor(() => watch.changes.length === 1, { what: 'the change' })
    expect(ids(watch.changes[0])).toBe('a b c m')
    expect(watch.source.current).toBe(watch.changes[0])
    expect(watch.source.current.get('a')).toBe(a)
    expect(watch.source.current.get('b')).not.toBe(b)
  })

  it('replaced by rename, as editors do, again and again', async () => {
    await using watch = await watching()
    for (const id of ['x', 'y', 'z']) {
      const draft = await watch.directory.write('devices.csv.tmp', `id,address\n${id},10.0.0.1\n`)
      await rename(draft, watch.directory.of('devices.csv'))
      await waitFor(() => ids(watch.source.current) === `${id} m`, { what: `device ${id}` })
    }
    expect(watch.changes).toHaveLength(3)
  })

  it('removed and written anew: the gap is not an empty inventory', async () => {
    await using watch = await watching()
    await rm(watch.directory.of('devices.csv'))
    await waitFor(() => !watch.source.reload.ok, { what: 'the failed reload' })
    expect(ids(watch.source.current)).toBe('a b m')
    await watch.directory.write('devices.csv', 'id,address\nn,10.0.0.1\n')
    await waitFor(() => ids(watch.source.current) === 'n m', { what: 'the new inventory' })
  })

  it('a file that a glob finds later, and one that goes', async () => {
    await using watch = await watching()
    await watch.directory.write('more/two.yaml', '- {id: n, address: 10.0.1.2}')
    await waitFor(() => ids(watch.source.current) === 'a b m n', { what: 'the new file' })
    await rm(watch.directory.of('more/one.yaml'))
    await waitFor(() => ids(watch.source.current) === 'a b n', { what: 'the file to go' })
  })

  it('defaults, profiles and files in wardline.yaml', async () => {
    await using watch = await watching()
    await watch.directory.write('other.json', '[{"id": "o", "address": "x"}]')
    await watch.directory.write(
      'wardline.yaml',
      'inventory: {files: [other.json]}\ndefaults: {ping: {interval: 30s}}\ncredentials: {c: {version: 2c, community: x}}',
    )
    await waitFor(() => ids(watch.source.current) === 'o', { what: 'the other file' })
    expect(watch.source.current.get('o')?.ping.intervalMs).toBe(30_000)
    expect(watch.warnings()).toEqual([])
    await watch.directory.write('other.json', '[{"id": "p", "address": "x"}]')
    await waitFor(() => ids(watch.source.current) === 'p', { what: 'a change of the other file' })
  })

  it('a listener that fails keeps it from no other', async () => {
    await using watch = await watching()
    watch.stop()
    const heard: number[] = []
    watch.source.onChange(() => {
      throw new Error('mine')
    })
    watch.source.onChange((inventory) => heard.push(inventory.size))
    await watch.directory.write('devices.csv', 'id,address\nn,10.0.0.1\n')
    await waitFor(() => heard.length > 0, { what: 'the second listener' })
    expect(heard).toEqual([2])
    expect(watch.changes).toEqual([])
    expect(watch.source.reload.ok).toBe(true)
  })

  it('SIGHUP reads at once; the same result is no change', async () => {
    await using watch = await watching()
    const before = watch.source.reload
    process.kill(process.pid, 'SIGHUP')
    await waitFor(() => watch.source.reload !== before, { what: 'the reload' })
    expect(watch.source.reload).toMatchObject({ ok: true, problems: [] })
    expect(watch.changes).toEqual([])
  })

  it('a file that was only touched is no change', async () => {
    await using watch = await watching()
    const before = watch.source.reload
    await utimes(watch.directory.of('devices.csv'), 1, 1)
    await waitFor(() => watch.source.reload !== before, { what: 'the reload' })
    expect(watch.changes).toEqual([])
  })

  it('10,000 devices in YAML are read without holding up the process', async () => {
    await using watch = await watching()
    const yaml = Array.from(
      { length: 10_000 },
      (_, i) => `- id: d${i}\n  address: 10.9.${i >> 8}.${i & 255}\n  branch: b${i % 128}\n`,
    )
    await watch.directory.write('more/one.yaml', yaml.join(''))
    let longestMs = 0
    let last = performance.now()
    const beat = setInterval(() => {
      longestMs = Math.max(longestMs, performance.now() - last)
      last = performance.now()
    }, 5)
    await waitFor(() => watch.source.current.size === 10_002, {
      timeoutMs: 30_000,
      what: '10,002 devices',
    })
    clearInterval(beat)
    const started = performance.now()
    const { parseYaml } = await import('../../../lib/config/yaml.ts')
    parseYaml('d.yaml', yaml.join(''))
    expect(longestMs).toBeLessThan(performance.now() - started)
  })
})

describe('all or nothing', () => {
  it('one bad file keeps every device of every file, tells each problem once, and heals', async () => {
    await using watch = await watching()
    const before = watch.source.current
    await watch.directory.write('more/one.yaml', '- {id: new, address: 10.0.1.9}')
    await watch.directory.write('devices.csv', 'id,address\na,10.0.0.1 -\na,10.0.0.2\n')
    await waitFor(() => !watch.source.reload.ok, { what: 'the failed reload' })
    expect(watch.source.current).toBe(before)
    expect(watch.changes).toEqual([])
    const problems = [
      'devices.csv:2: device a: address: expected an IP address or a host name, got "10.0.0.1 -", did you mean 10.0.0.1?',
      'devices.csv:3: device a: id: the id is taken already at devices.csv:2: give each device its own',
    ]
    expect(
      watch.source.reload.problems
        .map(formatProblem)
        .map((text) => text.replaceAll(`${watch.directory.path}/`, '')),
    ).toEqual(problems)
    expect(watch.errors()).toEqual([
      ...problems,
      'the inventory was not reloaded: the one from before stays in force (wardline check shows every problem)',
    ])
    await watch.directory.write('devices.csv', CSV)
    await waitFor(() => watch.source.reload.ok, { what: 'the good reload' })
    expect(ids(watch.source.current)).toBe('a b new')
    expect(watch.errors()).toHaveLength(3)
  })

  it('a broken wardline.yaml keeps the inventory too', async () => {
    await using watch = await watching()
    await watch.directory.write('wardline.yaml', `${CONFIG}\nbogus: 1`)
    await waitFor(() => !watch.source.reload.ok, { what: 'the failed reload' })
    expect(ids(watch.source.current)).toBe('a b m')
    expect(watch.errors()[0]).toContain('wardline.yaml:4: bogus: unknown key')
  })

  it('what needs a restart is told once and not taken', async () => {
    await using watch = await watching()
    const changed = `${CONFIG.replace('community: x', 'community: y')}\nalerting: {interval: 30s}`
    await watch.directory.write('wardline.yaml', changed)
    await waitFor(() => watch.warnings().length > 0, { what: 'the warning' })
    await watch.directory.write('devices.csv', 'id,address\nn,10.0.0.1\n')
    await waitFor(() => ids(watch.source.current) === 'n m', { what: 'the next reload' })
    expect(watch.warnings()).toEqual([
      'wardline.yaml: credentials, alerting changed: restart wardline for that to take effect',
    ])
  })

  it('credentials that were added after the start are refused until the restart', async () => {
    await using watch = await watching()
    await watch.directory.write(
      'wardline.yaml',
      `${CONFIG}\n`.replace('credentials: {', 'credentials: {n: {version: 2c, community: y}, '),
    )
    await watch.directory.write(
      'more/one.yaml',
      '- {id: m, address: 10.0.1.1, snmp: {credentials: [n]}}',
    )
    const [problem] = await waitFor(() => !watch.source.reload.ok && watch.source.reload.problems, {
      what: 'the problem',
    })
    expect(problem?.message).toBe(
      'the credentials "n" were added after the start: restart wardline to use them',
    )
  })
})

it('a bad inventory stops the start with every problem', async () => {
  await using directory = await directoryWith({
    'wardline.yaml':
      'inventory:\n  devices:\n  - {id: a, address: x, parents: [b]}\n  - {id: a, address: 10.0.0.300}',
  })
  const configPath = directory.of('wardline.yaml')
  const config = await loadConfig(configPath)
  const log = pino({ enabled: false })
  const end = new AbortController()
  const error = await watchInventory(
    { config, configPath, log, snmpModules: [] },
    end.signal,
  ).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(ConfigError)
  expect(String(error).replaceAll(`${directory.path}/`, '').split('\n')).toEqual([
    'wardline.yaml:3: device a: parents: no device has the id "b"',
    'wardline.yaml:4: device a: address: expected an IP address or a host name, got "10.0.0.300"',
    'wardline.yaml:4: device a: id: the id is taken already at wardline.yaml:3: give each device its own',
  ])
})

it('the signal ends the watching: nothing is heard of later changes', async () => {
  await using watch = await watching()
  const hearing = process.listenerCount('SIGHUP')
  watch.abort()
  expect(process.listenerCount('SIGHUP')).toBe(hearing - 1)
  await writeFile(watch.directory.of('devices.csv'), 'id,address\nn,10.0.0.1\n')
  await using other = await watching()
  await other.directory.write('devices.csv', 'id,address\nn,10.0.0.1\n')
  await waitFor(() => other.changes.length === 1, { what: 'the other to hear' })
  expect(watch.changes).toEqual([])
})
