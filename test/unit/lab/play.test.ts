import { expect, test } from 'vitest'
import type { AgentChange, Agents } from '../../../lab/agent.ts'
import type { FleetDevice } from '../../../lab/fleet.ts'
import type { Network } from '../../../lab/network.ts'
import { createPerformer, playScript } from '../../../lab/play.ts'
import type { ScriptEvent } from '../../../lab/script.ts'
import { type TruthEntry, outagesOf } from '../../../lab/truth.ts'

const device = (id: string, address: string): FleetDevice => ({
  id,
  address,
  name: id,
  branch: 'Batumi 1',
  region: 'Adjara',
  type: 'atm',
  vendor: 'NCR',
  model: 'SelfServ 80',
})

const devices = [device('a', '198.18.0.1'), device('b', '198.18.0.2'), device('twin', '198.18.0.2')]

function createStage() {
  const done: string[] = []
  const entries: TruthEntry[] = []
  const did = (what: string) => {
    done.push(what)
    return Promise.resolve({ askedAt: done.length * 10 - 1, at: done.length * 10 })
  }
  const network: Network = {
    down: (addresses) => did(`down ${[...addresses].join()}`),
    up: (addresses) => did(`up ${[...addresses].join()}`),
    lossy: (addresses, percent) => did(`lossy ${percent} ${[...addresses].join()}`),
    clear: () => did('clear'),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
  const agents: Agents = {
    async change(addresses, change: AgentChange) {
      return (await did(`${JSON.stringify(change)} ${[...addresses].join()}`)).at
    },
    counts: () => Promise.resolve({ requests: 0, responses: 0, refused: 0 }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
  const truth = {
    path: '',
    record: (added: readonly TruthEntry[]) => void entries.push(...added),
    entries: () => entries,
    outages: () => outagesOf(entries),
  }
  return { stage: { devices, network, agents, truth }, done, entries }
}

const event = (atMs: number, action: ScriptEvent['action'], ...ids: string[]): ScriptEvent => ({
  atMs,
  action,
  devices: ids,
  cause: 'test',
})

test('a device in two outages comes back with the end of the second', async () => {
  const { stage, done } = createStage()
  const perform = createPerformer(stage)
  for (const action of ['down', 'down', 'up', 'up'] as const) await perform(event(0, action, 'a'))
  expect(done.filter((what) => what.includes('198.18'))).toEqual([
    'down 198.18.0.1',
    'up 198.18.0.1',
  ])
})

test('the truth names every device of a shared address, with the instants of the change', async () => {
  const { stage, entries } = createStage()
  await createPerformer(stage)(event(0, 'down', 'b'))
  const shared = { at: 10, asked_at: 9, address: '198.18.0.2', action: 'down', cause: 'test' }
  expect(entries).toEqual([
    { ...shared, device: 'b' },
    { ...shared, device: 'twin' },
  ])
})

test('a reboot and a silent agent are asked of the agents', async () => {
  const { stage, done } = createStage()
  const perform = createPerformer(stage)
  await perform(event(0, 'rebooted', 'a'))
  await perform(event(0, 'silent', 'a'))
  expect(done).toEqual(['{"reboot":true} 198.18.0.1', '{"silent":true} 198.18.0.1'])
})

test('a script is played at its instants, until the signal aborts', async () => {
  const { stage, entries } = createStage()
  const end = new AbortController()
  const sleeps: number[] = []
  const clock = {
    now: () => 0,
    sleepUntil(at: number, signal: AbortSignal) {
      sleeps.push(at)
      if (at > 1_005_000) end.abort()
      return signal.aborted ? Promise.reject(signal.reason as Error) : Promise.resolve()
    },
  }
  const script = [event(0, 'down', 'a'), event(5_000, 'up', 'a'), event(9_000, 'down', 'a')]
  await expect(
    playScript(script, stage, { startAt: 1_000_000, clock }, end.signal),
  ).rejects.toThrow('aborted')
  expect(sleeps).toEqual([1_000_000, 1_005_000, 1_009_000])
  expect(entries.map(({ action }) => action)).toEqual(['down', 'up'])
})
