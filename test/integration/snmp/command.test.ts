import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { identityLabels } from '../../../lib/inventory.ts'
import { device } from '../../fakes/inventory.ts'
import { type Stores, startStores } from '../../stores.ts'
import { feed, slot } from '../api/stand.ts'
import { type Snmpd, snmpget, startSnmpd } from './snmpd.ts'

const PORT = 16_163
const COMMUNITY = 's3cr$(x);&|"q'
const WRONG = 'wr0ng&one'

let snmpd: Snmpd
let stores: Stores
let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'wardline-snmp-'))
  snmpd = await startSnmpd({ port: PORT, community: COMMUNITY })
  stores = await startStores()
  const snmp = (credentials: string[]) => ({ credentials, port: PORT, timeout: '900ms' })
  const at = { address: snmpd.address, branch: 'Vake', region: 'Tbilisi' }
  const config = {
    victoriametrics: { url: stores.vmUrl },
    credentials: {
      wrong: { version: '2c', community: WRONG },
      office: { version: '2c', community: COMMUNITY },
      old: { version: '1', community: COMMUNITY },
    },
    snmp: { module_files: ['extra.yml'], uplinks: [{ name: 'isp-a', interface: '^lo$' }] },
    inventory: {
      devices: [
        { id: 'core-1', name: 'Core', ...at, snmp: snmp(['wrong', 'office']) },
        { id: 'twin-1', name: 'Twin', address: '127.0.0.2', snmp: snmp(['wrong']) },
        { id: 'twin-2', name: 'Twin', address: '127.0.0.3' },
        { id: 'nowhere', address: 'no-such-host.invalid', snmp: snmp(['office']) },
      ],
    },
  }
  // Every JSON text is YAML.
  await writeFile(join(directory, 'wardline.yaml'), JSON.stringify(config))
  await writeFile(
    join(directory, 'extra.yml'),
    'modules:\n  uptime:\n    get: [1.3.6.1.2.1.1.3.0]\n    metrics:\n' +
      '    - { name: upTicks, oid: 1.3.6.1.2.1.1.3, type: gauge }\n',
  )
})
afterAll(async () => {
  await snmpd?.[Symbol.asyncDispose]()
  await stores?.[Symbol.asyncDispose]()
  await rm(directory, { recursive: true, force: true })
})

type Ran = { readonly code: number; readonly out: string; readonly err: string }

