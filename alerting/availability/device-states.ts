import type { Device, Inventory } from '../../lib/inventory.ts'
import type { DeviceState } from '../../lib/status.ts'
import { type Change, withChange } from './flapping.ts'
import { type SiteSample, type Track, advanceTrack, agreed } from './joint.ts'
import {
  type Machine,
  UNSEEN,
  beforeFailures,
  isUnconfirmed,
  notAfter,
  observe,
  resume,
} from './machine.ts'
import { type Rewound, changesWith, isSame, machineAt, newsOf } from './rewound.ts'
import type { PingSample } from './samples.ts'
import { type Taking, juryOf } from './taking.ts'

/** A device's kept state changed. `state` null: it was switched off or left, and begins anew if it comes back. */
export type Transition = {
  readonly device: string
  readonly state: DeviceState | null
  /** The stamp to keep it under: that of the state's first probe, or a later one where something else was kept since. */
  readonly at: number
}

type Heard = Track['now']['heard']
const NO_CHANGES: readonly Change[] = []
const NOBODY: Heard = new Map()

/** The kept state of each device, and what is to be written of it. Asks nothing, knows no clock. */
export function createDeviceStates() {
  const machines = new Map<string, Machine>()
  /** Of devices that several sites probe. */
  const tracks = new Map<string, Track>()
  const changes = new Map<string, readonly Change[]>()
  /** Stamps of each device's newest sample that says nothing, and that doesn't count yet. */
  const voidAt = new Map<string, number>()
  const heldAt = new Map<string, number>()
  /** When devices were switched off or left: older samples are of another time. */
  const leftAt = new Map<string, number>()
  const rewound = new Map<string, Rewound>()
  /** Stamps of words that had to be later than the states that they are about. */
  const revisedAt = new Map<string, number>()
  /** Who was heard of each device before the samples that are read next; null while one site's samples are read. */
  let heardBefore: ReadonlyMap<string, Heard> | null = null
  // Kept until they were handed over: a reading that fails halfway has moved machines on already.
  const transitions: Transition[] = []

  function take(device: Device, samples: readonly PingSample[], taking: Taking): void {
    const { id } = device
    const horizon = taking.horizon(id)
    const machine = machines.get(id) ?? { ...UNSEEN, lastAt: leftAt.get(id) ?? UNSEEN.lastAt }
    if (taking.siteOf !== null) {
      const usable = samples.filter((sample) => counts(id, sample, horizon, taking))
      return takeJointly(device, machine, usable, taking, taking.siteOf)
    }
    let next = machine
    for (const sample of samples) {
      if (!counts(id, sample, horizon, taking)) continue
      const { state } = next
      next = observe(next, sample.up, sample.at, device.ping.confirm)
      if (next.state !== null && next.state !== state) say(id, state, next.state)
    }
    machines.set(id, next)
  }

  function counts(id: string, sample: PingSample, horizon: number, { isVoid }: Taking): boolean {
    if (sample.at > horizon) heldAt.set(id, sample.at)
    else if (isVoid(sample)) voidAt.set(id, sample.at)
    else return true
    return false
  }

  function takeJointly(
    device: Device,
    machine: Machine,
    samples: readonly PingSample[],
    taking: Taking,
    siteOf: NonNullable<Taking['siteOf']>,
  ): void {
    const { id } = device
    const begun = { machine, heard: heardBefore?.get(id) ?? NOBODY }
    const sited = samples.map(({ at, up, vantage = '' }): SiteSample => {
      return { at, up, vantage, site: siteOf(vantage) }
    })
    const { track, steps } = advanceTrack(
      tracks.get(id) ?? { settled: begun, now: begun },
      sited,
      taking,
      juryOf(device, taking),
    )
    tracks.set(id, track)
    const { machine: now } = track.now
    machines.set(id, now)
    let said = machine.state
    for (const state of steps) {
      // Each reading goes through what the ones before it went through.
      if (said !== null && state.since <= said.since && !rewound.has(id)) continue
      say(id, said, state)
      said = state
    }
    if (!rewound.has(id) && now.state !== null && !isSame(said, now.state))
      revise(id, said, now.state)
  }

  function say(id: string, before: DeviceState | null, state: DeviceState): void {
    const again = rewound.get(id)
    const isChange = before !== null
    if (again !== undefined) return void again.steps.push({ state, isChange })
    const at = Math.max(state.since, (revisedAt.get(id) ?? -Infinity) + 1)
    transitions.push({ device: id, state, at })
    if (isChange) note(id, state)
  }

  /** A change of before the kept state, which samples that are read again show once more, is known. */
  function note(id: string, { since, up }: DeviceState): void {
    const known = changes.get(id) ?? NO_CHANGES
    if (since > (known.at(-1)?.at ?? -Infinity))
      changes.set(id, withChange(known, { at: since, up }))
  }

  /** What was said last turned out otherwise: the right word has to be the last one by its stamp, too. */
  function revise(id: string, said: DeviceState | null, state: DeviceState): void {
    const { lastAt, failingSince } = machines.get(id) ?? { lastAt: state.since, failingSince: null }
    // An outage that isn't confirmed yet will be stamped with its first probe.
    const knownAt = failingSince === null || !state.up ? lastAt : failingSince - 1000
    const at = Math.max(state.since, knownAt, said?.since ?? 0, revisedAt.get(id) ?? 0) + 1
    revisedAt.set(id, at)
    transitions.push({ device: id, state, at })
    const known = changes.get(id)?.filter(({ at: changedAt }) => changedAt <= state.since)
    if (known !== undefined) changes.set(id, known)
  }

  return {
    take,
    ids: () => machines.keys(),
    machine: (id: string) => machines.get(id),
    changes: (id: string) => changes.get(id) ?? NO_CHANGES,
    voidAt: (id: string) => voidAt.get(id),
    heldAt: (id: string) => heldAt.get(id),
    clearVoid: () => voidAt.clear(),
    transitions: () => transitions.splice(0),

    /** Takes up what was kept. */
    restore(
      states: ReadonlyMap<string, DeviceState>,
      left: ReadonlyMap<string, number>,
      inventory: Inventory,
    ): void {
      for (const [id, at] of left) leftAt.set(id, at)
      for (const { id, ping } of inventory.values()) {
        const state = states.get(id)
        if (state !== undefined) machines.set(id, resume(state, ping.confirm))
      }
    },
    restoreChanges(known: ReadonlyMap<string, readonly Change[]>): void {
      for (const [id, all] of known) if (machines.has(id)) changes.set(id, all)
    },

    /** From here on each device is probed from several sites, or, null, from one. */
    hearSites(heard: ReadonlyMap<string, Heard> | null): void {
      heardBefore = heard
      tracks.clear()
    },

    /** Devices with failed probes that several sites may agree on as time goes by. */
    undecided: () =>
      [...tracks].filter(([, { now }]) => isUnconfirmed(now.machine)).map(([id]) => id),

    /** Such a device, without a sample since. */
    agree(device: Device, taking: Taking): void {
      const { id } = device
      const track = tracks.get(id)
      if (track === undefined) return
      const now = agreed(track.now, taking.at, juryOf(device, taking))
      if (now === track.now) return
      const { state: said } = track.now.machine
      tracks.set(id, { ...track, now })
      machines.set(id, now.machine)
      if (now.machine.state !== null) say(id, said, now.machine.state)
    },

    /**
     * A mark came after samples that it is about: what isn't an outage yet is looked at again. Gives the stamp from which on
     * samples have to be read for that.
     */
    takeBack(newsFrom: number): number {
      let from = Infinity
      for (const [id, machine] of machines) {
        if (machine.failingSince === null || machine.lastAt < newsFrom) continue
        if (!isUnconfirmed(machine)) continue
        from = Math.min(from, machine.failingSince)
        machines.set(id, beforeFailures(machine))
        const track = tracks.get(id)
        if (track === undefined) continue
        const { machine: settled, heard } = track.settled
        const joint = { machine: beforeFailures(settled), heard }
        from = Math.min(from, settled.failingSince ?? Infinity)
        tracks.set(id, { settled: joint, now: joint })
      }
      return from
    },

    /** The devices whose state began after `from`. */
    changedSince(from: number): boolean {
      for (const { state } of machines.values())
        if (state !== null && state.since > from) return true
      return false
    },

    /** Every device is as it was at `from`; the samples of since then are taken again. `kept`: the states as of `from`. */
    rewind(from: number, kept: ReadonlyMap<string, DeviceState>, inventory: Inventory): void {
      tracks.clear()
      for (const [id, machine] of machines) {
        const confirm = inventory.get(id)?.ping.confirm
        if (confirm === undefined) continue
        const before = rewound.get(id)
        const said = before === undefined ? machine.state : before.said
        heldAt.set(id, Math.max(machine.lastAt, heldAt.get(id) ?? -Infinity))
        rewound.set(id, { from: Math.min(from, before?.from ?? from), said, steps: [] })
        const left = leftAt.get(id) ?? -Infinity
        machines.set(id, machineAt(machine, from, kept.get(id), left, confirm))
      }
    },

    /** The samples were taken again: says what they say, where it isn't what was said. */
    settleRewound(): void {
      for (const [id, again] of rewound) {
        const before = changes.get(id) ?? NO_CHANGES
        for (const state of newsOf(again, before))
          transitions.push({ device: id, state, at: state.since })
        if (again.steps.length > 0) changes.set(id, changesWith(again, before))
        const state = machines.get(id)?.state ?? null
        const { said } = again
        if (state !== null && said !== null && !isSame(said, state)) revise(id, said, state)
      }
      rewound.clear()
    },

    forgetSwitchedOff(inventory: Inventory, at: number): void {
      for (const [id, machine] of machines) {
        if (inventory.get(id)?.enabled === true) continue
        for (const all of [machines, tracks, changes, voidAt, heldAt, rewound, revisedAt])
          all.delete(id)
        leftAt.set(id, at)
        if (machine.state !== null) transitions.push({ device: id, state: null, at })
      }
    },

    /** The clock was set back: nothing is later than `at`. */
    obeyClock(at: number): void {
      changes.clear()
      voidAt.clear()
      heldAt.clear()
      rewound.clear()
      revisedAt.clear()
      tracks.clear()
      for (const [id, machine] of machines) machines.set(id, notAfter(machine, at))
    },

    /** The first failed probe of those that aren't an outage yet: they are read again after a restart. */
    unconfirmedSince(): number {
      let first = Infinity
      for (const machine of machines.values())
        if (machine.failingSince !== null && isUnconfirmed(machine))
          first = Math.min(first, machine.failingSince)
      return first
    },

    /**
     * The kept states, and up to when each is known to hold: no transition can still come that is stamped before it, or
     * whoever reads the last word would read the wrong one. `readUntil`: samples stamped before it were read for the last
     * time.
     */
    *states(
      readUntil: number,
      horizon: (id: string) => number,
    ): Generator<readonly [id: string, state: DeviceState, knownAt: number]> {
      for (const [id, machine] of machines) {
        const { state } = machine
        if (state === null) continue
        const settled = tracks.get(id)?.settled.machine
        const base = settled ?? machine
        const knownAt = isUnconfirmed(base)
          ? (base.failingSince ?? 0) - 1000
          : settled === undefined
            ? Math.max(base.lastAt, readUntil)
            : base.lastAt
        yield [id, state, Math.max(state.since, Math.min(knownAt, horizon(id)))]
      }
    },
  }
}
