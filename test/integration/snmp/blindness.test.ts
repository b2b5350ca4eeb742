import { pino } from 'pino'
import { expect, test } from 'vitest'
import { createPokes } from '../../../collector/pokes.ts'
import { runSnmp } from '../../../collector/snmp/loop.ts'
import { BUILT_IN_MODULES } from '../../../collector/snmp/modules/index.ts'
import { systemClock } from '../../../lib/clock.ts'
import { inventoryOf } from '../../fakes/inventory.ts'
import { waitFor } from '../../wait.ts'
import { honestly, mibOf, startAgent } from './agent.ts'
import { CREDENTIALS, deviceAt } from './poll-fixture.ts'

test('while its collector is blind a device is not polled; then it is again, at its interval (C13)', async () => {
  const mib = mibOf({ name: 'sw', interfaces: 1 })
  await using agent = await startAgent({ address: '127.0.0.9', behave: honestly, mib })
  const device = deviceAt(agent, { intervalMs: 1_000, timeoutMs: 900 })
  const polls: number[] = []
  let slots = 0
  let isBlind = false
  const ending = new AbortController()
  const running = runSnmp(
    {
      inventory: inventoryOf(device),
      credentials: CREDENTIALS,
      modules: BUILT_IN_MODULES,
      tag: (_device, labels) => labels,
      pokes: createPokes(),
      recoveries: createPokes(),
      isBlind: () => isBlind,
      write(samples) {
        for (const { measurement, at } of samples) if (measurement === 'snmp') polls.push(at)
      },
      resolve: ({ address }) => address,
      learn() {},
      meter: {
        targets() {},
        inFlight() {},
        due() {},
        missed() {},
        lag() {},
        samplesDue() {},
        samplesMade() {},
        success: () => slots++,
        rested() {},
        dropped() {},
        slowest() {},
      },
      clock: systemClock,
      log: pino({ level: 'silent' }),
    },
    ending.signal,
  )
  /** How many polls there were by the end of so many slots. */
  const after = async (count: number): Promise<number> => {
    const from = slots
    await waitFor(() => slots >= from + count, { what: `${count} slots` })
    return polls.length
  }

  await waitFor(() => polls.length >= 2, { what: 'two polls' })
  isBlind = true
  const before = await after(2) // a poll that was under way ends by then
  expect(await after(3)).toBe(before)
  isBlind = false
  await waitFor(() => polls.length >= before + 2, { what: 'polls after it' })
  const [first = 0, second = 0] = polls.slice(before)
  expect(second - first).toBeLessThanOrEqual(3_000)

  ending.abort()
  await running
})
