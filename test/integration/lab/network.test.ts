import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Network, openNetwork } from '../../../lab/network.ts'

let network: Network
beforeAll(async () => {
  network = await openNetwork()
})
afterEach(() => network.clear())
afterAll(() => network[Symbol.asyncDispose]())

type Pinged = { readonly received: Record<string, number>; readonly said: string }

/** How many of the echoes to each address came back, as the real fping tells it. */
async function ping(addresses: readonly string[], count = 2, periodMs = 200): Promise<Pinged> {
  const args = ['-C', `${count}`, '-q', '-p', `${periodMs}`, '-t', '500', '-i', '1', ...addresses]
  const fping = spawn('fping', args)
  let said = ''
  fping.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  await once(fping, 'close')
  const received: Record<string, number> = {}
  for (const [, address = '', times = ''] of said.matchAll(/^(\S+)\s+: (.*)$/gm))
    received[address] = times.split(' ').filter((time) => time !== '-').length
  return { received, said }
}

describe('the network', () => {
  test('answers on any of its addresses, IPv4 and IPv6', async () => {
    const { received } = await ping(['198.18.0.1', '198.19.255.254', '2001:db8::7'])
    expect(received).toEqual({ '198.18.0.1': 2, '198.19.255.254': 2, '2001:db8::7': 2 })
  })

  test('takes addresses down and up, and leaves the others alone', async () => {
    await network.down(['198.18.3.4', '2001:db8::7'])
    const during = await ping(['198.18.3.4', '198.18.3.5', '2001:db8::7'])
    await network.up(['198.18.3.4', '2001:db8::7'])
    const after = await ping(['198.18.3.4', '198.18.3.5', '2001:db8::7'])
    expect([during.received, after.received]).toEqual([
      { '198.18.3.4': 0, '198.18.3.5': 2, '2001:db8::7': 0 },
      { '198.18.3.4': 2, '198.18.3.5': 2, '2001:db8::7': 2 },
    ])
  })

  test('is silent about what is down: a timeout, never an ICMP error', async () => {
    await network.down(['198.18.3.4'])
    const { said } = await ping(['198.18.3.4'])
    expect(said.trim()).toBe('198.18.3.4 : - -')
  })

  test('lets a UDP sender see no error either', async () => {
    await network.down(['198.18.3.4'])
    const socket = createSocket('udp4')
    const errors: Error[] = []
    socket.on('error', (error) => errors.push(error))
    socket.connect(161, '198.18.3.4')
    await once(socket, 'connect')
    for (let turn = 0; turn < 3; turn++)
      await new Promise((resolve) => socket.send('hello', resolve))
    socket.close()
    expect(errors).toEqual([])
  })

  test('loses about what it is told to lose', async () => {
    await network.lossy(['198.18.9.9'], 30)
    const { received } = await ping(['198.18.9.9', '198.18.9.8'], 300, 1)
    expect(received['198.18.9.8']).toBe(300)
    // 300 echoes at 70 %: 210, and six standard deviations to either side.
    expect(received['198.18.9.9']).toBeGreaterThan(162)
    expect(received['198.18.9.9']).toBeLessThan(258)
  })

  test('an address that was lossy before it went down is lossy again afterwards', async () => {
    await network.lossy(['198.18.9.9'], 100)
    await network.down(['198.18.9.9'])
    await network.up(['198.18.9.9'])
    const still = await ping(['198.18.9.9'])
    await network.lossy(['198.18.9.9'], 0)
    const fine = await ping(['198.18.9.9'])
    expect([still.received, fine.received]).toEqual([{ '198.18.9.9': 0 }, { '198.18.9.9': 2 }])
  })

  test('clears everything at once', async () => {
    await network.down(['198.18.3.4'])
    await network.lossy(['198.18.9.9'], 100)
    await network.clear()
    const { received } = await ping(['198.18.3.4', '198.18.9.9'])
    expect(received).toEqual({ '198.18.3.4': 2, '198.18.9.9': 2 })
  })

  test('changes thousands of addresses in one call that tells when it took effect', async () => {
    const many = Array.from({ length: 5_000 }, (_, place) => `198.19.${place >> 8}.${place & 255}`)
    const before = Date.now()
    const { askedAt, at } = await network.down(many)
    expect(before).toBeLessThanOrEqual(askedAt)
    expect(askedAt).toBeLessThanOrEqual(at)
    const { received } = await ping([many[0] ?? '', many[4_999] ?? '', '198.19.200.1'])
    expect(Object.values(received)).toEqual([0, 0, 2])
  })

  test('takes changes that are asked for at the same time one after the other', async () => {
    await Promise.all([
      network.down(['198.18.3.4']),
      network.up(['198.18.3.4']),
      network.down(['198.18.3.4', '198.18.3.5']),
      network.up(['198.18.3.5']),
    ])
    const { received } = await ping(['198.18.3.4', '198.18.3.5'])
    expect(received).toEqual({ '198.18.3.4': 0, '198.18.3.5': 2 })
  })
})
