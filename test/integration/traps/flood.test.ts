import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import type { SnmpMeter } from '../../../collector/meter.ts'
import { createPokes } from '../../../collector/pokes.ts'
import { runSnmp } from '../../../collector/snmp/loop.ts'
import { BUILT_IN_MODULES } from '../../../collector/snmp/modules/index.ts'
import { systemClock } from '../../../lib/clock.ts'
import type { Sample } from '../../../lib/line-protocol.ts'
import { inventoryOf } from '../../fakes/inventory.ts'
import { v2Trap } from '../../unit/collector/traps/packets.ts'
import { waitFor } from '../../wait.ts'
import { mibOf, startAgent } from '../snmp/agent.ts'
import { CREDENTIALS, deviceAt } from '../snmp/poll-fixture.ts'
import { credentialsOf, openTools, sender, startTraps } from './fixture.ts'

const run = promisify(execFile)
const OID = '1.3.6.1.4.1.9.9.43.2.0.1'
const PER_SECOND = 10_000
const SECONDS = 2

async function flood(from: string, port: number): Promise<number> {
  const script = fileURLToPath(new URL('flood-main.ts', import.meta.url))
  const packet = v2Trap({ trapOid: OID, community: 'red' }).toString('hex')
  const { stdout } = await run(process.execPath, [
    script,
    from,
    String(port),
    String(PER_SECOND),
    String(SECONDS),
    packet,
  ])
  return Number(stdout)
}

/** Twenty agents, polled each second. */
async function startPolls() {
  await using started = new AsyncDisposableStack()
  const devices = []
  for (let n = 1; n <= 20; n++) {
    const address = `198.18.61.${n}`
    const agent = started.use(await startAgent({ address, mib: mibOf({ name: address }) }))
    const snmp = { modules: ['system'], intervalMs: 1_000, timeoutMs: 900 }
    devices.push(deviceAt(agent, snmp, { id: `sw-${n}` }))
  }
  const samples: Sample[] = []
  let missed = 0
  const meter: SnmpMeter = {
    targets() {},
    inFlight() {},
    due() {},
    missed: (count) => void (missed += count),
    lag() {},
    samplesDue() {},
    samplesMade() {},
    success() {},
    rested() {},
    dropped() {},
    slowest() {},
  }
  const stop = new AbortController()
  const polling = runSnmp(
    {
      inventory: inventoryOf(...devices),
      credentials: CREDENTIALS,
      modules: BUILT_IN_MODULES,
      tag: (_device, labels) => labels,
      pokes: createPokes(),
      recoveries: createPokes(),
      write: (more) => void samples.push(...more),
      resolve: ({ address }) => address,
      learn() {},
      meter,
      clock: systemClock,
      log: pino({ level: 'silent' }),
    },
    stop.signal,
  )
  started.defer(async () => {
    stop.abort(new Error('the test ends'))
    await polling
  })
  const owned = started.move()
  return {
    devices,
    missed: () => missed,
    /** `snmp_up` of a device, by its slot. */
    polls: (id: string) =>
      samples
        .filter(({ measurement, labels }) => measurement === 'snmp' && labels['device'] === id)
        .map(({ at, fields }) => ({ at, up: fields['up'] })),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

describe('a flood of 10,000 packets a second', () => {
  test.each([
    ['an unknown sender', '198.18.60.66', 'sender'],
    ['a known sender', '198.18.60.1', 'overload'],
  ])('from %s costs no poll, and no trap of another device', async (_what, from, reason) => {
    await using polls = await startPolls()
    await using traps = await startTraps(
      [sender('loud', '198.18.60.1', 'red'), sender('quiet', '127.0.0.1', 'red')],
      {
        credentials: credentialsOf({ red: { version: '2c', community: 'red' } }),
        listen: '0.0.0.0:0',
      },
    )
    await using tools = await openTools()
    const isPolled = (id: string): boolean => polls.polls(id).length >= 2
    await waitFor(() => polls.devices.every(({ id }) => isPolled(id)), {
      what: 'two polls of each',
    })

    const flooding = flood(from, traps.port)
    await waitFor(() => (traps.dropped[reason] ?? 0) > PER_SECOND / 10, { what: 'the flood' })
    const args = ['-v', '2c', '-c', 'red', `127.0.0.1:${traps.port}`, '4711', OID]
    await tools.snmpinform(...args)
    const sent = await flooding
    await traps.reached('quiet', OID)
    await waitFor(() => traps.received > 0.9 * sent, { what: 'the end of the flood' })

    const from0 = polls.devices.map(({ id }) => polls.polls(id)[0]?.at ?? 0)
    const until = Math.floor(Date.now() / 1000) * 1000
    await waitFor(
      () => polls.devices.every(({ id }) => (polls.polls(id).at(-1)?.at ?? 0) >= until),
      { what: 'the polls of the last second' },
    )
    for (const [n, { id }] of polls.devices.entries()) {
      const first = from0[n] ?? 0
      const slots = Array.from({ length: (until - first) / 1000 + 1 }, (_, i) => first + i * 1_000)
      expect(polls.polls(id).filter(({ at }) => at <= until)).toEqual(
        slots.map((at) => ({ at, up: 1 })),
      )
    }
    expect(polls.missed()).toBe(0)
    expect(sent).toBe(PER_SECOND * SECONDS)
    // What a known device may say counts; the rest of its flood doesn't.
    const counted = traps.total('loud', OID) ?? 0
    expect(counted).toBeLessThan(sent / 4)
    expect(counted > 0).toBe(reason === 'overload')
  })
})
