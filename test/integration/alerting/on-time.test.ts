import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fastAddresses, startFastAgents } from '../../../lab/fast-agents.ts'
import { type Network, openNetwork } from '../../../lab/network.ts'
import { freePort } from '../../stores.ts'
import { waitFor } from '../../wait.ts'
import { type WardlineProcess, startWardline } from '../../wardline-process.ts'
import { type TestReceiver, inShort, startReceiver } from './receiver.ts'

/** Far more polls than one process can make: of each, a big switch every five seconds. */
const POLLED = 2_000
const INTERFACES = 96
const VICTIM = '198.19.0.1'
const AVAILABILITY_MS = 2_000

const stack = new AsyncDisposableStack()
let receiver: TestReceiver
let network: Network
let wardline: WardlineProcess
let ports: { collector: number; alerting: number }

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wardline-on-time-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  network = stack.use(await openNetwork())
  receiver = stack.use(await startReceiver())
  const addresses = fastAddresses(POLLED)
  const agents = stack.use(
    await startFastAgents({ addresses, community: 'public', interfaces: INTERFACES }),
  )
  await agents.silence(addresses.filter((_, place) => place % 3 === 0))
  ports = { collector: await freePort(), alerting: await freePort() }
  const polled = addresses.map((address, place) => ({
    id: `polled-${place}`,
    address,
    snmp: { credentials: ['public'], interval: '5s', timeout: '4s' },
  }))
  const config = join(folder, 'wardline.yaml')
  await writeFile(
    config,
    JSON.stringify({
      data_dir: join(folder, 'data'),
      inventory: { devices: [...polled, { id: 'victim', address: VICTIM }] },
      defaults: { ping: { interval: '5s' } },
      credentials: { public: { version: '2c', community: 'public' } },
      victoriametrics: { listen: `127.0.0.1:${await freePort()}` },
      collector: { listen: `127.0.0.1:${ports.collector}` },
      alerting: {
        listen: `127.0.0.1:${ports.alerting}`,
        availability_interval: `${AVAILABILITY_MS}ms`,
      },
      api: { listen: `127.0.0.1:${await freePort()}` },
      receivers: [{ name: 'ops', webhook: { url: receiver.url } }],
    }),
  )
  wardline = startWardline(['up', '--config', config])
  stack.use({
    async [Symbol.asyncDispose]() {
      wardline.kill('SIGTERM')
      await wardline.exited
    },
  })
  // SNMP can't keep up any more, and availability is evaluated.
  await waitFor(async () => (await missedPolls()) > 0 && (await evaluations()) > 0, {
    timeoutMs: 90_000,
    what: `SNMP that is overrun: ${wardline.output().slice(-2_000)}`,
  })
}, 150_000)
afterAll(() => stack.disposeAsync())

/** A metric of a service's port; the sum of its series with these labels, and 0 where there is none. */
async function metric(port: number, name: string, labels: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) && line.includes(labels))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}

const OF_AVAILABILITY = 'group="availability"'
const missedPolls = (): Promise<number> =>
  metric(ports.collector, 'wardline_slots_missed_total', 'kind="snmp"')
const evaluations = (): Promise<number> =>
  metric(ports.alerting, 'vmalert_iteration_total', OF_AVAILABILITY)
const missedEvaluations = (): Promise<number> =>
  metric(ports.alerting, 'wardline_evaluations_missed_total', OF_AVAILABILITY)

describe('while SNMP can’t keep up with its devices, in the same process (G2)', () => {
  test('availability is evaluated turn after turn', async () => {
    const turns = 15
    // On a machine of its own none is missed. Here agents, VictoriaMetrics and other tests want the same two cores.
    const least = turns / 2
    const before = { polls: await missedPolls(), missed: await missedEvaluations() }
    const evaluated = await evaluations()
    await delay(turns * AVAILABILITY_MS)
    expect(await missedPolls()).toBeGreaterThan(before.polls)
    expect((await missedEvaluations()) - before.missed).toBeLessThan(least)
    expect((await evaluations()) - evaluated).toBeGreaterThan(least)
  }, 60_000)

  test('an outage is told, and its end', async () => {
    await network.down([VICTIM])
    await waitFor(() => told().includes('firing DeviceDown victim'), {
      timeoutMs: 90_000,
      what: 'the outage to be told',
    })
    await network.up([VICTIM])
    await waitFor(() => told().includes('resolved DeviceDown victim'), {
      timeoutMs: 90_000,
      what: 'its end to be told',
    })
    // Nothing else went down: probes are answered and counted as ever.
    expect(told().filter((alert) => alert.includes('DeviceDown'))).toHaveLength(2)
  }, 200_000)
})

const told = (): string[] => inShort(receiver.accepted())
