import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openTrapSocket } from '../../../collector/traps/socket.ts'
import { StartError } from '../../../lib/start-error.ts'
import { waitFor } from '../../wait.ts'
import { credentialsOf, openTools, openWire, sender, startTraps } from './fixture.ts'

const LINK_DOWN = '1.3.6.1.6.3.1.1.5.3'
const VENDOR = '1.3.6.1.4.1.9.9.43.2.0.1'
/** snmptrap's arguments after the address: uptime, trap, a binding. */
const trapOf = (oid: string): string[] => ['4711', oid, '1.3.6.1.2.1.2.2.1.1.3', 'i', '3']

const AUTH = ['-a', 'SHA', '-A', 'maplesyrup']
const LEVELS = {
  noAuthNoPriv: { config: {}, args: ['-l', 'noAuthNoPriv'] },
  authNoPriv: {
    config: { auth_protocol: 'SHA', auth_password: 'maplesyrup' },
    args: ['-l', 'authNoPriv', ...AUTH],
  },
  ...Object.fromEntries(
    (
      [
        ['MD5', 'DES', 'DES'],
        ['SHA', 'AES', 'AES'],
        ['SHA224', 'AES', 'AES'],
        ['SHA256', 'AES256', 'AES-256'],
        ['SHA384', 'AES256', 'AES-256'],
        ['SHA512', 'AES256', 'AES-256'],
        ['SHA', 'AES256', 'AES-256'],
        ['SHA', 'AES256C', 'AES-256-C'],
      ] as const
    ).map(([auth, priv, tool]) => [
      `authPriv with ${auth} and ${priv}`,
      {
        config: {
          auth_protocol: auth,
          auth_password: 'maplesyrup',
          priv_protocol: priv,
          priv_password: 'pancakes!',
        },
        args: ['-l', 'authPriv', '-a', auth.replace(/^SHA(?=\d)/, 'SHA-')]
          .concat('-A', 'maplesyrup')
          .concat('-x', tool, '-X', 'pancakes!'),
      },
    ]),
  ),
}

const red = { red: { version: '2c', community: 'red $1' } }
const router = sender('router', '127.0.0.1', 'red')

