import { type Socket, createSocket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { countSockets, readUdpErrors } from '../../../bench/snmp/udp-counters.ts'
import { waitFor } from '../../wait.ts'

let socket: Socket
beforeEach(async () => {
  socket = createSocket({ type: 'udp4', recvBufferSize: 4096 })
  const listening = once(socket, 'listening')
  socket.bind(0, '127.0.0.1')
  await listening
})
afterEach(() => void socket.close())

describe('what UDP of a namespace has lost', () => {
  test('counts packets that found no room in a receive buffer', async () => {
    const before = await readUdpErrors()
    const { port } = socket.address()
    // Nothing is read in between: a small buffer is full after a few.
    for (let count = 0; count < 500; count++) socket.send(Buffer.alloc(1000), port, '127.0.0.1')
    await waitFor(async () => (await readUdpErrors()).receiveBuffer > before.receiveBuffer)
    const after = await readUdpErrors()
    expect(after.in - before.in).toBeGreaterThanOrEqual(after.receiveBuffer - before.receiveBuffer)
  })
})

describe('the sockets of a process', () => {
  test('are counted, those of UDP apart', async () => {
    const before = await countSockets(process.pid)
    const more = createSocket('udp6')
    const listening = once(more, 'listening')
    more.bind(0)
    await listening
    const after = await countSockets(process.pid)
    more.close()
    expect({ udp: after.udp - before.udp, all: after.all - before.all }).toEqual({ udp: 1, all: 1 })
    expect(before.udp).toBeGreaterThanOrEqual(1)
  })
})
