import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'

/** A process of its own that sends one packet again and again: node flood-main.ts <from> <port> <per second> <seconds> <hex>. */
const [from = '', port = '', rate = '', seconds = '', hex = ''] = process.argv.slice(2)
const packet = Buffer.from(hex, 'hex')
const socket = createSocket('udp4').bind(0, from)
await once(socket, 'listening')

const startedAt = performance.now()
const wanted = Number(rate) * Number(seconds)
let sent = 0
while (sent < wanted) {
  const due = Math.min(wanted, ((performance.now() - startedAt) / 1000) * Number(rate))
  for (; sent < due; sent++) socket.send(packet, Number(port), '127.0.0.1')
  await delay(2)
}
socket.close()
await once(socket, 'close')
process.stdout.write(String(sent))