describe.concurrent('traps of v1 and v2c, sent by snmptrap', () => {
  test('are counted by device and trap OID, and begin with a 0', async () => {
    await using tools = await openTools()
    await using traps = await startTraps([router], { credentials: credentialsOf(red) })
    const to = `127.0.0.1:${traps.port}`
    await tools.snmptrap('-v', '2c', '-c', 'red $1', to, ...trapOf(LINK_DOWN))
    await tools.snmptrap('-v', '2c', '-c', 'red $1', to, ...trapOf(VENDOR))
    await traps.reached('router', LINK_DOWN)
    await traps.reached('router', VENDOR)
    const ofLink = traps.samples.filter(({ labels }) => labels['trap'] === LINK_DOWN)
    expect(ofLink.map(({ fields }) => fields['traps_total'])).toEqual([0, 1])
    expect(ofLink[0]?.labels).toEqual({
      device: 'router',
      branch: 'Vake',
      region: 'Tbilisi',
      trap: LINK_DOWN,
      name: 'linkDown',
      vantage: 'dc',
    })
    expect(traps.dropped).toEqual({})
  })

  test.each([
    ['linkDown', ['2', '0'], LINK_DOWN],
    ['coldStart', ['0', '0'], '1.3.6.1.6.3.1.1.5.1'],
    ['an enterprise specific one', ['6', '42'], '1.3.6.1.4.1.9.1.1208.0.42'],
  ])('of v1: %s', async (_what, [generic = '', specific = ''], oid) => {
    await using tools = await openTools()
    await using traps = await startTraps([router], { credentials: credentialsOf(red) })
    await tools.snmptrap(
      '-v',
      '1',
      '-c',
      'red $1',
      `127.0.0.1:${traps.port}`,
      '1.3.6.1.4.1.9.1.1208',
      '192.0.2.1',
      generic,
      specific,
      '4711',
    )
    await traps.reached('router', oid)
  })

  test("count for every device at the source's address that has the credential (F5)", async () => {
    await using tools = await openTools()
    await using traps = await startTraps(
      [router, sender('twin', '127.0.0.1', 'red'), sender('other', '127.0.0.1', 'blue')],
      { credentials: credentialsOf({ ...red, blue: { version: '1', community: 'blue' } }) },
    )
    const to = `127.0.0.1:${traps.port}`
    await tools.snmptrap('-v', '2c', '-c', 'red $1', to, ...trapOf(LINK_DOWN))
    await traps.reached('router', LINK_DOWN)
    expect([traps.total('twin', LINK_DOWN), traps.total('other', LINK_DOWN)]).toEqual([
      1,
      undefined,
    ])
  })

  test('may have a shared credential, of a device without SNMP too', async () => {
    await using tools = await openTools()
    await using traps = await startTraps([sender('camera', '127.0.0.1')], {
      credentials: credentialsOf(red),
      shared: ['red'],
    })
    const to = `127.0.0.1:${traps.port}`
    await tools.snmptrap('-v', '2c', '-c', 'red $1', to, ...trapOf(LINK_DOWN))
    await traps.reached('camera', LINK_DOWN)
  })

  test('of an address that no device has, or with another community, are dropped and counted', async () => {
    await using tools = await openTools()
    await using traps = await startTraps([router], {
      credentials: credentialsOf(red),
      listen: '0.0.0.0:0',
    })
    const to = `127.0.0.1:${traps.port}`
    const from = '--clientaddr=198.18.60.9'
    await tools.snmptrap('-v', '2c', '-c', 'red $1', from, to, ...trapOf(LINK_DOWN))
    await tools.snmptrap('-v', '2c', '-c', 'public', to, ...trapOf(LINK_DOWN))
    await traps.refused('community')
    await traps.refused('sender')
    expect({ samples: traps.samples, received: traps.received }).toEqual({
      samples: [],
      received: 2,
    })
  })

  test('a device that is added may send, and one that leaves may not', async () => {
    await using tools = await openTools()
    await using traps = await startTraps([], { credentials: credentialsOf(red) })
    const to = `127.0.0.1:${traps.port}`
    traps.inventory.replace(router)
    await tools.snmptrap('-v', '2c', '-c', 'red $1', to, ...trapOf(LINK_DOWN))
    await traps.reached('router', LINK_DOWN)
    traps.inventory.replace()
    await tools.snmptrap('-v', '2c', '-c', 'red $1', to, ...trapOf(LINK_DOWN))
    await traps.refused('sender')
  })

  test('of a device with a name are taken as soon as it resolves, and from its new address when it moves', async () => {
    await using tools = await openTools()
    let address: string | null = null
    await using traps = await startTraps([sender('named', 'named.example', 'red')], {
      credentials: credentialsOf(red),
      listen: '0.0.0.0:0',
      resolve: () => address,
    })
    const to = `127.0.0.1:${traps.port}`
    const args = ['-v', '2c', '-c', 'red $1', to, ...trapOf(LINK_DOWN)]
    await tools.snmptrap(...args)
    await traps.refused('sender')
    address = '127.0.0.1'
    await tools.snmpinform('-r', '3', '-t', '1', ...args)
    address = '198.18.60.8'
    await tools.snmpinform('-r', '3', '-t', '1', '--clientaddr=198.18.60.8', ...args)
    await traps.reached('named', LINK_DOWN, 2)
  })

  test('come over IPv6, and over IPv4 to the same socket', async () => {
    await using tools = await openTools()
    await using traps = await startTraps([router, sender('six', '::1', 'red')], {
      credentials: credentialsOf(red),
      listen: '[::]:0',
    })
    const args = ['-v', '2c', '-c', 'red $1']
    await tools.snmptrap(...args, `udp6:[::1]:${traps.port}`, ...trapOf(LINK_DOWN))
    await tools.snmptrap(...args, `127.0.0.1:${traps.port}`, ...trapOf(LINK_DOWN))
    await traps.reached('six', LINK_DOWN)
    await traps.reached('router', LINK_DOWN)
    await tools.snmpinform(...args, `127.0.0.1:${traps.port}`, ...trapOf(LINK_DOWN))
    await traps.reached('router', LINK_DOWN, 2)
  })
})

