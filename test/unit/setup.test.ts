import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  PARTS,
  cannotInstall,
  hasUrl,
  installParts,
  isInstalled,
  missingParts,
} from '../../setup.mjs'

const POLICY = '/usr/sbin/policy-rc.d'

describe('what is missing', () => {
  const names = (given: { test?: boolean; config?: string; has?: (program: string) => boolean }) =>
    missingParts({ test: false, config: '', has: () => false, ...given }).map(
      (part) => part.package,
    )

  test('on an empty machine everything that the start needs, and for the tests more', () => {
    expect(names({})).toEqual(['fping', 'victoria-metrics', 'redis-server', 'iproute2', 'nftables'])
    expect(names({ test: true }).slice(5)).toEqual(['snmpd', 'snmp', 'chromium'])
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
      run(command: string, args: readonly string[]) {
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

  test('says in one line each what and why', () => {
    const here = machine()
    expect(installParts(PARTS.slice(0, 2), here)).toBeNull()
    expect(here.said).toEqual([
      'installing fping: sends the pings',
      'installing victoria-metrics: stores the samples',
    ])
  })

  test('asks apt for new lists only when the first try failed', () => {
    const fresh = machine()
    expect(installParts(PARTS, fresh)).toBeNull()
    expect(fresh.ran.filter((line) => line.includes('apt-get -q -y update'))).toEqual([])

    const old = machine({ fails: (line, before) => isInstall(line) && !before.some(isInstall) })
    expect(installParts(PARTS, old)).toBeNull()
    expect(old.ran.filter((line) => line.includes('apt-get')).map(isInstall)).toEqual([
      true,
      false,
      true,
    ])
  })

  test('keeps services from being started, and tidies up after itself even when apt fails', () => {
    const here = machine({ fails: isInstall })
    expect(installParts(stores, here)).toMatch('E: Unable to locate package')
    expect(here.policy.text).toMatch(/exit 101\n$/)
    expect(here.ran.at(0)).toMatch(`install -m 755`)
    expect(here.ran.at(-1)).toBe(`rm -f ${POLICY}`)
  })

  test('leaves a policy alone that somebody else has set', () => {
    const here = machine({ files: [POLICY] })
    installParts(stores, here)
    expect(here.ran.filter((line) => line.includes(POLICY))).toEqual([])
  })

  test('clears away a policy of its own that a crash left', () => {
    const crashed = machine()
    installParts(stores, crashed)
    const here = machine({ files: [POLICY] })
    here.policy.text = crashed.policy.text
    installParts(stores, here)
    expect(here.ran).toContain(`rm -f ${POLICY}`)
  })

  test('disables the new services where systemd would start them at the next boot, and says so', () => {
    const here = machine({ files: ['/run/systemd/system'] })
    installParts(stores.slice(0, 2), here)
    const units = 'victoria-metrics.service redis-server.service'
    expect(here.ran).toContain(`systemctl disable --now ${units}`)
    expect(here.said.at(-1)).toMatch('disabling victoria-metrics.service, redis-server.service')
  })

  test('goes through sudo where it is not root', () => {
    const here = machine({ isRoot: false })
    expect(installParts(stores, here)).toBeNull()
    expect(here.ran.every((line) => line.startsWith('sudo -n '))).toBe(true)
  })

  test.each([
    ['there is no apt-get', machine({ programs: ['sudo'] })],
    ['this is not root, and there is no sudo', machine({ isRoot: false, programs: ['apt-get'] })],
    [
      'this is not root, and sudo asks for a password',
      machine({ isRoot: false, fails: (line) => line === 'sudo -n true' }),
    ],
  ])('is refused where it cannot be done, without touching anything: %s', (reason, here) => {
    expect(installParts(PARTS, here)).toBe(reason)
    expect(here.ran.filter((line) => line !== 'sudo -n true')).toEqual([])
    expect(here.said).toEqual([])
  })

  test('the refusal lists what is missing and the two ways to get it', () => {
    const text = cannotInstall(PARTS.slice(0, 2), 'there is no apt-get')
    expect(text).toMatch('there is no apt-get')
    expect(text).toMatch(/fping +sends the pings/)
    expect(text).toMatch('apt-get install --no-install-recommends fping victoria-metrics')
    expect(text).toMatch('docker compose up')
  })
})
