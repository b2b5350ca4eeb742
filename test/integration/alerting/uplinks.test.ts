import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Device, identityLabels } from '../../../lib/inventory.ts'
import type { Sample } from '../../../lib/line-protocol.ts'
import { device } from '../../fakes/inventory.ts'
import { waitFor } from '../../wait.ts'
import { type TestReceiver, type ToldAlert, inShort, startReceiver } from './receiver.ts'
import { START, type Simulation, pings, simulate } from './simulation.ts'

const SECOND = 1_000
const MINUTE = 60_000
const snmp = { modules: [], credentials: ['c'], port: 161, intervalMs: MINUTE, timeoutMs: SECOND }
const router = device('router', { name: 'Vake router', snmp })
const second = device('second', { name: 'Vake router 2', snmp })

const UP = [1, 1] as const
const DOWN = [2, 1] as const
const NOT_PRESENT = [6, 1] as const
const SWITCHED_OFF = [2, 2] as const
type Uplinks = Readonly<Record<string, readonly [oper: number, admin: number]>>
const FINE: Uplinks = { 'isp-a': UP, 'isp-b': UP }

let sim: Simulation
let receiver: TestReceiver
/** Minutes after the start. */
let minute = 0
beforeEach(async () => {
  minute = 0
  receiver = await startReceiver()
  sim = await simulate({ devices: [router, second], receivers: [{ url: receiver.url }] })
})
afterEach(async () => {
  await sim[Symbol.asyncDispose]()
  await receiver[Symbol.asyncDispose]()
})

/** What a poll writes; null: it wasn't answered. */
function poll(of: Device, uplinks: Uplinks | null, at: number): Sample[] {
  const labels = identityLabels(of)
  const rows = Object.entries(uplinks ?? {}).map(([uplink, [oper, admin]], index) => ({
    measurement: '',
    labels: { ...labels, uplink, ifIndex: String(index + 1), ifName: `wan-${uplink}` },
    fields: { ifOperStatus: oper, ifAdminStatus: admin },
    at,
  }))
  return [{ measurement: 'snmp', labels, fields: { up: Number(uplinks !== null) }, at }, ...rows]
}

/** A minute each, in which the routers' uplinks are so: polled in its third second. */
async function minutes(...all: readonly (Uplinks | null | [Uplinks | null, Uplinks | null])[]) {
  for (const uplinks of all) {
    const [first, other] = Array.isArray(uplinks) ? uplinks : [uplinks, {}]
    const from = START + minute * MINUTE
    await sim.ping([router, second].flatMap((each) => pings(each, true, from, from + MINUTE)))
    if (minute === 0) await sim.start()
    await sim.runUntil(from + 2 * SECOND)
    await sim.write([
      ...poll(router, first, from + 3 * SECOND),
      ...poll(second, other, from + 3 * SECOND),
    ])
    minute++
    await sim.runUntil(START + minute * MINUTE)
  }
}

const polledAt = (which: number): string =>
  new Date(START + which * MINUTE + 3 * SECOND).toISOString()
const ofUplinks = (): ToldAlert[] =>
  receiver.accepted().filter(({ labels }) => labels['alertgroup'] === 'uplinks')
const told = (): string[] =>
  ofUplinks().map((alert) =>
    [...inShort([alert]), alert.labels['uplink']].filter(Boolean).join(' '),
  )
async function toldInTheEnd(...expected: readonly string[]): Promise<void> {
  await waitFor(() => told().length >= expected.length, { what: expected.join(', ') })
  expect(told().toSorted()).toEqual(expected.toSorted())
}

