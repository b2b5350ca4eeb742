import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  Interrupted,
  PARTS,
  cannotInstall,
  hasUrl,
  installParts,
  isInstalled,
  missingParts,
  npmReason,
  primeCompileCache,
} from '../../setup.mjs'

const POLICY = '/usr/sbin/policy-rc.d'

describe('what is missing', () => {
  const names = (given: { test?: boolean; config?: string; has?: (program: string) => boolean }) =>
    missingParts({ test: false, config: '', has: () => false, ...given }).map(
      (part) => part.package,
    )

  test('on an empty machine everything that the start needs, and for the tests more', () => {
    expect(names({})).toEqual(['fping', 'victoria-metrics', 'redis-server', 'iproute2', 'nftables'])
    expect(names({ test: true }).slice(5)).toEqual([
      'snmpd',
      'snmp',
      'prometheus-snmp-exporter',
      'snmpsim',
      'prometheus-alertmanager',
      'openssl',
      'chromium',
    ])
  })

  test('nothing that is there', () => {
    expect(names({ has: (program) => program !== 'fping' })).toEqual(['fping'])
    expect(names({ test: true, has: () => true })).toEqual([])
  })

  test('not a store that is configured elsewhere, but for the tests', () => {
    const config = 'redis:\n  url: redis://10.0.0.1\n'
    expect(names({ config })).not.toContain('redis-server')
    expect(names({ config })).toContain('victoria-metrics')
    expect(names({ config, test: true })).toContain('redis-server')
  })
})

test.each([
  ['', false],
  ['redis:\n  url: redis://a\n', true],
  ['redis:\n\n  # there\n  url: "redis://a"\napi:\n', true],
  ['redis: { url: redis://a }\n', true],
  ['redis:\r\n  url: redis://a\r\n', true],
  ['redis:\n  # url: redis://a\n', false],
  ['redis:\n  url:\n', false],
  ['redis: {}\nvictoriametrics:\n  url: http://a\n', false],
  ['receivers:\n  - webhook: { url: http://a }\n', false],
])('a URL of Redis is seen in %j: %s', (config, expected) => {
  expect(hasUrl(config, 'redis')).toBe(expected)
})

describe('node_modules is right', () => {
  const lock = {
    packages: {
      '': {},
      'node_modules/a': { version: '1.0.0', integrity: 'x' },
      'node_modules/b': { version: '1.0.0', integrity: 'y', optional: true },
    },
  }

  test('when npm recorded in it what the lock says', () => {
    expect(isInstalled(lock, lock)).toBe(true)
    const { 'node_modules/b': _, ...withoutOptional } = lock.packages
    expect(isInstalled(lock, { packages: withoutOptional })).toBe(true)
  })

  test.each([
    ['lacks something', {}],
    ['has another version', { 'node_modules/a': { version: '1.0.1', integrity: 'x' } }],
    ['has other content', { 'node_modules/a': { version: '1.0.0', integrity: 'z' } }],
  ])('but not when it %s', (_, packages) => {
    expect(isInstalled(lock, { packages })).toBe(false)
  })
})

