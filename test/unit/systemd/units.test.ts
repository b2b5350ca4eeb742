import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { ROOT } from '../../compose-file.ts'

const FOLDER = join(ROOT, 'deploy/systemd')
const UNITS = ['wardline.service', 'wardline@.service']
const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0

const copies = mkdtempSync(join(tmpdir(), 'wardline-units-'))
afterAll(() => rmSync(copies, { recursive: true }))

/** The settings of a unit; one that is given several times has several values. */
function settingsOf(...path: string[]): Map<string, string[]> {
  const settings = new Map<string, string[]>()
  for (const line of readFileSync(join(FOLDER, ...path), 'utf8').split('\n')) {
    const [, key, value] = /^([A-Za-z]+)=(.*)$/.exec(line) ?? []
    if (key === undefined || value === undefined) continue
    settings.set(key, [...(settings.get(key) ?? []), value])
  }
  return settings
}

describe.each(UNITS)('%s', (unit) => {
  const settings = settingsOf(unit)
  const one = (key: string): string | undefined => settings.get(key)?.join(' ')

  test('runs as a user of its own that may write where its state is, and nowhere else', () => {
    expect(one('DynamicUser')).toBe('yes')
    expect(one('ProtectSystem')).toBe('strict')
    expect(one('StateDirectory')).toBe('wardline')
    expect(settings.has('ReadWritePaths')).toBe(false)
    expect(one('NoNewPrivileges')).toBe('yes')
  })

  test('has the memory settings of bin/environment.sh', () => {
    const shell = readFileSync(join(ROOT, 'bin/environment.sh'), 'utf8')
    const [, options = ''] = /NODE_OPTIONS="(.*?)\$\{/.exec(shell) ?? []
    expect(one('Environment')).toContain(`"NODE_OPTIONS=${options}"`)
    for (const [, name = '', value = ''] of shell.matchAll(/(MALLOC_\w+)="\$\{\w+:-(\d+)\}"/g))
      expect(one('Environment')).toContain(`${name}=${value}`)
  })

  test('is started again however often it ends, but not with a bad configuration', () => {
    expect(one('Restart')).toBe('always')
    expect(one('StartLimitIntervalSec')).toBe('0')
    expect(one('RestartPreventExitStatus')).toBe('2')
  })

  test('leaves wardline its ten seconds to end', () => {
    expect(one('TimeoutStopSec')).toBe('12s')
    expect(one('KillMode')).toBe('mixed')
  })

  test.runIf(hasSystemd)('is understood by systemd', () => {
    const { status, output } = verify(unit)
    expect(output).toBe('')
    expect(status).toBe(0)
  })

  test.runIf(hasSystemd)('is little exposed, as systemd counts it', () => {
    const { status, stdout } = spawnSync(
      'systemd-analyze',
      ['security', '--offline=true', '--threshold=20', join(FOLDER, unit)],
      { encoding: 'utf8' },
    )
    // A threshold of 20 is an exposure of 2.0: "OK".
    expect(status, stdout).toBe(0)
  })
})

test('the capability of fping is all that wardline.service has, and the collector alone of the three', () => {
  const whole = settingsOf('wardline.service')
  const collector = settingsOf('wardline@collector.service.d', 'ping.conf')
  for (const settings of [whole, collector]) {
    expect(settings.get('AmbientCapabilities')).toEqual(['CAP_NET_RAW'])
    expect(settings.get('CapabilityBoundingSet')).toEqual(['CAP_NET_RAW'])
  }
  const each = settingsOf('wardline@.service')
  expect(each.get('CapabilityBoundingSet')).toEqual([''])
  expect(each.has('AmbientCapabilities')).toBe(false)
  expect(readdirSync(FOLDER).filter((name) => name.endsWith('.d'))).toEqual([
    'wardline@collector.service.d',
  ])
})

/** What systemd says of a unit whose program is this one's. */
function verify(unit: string): { status: number | null; output: string } {
  cpSync(FOLDER, copies, { recursive: true })
  const text = readFileSync(join(FOLDER, unit), 'utf8')
    .replaceAll('/opt/wardline/node_modules/.bin/node', process.execPath)
    .replaceAll('/opt/wardline', ROOT)
  const name = unit.replace('@.', '@collector.')
  writeFileSync(join(copies, name), text)
  const { status, stderr, stdout } = spawnSync(
    'systemd-analyze',
    ['verify', '--man=no', '--recursive-errors=no', join(copies, name)],
    { encoding: 'utf8' },
  )
  return { status, output: `${stdout}${stderr}`.trim() }
}