describe('two uplinks of a branch (C12)', () => {
  test('one lost is a warning that names it, since the poll that saw it', async () => {
    await minutes(FINE, FINE, { ...FINE, 'isp-a': DOWN }, { ...FINE, 'isp-a': DOWN })
    await toldInTheEnd('firing UplinkLost router isp-a')
    expect(ofUplinks()[0]).toMatchObject({
      startsAt: polledAt(2),
      labels: { severity: 'warning', branch: 'Vake', interface: 'wan-isp-a' },
      annotations: {
        summary: 'Vake lost its uplink isp-a',
        description: `isp-a (wan-isp-a of Vake router) is down since ${polledAt(2)}; still up: isp-b`,
      },
    })
  })

  test('the other one lost is another warning', async () => {
    await minutes(FINE, { ...FINE, 'isp-b': DOWN })
    await toldInTheEnd('firing UplinkLost router isp-b')
  })

  test('both lost is one outage that names both and their times, and the warning gives way', async () => {
    await minutes(FINE, { ...FINE, 'isp-a': DOWN }, { 'isp-a': DOWN, 'isp-b': DOWN })
    await toldInTheEnd(
      'firing UplinkLost router isp-a',
      'resolved UplinkLost router isp-a',
      'firing BranchUplinksDown router',
    )
    const outage = ofUplinks().find(({ labels }) => labels['alertname'] === 'BranchUplinksDown')
    expect(outage).toMatchObject({
      startsAt: polledAt(2),
      labels: { severity: 'critical', branch: 'Vake', region: 'Tbilisi' },
      annotations: {
        summary: 'Vake has lost all its uplinks',
        description:
          `isp-a (wan-isp-a of Vake router) is down since ${polledAt(1)}; ` +
          `isp-b (wan-isp-b of Vake router) is down since ${polledAt(2)}`,
        uplinks: 'isp-a, isp-b',
      },
    })

    // One is back: the outage is over, and a branch that is degraded is another problem, which says since when the uplink is lost.
    await minutes({ ...FINE, 'isp-a': DOWN }, FINE)
    await waitFor(() => told().length >= 6)
    expect(told().slice(3).toSorted()).toEqual([
      'firing UplinkLost router isp-a',
      'resolved BranchUplinksDown router',
      'resolved UplinkLost router isp-a',
    ])
    const again = ofUplinks()
      .slice(3)
      .find(({ labels }) => labels['alertname'] === 'UplinkLost')
    expect(again?.startsAt).toBe(polledAt(3))
    expect(again?.annotations['down_since']).toBe(polledAt(1))
  })

  test('switched off by a person tells nobody', async () => {
    await minutes(FINE, { ...FINE, 'isp-a': SWITCHED_OFF }, { ...FINE, 'isp-a': SWITCHED_OFF })
    expect(told()).toEqual([])
  })

  test('SNMP silent is unknown: it tells nobody', async () => {
    await minutes(FINE, null, null, null, null)
    expect(told()).toEqual([])
  })
})

describe('an uplink that was lost', () => {
  const lost: Uplinks = { ...FINE, 'isp-a': DOWN }

  test('is not brought back by silence', async () => {
    await minutes(FINE, lost, null, null, null, null, lost)
    await toldInTheEnd('firing UplinkLost router isp-a')
    await minutes(FINE)
    await toldInTheEnd('firing UplinkLost router isp-a', 'resolved UplinkLost router isp-a')
  })

  test('is told once over a restart, in silence too', async () => {
    await minutes(FINE, lost, null, null, null)
    await sim.stop()
    await sim.start()
    await minutes(null, lost)
    await toldInTheEnd('firing UplinkLost router isp-a')
  })

  test('is lost since it was, whatever its agent calls it then', async () => {
    await minutes(FINE, lost, { ...FINE, 'isp-a': NOT_PRESENT }, lost)
    await toldInTheEnd('firing UplinkLost router isp-a')
    expect(ofUplinks()[0]?.startsAt).toBe(polledAt(1))
  })

  test('and another one that is switched off leave a branch without any', async () => {
    await minutes(FINE, { 'isp-a': DOWN, 'isp-b': SWITCHED_OFF })
    await toldInTheEnd('firing BranchUplinksDown router')
    expect(ofUplinks()[0]?.annotations['description']).toContain(
      'isp-b (wan-isp-b of Vake router) is switched off',
    )
  })
})

test('uplinks on two routers of a branch are one branch', async () => {
  const [a, b] = [{ 'isp-a': UP }, { 'isp-b': UP }]
  await minutes([a, b], [{ 'isp-a': DOWN }, b], [{ 'isp-a': DOWN }, { 'isp-b': DOWN }])
  await toldInTheEnd(
    'firing UplinkLost router isp-a',
    'resolved UplinkLost router isp-a',
    'firing BranchUplinksDown',
  )
  expect(ofUplinks().at(-1)?.annotations['uplinks']).toBe('isp-a, isp-b')
})
