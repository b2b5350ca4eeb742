import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readlink } from 'node:fs/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { traceDevice } from '../../../collector/diagnostics/traceroute.ts'
import type { Outcome } from '../../../lib/diagnostics.ts'
import { waitFor } from '../../wait.ts'

const run = promisify(execFile)
const ip = (...args: string[]): Promise<unknown> => run('ip', args)

/** A network namespace that lives as long as a process in it. */
type Place = { readonly process: ChildProcess; inside(...command: string[]): Promise<unknown> }
const places: Place[] = []

async function openPlace(): Promise<Place> {
  const own = await readlink('/proc/self/ns/net')
  const process = spawn('unshare', ['-n', 'sleep', '600'], { stdio: 'ignore' })
  await once(process, 'spawn')
  const namespaceOf = () => readlink(`/proc/${process.pid}/ns/net`)
  await waitFor(async () => (await namespaceOf()) !== own, { what: 'a namespace' })
  const place: Place = {
    process,
    inside: (...command) => run('nsenter', ['-t', String(process.pid), '-n', ...command]),
  }
  places.push(place)
  return place
}

// Here – 10.77.1.1 router 10.77.2.1 – 10.77.2.2 device.
beforeAll(async () => {
  const router = await openPlace()
  const device = await openPlace()
  await ip('link', 'add', 'way1', 'type', 'veth', 'peer', 'name', 'way1b')
  await ip('link', 'set', 'way1b', 'netns', String(router.process.pid))
  await ip('link', 'add', 'way2', 'type', 'veth', 'peer', 'name', 'way2b')
  await ip('link', 'set', 'way2', 'netns', String(router.process.pid))
  await ip('link', 'set', 'way2b', 'netns', String(device.process.pid))
  await ip('addr', 'add', '10.77.1.2/24', 'dev', 'way1')
  await ip('link', 'set', 'way1', 'up')
  await ip('route', 'add', '10.77.0.0/16', 'via', '10.77.1.1')
  const within = (place: Place, line: string) => place.inside('ip', ...line.split(' '))
  await within(router, 'addr add 10.77.1.1/24 dev way1b')
  await within(router, 'link set way1b up')
  await within(router, 'addr add 10.77.2.1/24 dev way2')
  await within(router, 'link set way2 up')
  await router.inside('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward')
  await within(device, 'addr add 10.77.2.2/24 dev way2b')
  await within(device, 'link set way2b up')
  await within(device, 'route add default via 10.77.2.1')
})
afterAll(() => {
  for (const { process } of places) process.kill('SIGKILL')
})

async function trace(address: string): Promise<{ lines: string[]; outcome: Outcome }> {
  const tracing = traceDevice('fping', address, AbortSignal.timeout(50_000))
  const lines: string[] = []
  for (;;) {
    const step = await tracing.next()
    if (step.done === true) return { lines, outcome: step.value }
    lines.push(step.value)
  }
}

test('H7: the way to a device names the router on it', async () => {
  const { lines, outcome } = await trace('10.77.2.2')

  expect(lines.slice(1)).toEqual([
    ' 1  10.77.1.1',
    expect.stringMatching(/^ 2 {2}10\.77\.2\.2( {2}[\d.]+ ms){3}$/),
  ])
  expect(outcome).toEqual({ ok: true, summary: '10.77.2.2 is 2 hops away' })
})

test('H7: the way to a device that is silent ends at the last router that is not', async () => {
  const { lines, outcome } = await trace('10.77.2.9')

  expect(lines[1]).toBe(' 1  10.77.1.1')
  expect(outcome).toEqual({ ok: false, summary: '10.77.2.9 was not reached' })
  expect(lines.length).toBeLessThan(25)
})