describe.concurrent('traps of v3, sent by snmptrap', () => {
  test.each(Object.entries(LEVELS))('%s', async (_level, { config, args }) => {
    await using tools = await openTools()
    await using traps = await startTraps([sender('router', '127.0.0.1', 'ops')], {
      credentials: credentialsOf({ ops: { version: '3', user: 'ops', ...config } }),
    })
    const to = `127.0.0.1:${traps.port}`
    for (const _ of ['first', 'second']) {
      await tools.snmptrap('-v', '3', '-u', 'ops', ...args, to, ...trapOf(LINK_DOWN))
    }
    await traps.reached('router', LINK_DOWN, 2)
    expect(traps.dropped).toEqual({})
  })

  test.each([
    ['another user', ['-u', 'eve', ...LEVELS.authNoPriv.args]],
    ['another password', ['-u', 'ops', '-l', 'authNoPriv', '-a', 'SHA', '-A', 'wrong-password']],
    ['another digest', ['-u', 'ops', '-l', 'authNoPriv', '-a', 'SHA-256', '-A', 'maplesyrup']],
    ['no digest at all', ['-u', 'ops', '-l', 'noAuthNoPriv']],
  ])('with %s are dropped and counted', async (_what, args) => {
    await using tools = await openTools()
    await using traps = await startTraps([sender('router', '127.0.0.1', 'ops')], {
      credentials: credentialsOf({
        ops: { version: '3', user: 'ops', ...LEVELS.authNoPriv.config },
      }),
    })
    await tools.snmptrap('-v', '3', ...args, `127.0.0.1:${traps.port}`, ...trapOf(LINK_DOWN))
    await traps.refused('auth')
    expect(traps.samples).toEqual([])
  })

  test('that come a second time, or are older than the newest by more than the window, are dropped', async () => {
    const ops = { version: '3', user: 'ops', ...LEVELS.authNoPriv.config }
    await using tools = await openTools()
    await using traps = await startTraps([sender('router', '127.0.0.1', 'ops')], {
      credentials: credentialsOf({ ops }),
    })
    await using wire = await openWire()
    const send = async (boots: number, time: number): Promise<Buffer> => {
      const before = wire.packets.length
      await tools.snmptrap(
        '-v',
        '3',
        '-u',
        'ops',
        ...LEVELS.authNoPriv.args,
        '-e',
        '0x8000000005010203',
        '-Z',
        `${boots},${time}`,
        `127.0.0.1:${wire.port}`,
        ...trapOf(LINK_DOWN),
      )
      while (wire.packets.length === before) await new Promise((resolve) => setImmediate(resolve))
      const packet = wire.packets.at(-1) ?? Buffer.alloc(0)
      await wire.send(packet, traps.port)
      return packet
    }
    const newest = await send(5, 1_000)
    await traps.reached('router', LINK_DOWN)
    await wire.send(newest, traps.port)
    await traps.refused('window', 1)
    await send(5, 800)
    await traps.refused('window', 2)
    await send(4, 5_000)
    await traps.refused('window', 3)
    await send(5, 900)
    await traps.reached('router', LINK_DOWN, 2)
    await send(6, 1)
    await traps.reached('router', LINK_DOWN, 3)
  })
})