describe('installing', () => {
  /** A machine that has `programs` and on which every command works unless `fails` says so. */
  function machine({
    programs = ['apt-get', 'sudo'],
    isRoot = true,
    files = [],
    fails = () => false,
  }: {
    programs?: string[]
    isRoot?: boolean
    files?: string[]
    fails?: (line: string, before: readonly string[]) => boolean
  } = {}) {
    const ran: string[] = []
    const said: string[] = []
    const policy = { text: '' }
    return {
      ran,
      said,
      policy,
      isRoot,
      has: (program: string) => programs.includes(program),
      exists: (path: string) => files.includes(path),
      read: () => policy.text,
      async run(command: string, args: readonly string[]) {
        const line = [command, ...args].join(' ')
        const ok = !fails(line, ran)
        ran.push(line)
        if (line.includes('install -m')) {
          policy.text = readFileSync(String(args[args.indexOf('755') + 1]), 'utf8')
        }
        return { ok, output: ok ? '' : 'E: Unable to locate package' }
      },
      say: (line: string) => void said.push(line),
    }
  }
  const isInstall = (line: string) => line.includes('apt-get') && line.includes(' install ')
  const stores = PARTS.filter((part) => part.unit !== undefined)

  test('says in one line each what and why', async () => {
    const here = machine()
    expect(await installParts(PARTS.slice(0, 2), here)).toBeNull()
    expect(here.said).toEqual([
      'installing fping: sends the pings',
      'installing victoria-metrics: stores the samples',
    ])
  })

  test('asks apt for new lists only when the first try failed', async () => {
    const fresh = machine()
    expect(await installParts(PARTS, fresh)).toBeNull()
    expect(fresh.ran.filter((line) => line.includes('apt-get -q -y update'))).toEqual([])

    const old = machine({ fails: (line, before) => isInstall(line) && !before.some(isInstall) })
    expect(await installParts(PARTS, old)).toBeNull()
    expect(old.ran.filter((line) => line.includes('apt-get')).map(isInstall)).toEqual([
      true,
      false,
      true,
    ])
  })

  test('keeps services from being started, and tidies up after itself even when apt fails', async () => {
    const here = machine({ fails: isInstall })
    expect(await installParts(stores, here)).toMatch('E: Unable to locate package')
    expect(here.policy.text).toMatch(/exit 101\n$/)
    expect(here.ran.at(0)).toMatch(`install -m 755`)
    expect(here.ran.at(-1)).toBe(`rm -f ${POLICY}`)
  })

  test('leaves a policy alone that somebody else has set', async () => {
    const here = machine({ files: [POLICY] })
    await installParts(stores, here)
    expect(here.ran.filter((line) => line.includes(POLICY))).toEqual([])
  })

  test('clears away a policy of its own that a crash left', async () => {
    const crashed = machine()
    await installParts(stores, crashed)
    const here = machine({ files: [POLICY] })
    here.policy.text = crashed.policy.text
    await installParts(stores, here)
    expect(here.ran).toContain(`rm -f ${POLICY}`)
  })

  test('disables the new services where systemd would start them at the next boot, and says so', async () => {
    const here = machine({ files: ['/run/systemd/system'] })
    await installParts(stores.slice(0, 2), here)
    const units = 'victoria-metrics.service redis-server.service'
    expect(here.ran).toContain(`systemctl disable --now ${units}`)
    expect(here.said.at(-1)).toMatch('disabling victoria-metrics.service, redis-server.service')
  })

  test('goes through sudo where it is not root', async () => {
    const here = machine({ isRoot: false })
    expect(await installParts(stores, here)).toBeNull()
    expect(here.ran.every((line) => line.startsWith('sudo -n '))).toBe(true)
  })

  test.each([
    ['there is no apt-get', machine({ programs: ['sudo'] })],
    ['this is not root, and there is no sudo', machine({ isRoot: false, programs: ['apt-get'] })],
    [
      'this is not root, and sudo asks for a password',
      machine({ isRoot: false, fails: (line) => line === 'sudo -n true' }),
    ],
  ])('is refused where it cannot be done, without touching anything: %s', async (reason, here) => {
    expect(await installParts(PARTS, here)).toBe(reason)
    expect(here.ran.filter((line) => line !== 'sudo -n true')).toEqual([])
    expect(here.said).toEqual([])
  })

  test('ends at Ctrl-C without a second try, and tidies up', async () => {
    const here = machine()
    const interrupted = {
      ...here,
      async run(command: string, args: readonly string[]) {
        const result = await here.run(command, args)
        if (isInstall(here.ran.at(-1) ?? '')) throw new Interrupted('interrupted')
        return result
      },
    }
    await expect(installParts(stores, interrupted)).rejects.toThrow(Interrupted)
    expect(here.ran.filter(isInstall)).toHaveLength(1)
    expect(here.ran.at(-1)).toBe(`rm -f ${POLICY}`)
  })

  test('the refusal lists what is missing and the two ways to get it', () => {
    const text = cannotInstall(PARTS.slice(0, 2), 'there is no apt-get')
    expect(text).toMatch('there is no apt-get')
    expect(text).toMatch(/fping +sends the pings/)
    expect(text).toMatch('apt-get install --no-install-recommends fping victoria-metrics')
    expect(text).toMatch('docker compose up')
  })
})

describe('why npm failed', () => {
  test.each([
    ['npm 10', 'npm error code ENOTFOUND'],
    ['npm 9', 'npm ERR! code ENOTFOUND'],
  ])('is in the lines that %s marks', (_, reason) => {
    expect(npmReason(`usage\n${reason}\nmore usage\n`)).toBe(reason)
  })

  test('is in its last lines where none is marked', () => {
    const lines = Array.from({ length: 20 }, (_, n) => `line ${n}`)
    expect(npmReason(`${lines.join('\n')}\n`)).toBe(lines.slice(12).join('\n'))
    expect(npmReason('there is no npm on PATH')).toBe('there is no npm on PATH')
  })
})

describe('the compile cache', () => {
  let root = ''
  let said: string[] = []
  let ran: string[] = []
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'wardline-prime-'))
    mkdirSync(join(root, 'lib/config'), { recursive: true })
    mkdirSync(join(root, 'bin'))
    for (const file of ['bin/main.ts', 'lib/config/load.ts', 'package-lock.json']) touch(file, 1)
    said = []
    ran = []
  })
  afterEach(() => rmSync(root, { recursive: true }))

  const touch = (file: string, at: number) => {
    writeFileSync(join(root, file), '')
    utimesSync(join(root, file), at, at)
  }
  const prime = (outcome = { ok: true, output: '' }) =>
    primeCompileCache(root, 'node', {
      run: async (_, args) => {
        ran.push(args.join(' '))
        return outcome
      },
      say: (line) => void said.push(line),
    })
  const PRIMED = ['bin/prime.ts', 'bin/wardline.ts --version']

  test('is filled once, and then nothing is said', async () => {
    await prime()
    await prime()
    expect(ran).toEqual(PRIMED)
    expect(said).toHaveLength(1)
  })

  test('is filled although another command has made its folder, from nothing', async () => {
    const left = join(root, 'node_modules/.cache/wardline/old')
    mkdirSync(left, { recursive: true })
    await prime()
    expect(ran).toEqual(PRIMED)
    expect(existsSync(left)).toBe(false)
  })

  test.each([
    ['a file is newer', () => touch('lib/config/load.ts', 2)],
    ['a file is added', () => touch('lib/added.ts', 1)],
    ['a file is gone', () => rmSync(join(root, 'bin/main.ts'))],
    ['the libraries are others', () => writeFileSync(join(root, 'package-lock.json'), '{}')],
  ])('is filled again when %s', async (_, change) => {
    await prime()
    change()
    await prime()
    expect(ran).toEqual([...PRIMED, ...PRIMED])
  })

  test('that could not be filled is told in a line and tried again at the next start', async () => {
    const output = 'file:///x.ts:1\n\nSyntaxError: oops\n    at x\n'
    await prime({ ok: false, output })
    expect(said[1]).toBe(
      'the compile cache could not be filled, wardline goes without: SyntaxError: oops',
    )
    await prime()
    expect(ran).toEqual(['bin/prime.ts', ...PRIMED])
  })
})