/** `wardline snmp …args`, as a process of its own. E4: whatever it says, it says no secret. */
async function snmp(...args: string[]): Promise<Ran> {
  const program = join(import.meta.dirname, '../../../bin/wardline.ts')
  const command = [program, '--config', join(directory, 'wardline.yaml'), 'snmp', ...args]
  const ran = await new Promise<Ran>((resolve) => {
    const child = execFile(process.execPath, command, (_error, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    )
  })
  for (const secret of [COMMUNITY, WRONG])
    expect(ran.out + ran.err).not.toContain(secret.slice(0, 6))
  expect(ran.err).not.toMatch(/^\s+at .*:\d+/m)
  return ran
}

describe('get', () => {
  test('shows what snmpget shows, with the credential that was answered', async () => {
    const { code, out, err } = await snmp('get', 'core-1', 'sysName', '.1.3.6.1.2.1.2.2.1.8.1')
    const asked = { ...snmpd, community: COMMUNITY }
    const [name, oper] = await snmpget(asked, ['1.3.6.1.2.1.1.5.0', '1.3.6.1.2.1.2.2.1.8.1'])

    expect(code).toBe(0)
    expect(out.trimEnd().split('\n')).toEqual([
      expect.stringMatching(
        new RegExp(
          `^sysName\\.0 +1\\.3\\.6\\.1\\.2\\.1\\.1\\.5\\.0 +OctetString +${name?.slice(1, -1)}$`,
        ),
      ),
      expect.stringMatching(new RegExp(`^ifOperStatus\\.1 .* Integer +${oper}( |$)`)),
    ])
    expect(err).toMatch(/answered with office \(v2c\)\n$/)
  })

  test.each([
    ['office', 'noSuchInstance'],
    ['old', 'noSuchName'],
  ])('E2 over %s what is not there is %s, and the rest is shown', async (credential, type) => {
    const { code, out } = await snmp(
      'get',
      'Core',
      'ifOperStatus.999',
      'sysName',
      '--json',
      '--credential',
      credential, // oxfmt-ignore
    )

    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({
      device: 'core-1',
      values: [{ name: 'ifOperStatus.999', type, value: '' }, { value: 'core-1.example' }],
    })
  })

  test.each<[string, string[], RegExp]>([
    [
      'an agent that is silent',
      ['twin-1', 'sysName'],
      /failed \(timeout\): no answer from 127\.0\.0\.2/,
    ],
    [
      'a name that does not resolve',
      ['nowhere', 'sysName'],
      /failed \(send\): the name no-such-host/,
    ],
  ])('%s is exit code 1', async (_title, args, message) => {
    const { code, out, err } = await snmp('get', ...args)

    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(message)
  })

  test.each<[string, string[], string]>([
    [
      'H7 an address that the inventory has not',
      ['192.0.2.9', 'sysName'],
      'no device of the inventory',
    ],
    ['a name that two devices have', ['Twin', 'sysName'], '  twin-2  Twin, 127.0.0.3'],
    ['an object that no module has', ['core-1', 'sysNam'], 'did you mean sysName?'],
    ['a device without credentials', ['twin-2', 'sysName'], 'or with --credential: wrong, office'],
    [
      'a credential that there is not',
      ['core-1', 'sysName', '--credential', 'offce'],
      'did you mean office?',
    ],
    [
      'a timeout without its unit',
      ['core-1', 'sysName', '--timeout', '5'],
      '--timeout: expected a duration',
    ],
    ['nothing to ask for', ['core-1'], "missing required argument 'oid'"],
  ])('%s is exit code 2', async (_title, args, message) => {
    const { code, out, err } = await snmp('get', ...args)

    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(message)
  })
})

describe('walk', () => {
  test('shows a subtree, and of it what is asked for', async () => {
    const { code, out, err } = await snmp('walk', 'core-1', 'ifOperStatus')
    const filtered = await snmp('walk', 'core-1', '1.3.6.1.2.1.2.2', '--filter', 'IFOPER')

    expect([code, out]).toEqual([0, expect.stringMatching(/^ifOperStatus\.1 .*\n$/)])
    expect(err).toMatch(/^1 value; \d+ PDUs in /)
    expect([filtered.code, filtered.out]).toEqual([0, out])
    expect(filtered.err).toMatch(/^\d+ values, 1 shown; /)
  })

  test('of a single value that value', async () => {
    expect((await snmp('walk', 'core-1', 'sysName.0')).out).toContain('core-1.example')
  })

  test('where nothing is is exit code 1', async () => {
    const { code, out, err } = await snmp('walk', 'core-1', '1.3.6.1.4.1.99999')

    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(/^0 values; /)
  })
})

describe('test', () => {
  test('shows what a poll would store, uplinks included, and stores nothing', async () => {
    const { code, out, err } = await snmp('test', 'core-1')

    expect(code).toBe(0)
    expect(out).toContain('# all with {device="core-1",branch="Vake",region="Tbilisi"}')
    expect(out).toMatch(/^snmp_up +1$/m)
    expect(out).toMatch(
      /^ifOperStatus +\{ifIndex="1",ifName="lo",ifDescr="lo",uplink="isp-a"\} +1$/m,
    )
    expect(out).toMatch(/^# on device_info: .*sysName="core-1.example"/m)
    expect(err).toMatch(
      /^\d+ values would be stored; \d+ PDUs in .*answered with office \(v2c\)\n$/,
    )
    await stores.victoriaMetrics.flush()
    expect(await stores.victoriaMetrics.query('{device="core-1"}')).toEqual([])
  })

  test('as line protocol that VictoriaMetrics takes as it is', async () => {
    const { out } = await snmp('test', 'core-1', '--lines', '--filter', 'ifoper')
    await stores.victoriaMetrics.writeLines(out)
    await stores.victoriaMetrics.flush()

    const vector = await stores.victoriaMetrics.query('last_over_time(ifOperStatus[1m])')

    expect(out.trimEnd().split('\n')).toHaveLength(1)
    expect(vector).toMatchObject([
      { value: 1, labels: { device: 'core-1', ifName: 'lo', uplink: 'isp-a' } },
    ])
  })

  test('of another module, one of a file', async () => {
    const { code, out } = await snmp('test', 'core-1', '--module', 'uptime', '--json')
    const told = JSON.parse(out)

    expect(code).toBe(0)
    expect(told).toMatchObject({ device: 'core-1', credential: 'office', failure: null })
    expect(told.values.map(({ metric }: { metric: string }) => metric)).toContain('upTicks')
    expect(told.values.map(({ metric }: { metric: string }) => metric)).not.toContain('ifNumber')
  })

  test('of an agent that is silent says so, with what would be stored of that', async () => {
    const { code, out, err } = await snmp('test', 'twin-1')

    expect(code).toBe(1)
    expect(out).toMatch(/^snmp_up +0$/m)
    expect(err).toMatch(/^failed \(timeout\): no answer .*\n.*no credential was answered\n$/)
  })
})

describe('modules', () => {
  test('lists those that are built in and those of files, with their sources', async () => {
    const { out } = await snmp('modules')

    expect(out).toMatch(/^if_mib +\d+ +built-in$/m)
    expect(out).toMatch(new RegExp(`^uptime +1 +${join(directory, 'extra.yml')}$`, 'm'))
  })

  test('shows what one reads', async () => {
    const { out } = await snmp('modules', 'if_mib', '--filter', 'ifHCInOctets')

    expect(out).toMatch(
      /^ifHCInOctets +counter +1\.3\.6\.1\.2\.1\.31\.1\.1\.1\.6 +ifIndex, ifName, ifAlias, ifDescr/m,
    )
    expect(out).not.toContain('ifHighSpeed ')
  })

  test('one that there is not is exit code 2', async () => {
    const { code, err } = await snmp('modules', 'if_mob')

    expect(code).toBe(2)
    expect(err).toContain('did you mean if_mib?')
  })
})

describe('slowest', () => {
  const poll = (id: string, branch: string, poll_seconds: number) => ({
    measurement: 'snmp',
    labels: identityLabels(device(id, { branch, region: branch && 'Tbilisi' })),
    fields: { poll_seconds, pdus: 9, errors: 0 },
    at: slot(5),
  })

  test('shows the longest polls that are stored, of a branch too', async () => {
    await feed(stores.victoriaMetrics, [poll('core-1', 'Vake', 0.25), poll('twin-1', '', 3.5)])

    const { code, out } = await snmp('slowest')
    const ofBranch = await snmp('slowest', '--branch', 'Vake', '--json')

    expect(code).toBe(0)
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => line.trim().split(/\s{2,}/)),
    ).toEqual([
      ['last poll', '10m mean', 'PDUs', 'errors', 'every', 'device', 'address', 'name, branch'],
      ['3.500 s', '3.500 s', '9', '0', '1m', 'twin-1', '127.0.0.2', 'Twin'],
      ['0.250 s', '0.250 s', '9', '0', '1m', 'core-1', '127.0.0.1', 'Core, Vake'],
    ])
    expect(JSON.parse(ofBranch.out)).toMatchObject([{ device: 'core-1', poll_seconds: 0.25 }])
  })

  test('a branch that there is not is exit code 2', async () => {
    const { code, err } = await snmp('slowest', '--branch', 'Vaki')

    expect(code).toBe(2)
    expect(err).toContain('did you mean Vake?')
  })
})