describe.concurrent('informs, sent by snmpinform', () => {
  const levels = [
    ['v2c', ['-v', '2c', '-c', 'red $1'], red.red],
    ...Object.entries(LEVELS).map(
      ([level, { config, args }]) =>
        [
          `v3 ${level}`,
          ['-v', '3', '-u', 'ops', ...args],
          { version: '3', user: 'ops', ...config },
        ] as const,
    ),
  ] as const

  test.each(levels)('%s are acknowledged, and count once', async (_level, args, credential) => {
    await using tools = await openTools()
    await using traps = await startTraps([sender('router', '127.0.0.1', 'own')], {
      credentials: credentialsOf({ own: credential }),
    })
    await tools.snmpinform(...args, `127.0.0.1:${traps.port}`, ...trapOf(LINK_DOWN))
    await traps.reached('router', LINK_DOWN)
    expect(traps.dropped).toEqual({})
  })

  test('that nobody may send are not acknowledged', async () => {
    await using tools = await openTools()
    await using traps = await startTraps([router], { credentials: credentialsOf(red) })
    const to = `127.0.0.1:${traps.port}`
    const informing = tools.snmpinform(
      '-r',
      '0',
      '-t',
      '0.3',
      '-v',
      '2c',
      '-c',
      'public',
      to,
      ...trapOf(LINK_DOWN),
    )
    await expect(informing).rejects.toThrow(/[Tt]imeout/)
    expect(traps.samples).toEqual([])
  })

  test('that are sent again because the answer was lost are answered again, and count once', async () => {
    await using tools = await openTools()
    await using traps = await startTraps([router], { credentials: credentialsOf(red) })
    await using wire = await openWire()
    await using answers = await openWire()
    const informing = tools.snmpinform(
      '-r',
      '0',
      '-t',
      '0.3',
      '-v',
      '2c',
      '-c',
      'red $1',
      `127.0.0.1:${wire.port}`,
      ...trapOf(LINK_DOWN),
    )
    await expect(informing).rejects.toThrow()
    const [inform = Buffer.alloc(0)] = wire.packets
    await answers.send(inform, traps.port)
    await answers.send(inform, traps.port)
    await traps.reached('router', LINK_DOWN)
    while (answers.packets.length < 2) await new Promise((resolve) => setImmediate(resolve))
    expect(answers.packets[0]?.equals(answers.packets[1] ?? inform)).toBe(true)
    expect(traps.total('router', LINK_DOWN)).toBe(1)
  })

  test('of v3 go on after a restart: the engine keeps its id, and its boots go up', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'wardline-engine-'))
    const credentials = credentialsOf({
      ops: { version: '3', user: 'ops', ...LEVELS.authNoPriv.config },
    })
    await using tools = await openTools()
    for (const _ of ['first', 'second']) {
      await using traps = await startTraps([sender('router', '127.0.0.1', 'ops')], {
        credentials,
        dataDir,
      })
      await tools.snmpinform(
        '-v',
        '3',
        '-u',
        'ops',
        ...LEVELS.authNoPriv.args,
        `127.0.0.1:${traps.port}`,
        ...trapOf(LINK_DOWN),
      )
      await traps.reached('router', LINK_DOWN)
    }
    await rm(dataDir, { recursive: true })
  })
})

describe('the socket', () => {
  test('answers nothing to port 0, which a forged packet may come from, and goes on', async () => {
    await using wire = await openWire()
    await using socket = await openTrapSocket('127.0.0.1:0', () => {})
    socket.reply(Buffer.from('nowhere'), { address: '127.0.0.1', port: 0 })
    socket.reply(Buffer.from('somewhere'), { address: '127.0.0.1', port: wire.port })
    await waitFor(() => wire.packets.length > 0)
    expect(String(wire.packets[0])).toBe('somewhere')
  })

  test('on a port that is taken stops the start, and says what to change', async () => {
    await using wire = await openWire()
    const starting = startTraps([], { credentials: {}, listen: `127.0.0.1:${wire.port}` })
    await expect(starting).rejects.toThrow(StartError)
    await expect(starting).rejects.toThrow(/^snmp\.traps\.listen: port \d+ is in use/)
  })
})
