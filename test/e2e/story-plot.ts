import type { Fleet, FleetDevice } from '../../lab/fleet.ts'
import { createRandom } from '../../lab/random.ts'
import { type ScriptEvent, castOf } from '../../lab/script.ts'

/** Who does what in the story. All of it follows from the fleet. */
export type Plot = {
  /** A third of the fleet, silent before the services start: single devices, and a branch with its router. */
  readonly alreadyDown: readonly string[]
  /** Cut off from the beginning: its router is told, what lies behind it is not. */
  readonly goneBranch: Branch
  /** Cut off for a while. One device behind it doesn't come back. */
  readonly cutBranch: Branch & { readonly straggler: string }
  readonly flapping: string
  readonly lossy: string
  /** The collector is restarted between the two parts, while the network holds still. */
  readonly parts: readonly [readonly ScriptEvent[], readonly ScriptEvent[]]
  /** Outages that the script makes, those of a whole branch and its straggler counted once each. */
  readonly outages: number
}

export type Branch = { readonly router: string; readonly behind: readonly string[] }

const SINGLES = 15
const FLAPS = 3

export function writePlot(fleet: Fleet): Plot {
  const random = createRandom('story')
  const { behind, alone } = castOf(fleet.devices)
  const [gone, cut] = [...behind].filter(([, below]) => below.length >= 6)
  if (gone === undefined || cut === undefined) throw new Error('the fleet has no two branches')
  const goneBranch = { router: gone[0], behind: gone[1] }
  const parents = new Set(fleet.devices.flatMap((device) => device.parents ?? []))
  const apart = new Set([gone[0], ...gone[1], cut[0], ...cut[1]])
  const leaves = alone.filter((id) => !parents.has(id) && !apart.has(id))
  const straggler = cut[1].find((id) => !parents.has(id) && alone.includes(id))
  if (straggler === undefined) throw new Error('nothing is last behind the branch that is cut off')

  const drawn = random.shuffle(leaves)
  const take = (count: number): string[] => {
    if (drawn.length < count)
      throw new Error(`${count - drawn.length} devices too few for the plot`)
    return drawn.splice(0, count)
  }
  const third = Math.round(fleet.devices.length / 3)
  const singles = take(SINGLES)
  const [flapping = '', lossy = ''] = take(2)
  const alreadyDown = [gone[0], ...gone[1], ...take(third - 1 - gone[1].length)]
  const returning = alreadyDown.slice(-3)
  return {
    alreadyDown,
    goneBranch,
    cutBranch: { router: cut[0], behind: cut[1], straggler },
    flapping,
    lossy,
    parts: [
      firstPart({ singles, returning, flapping, lossy, cut: [cut[0], ...cut[1]], straggler }),
      secondPart({ singles, returning, lossy }),
    ],
    outages: SINGLES + FLAPS + 2,
  }
}

type Roles = {
  readonly singles: readonly string[]
  readonly returning: readonly string[]
  readonly lossy: string
}

/** Singles 0 to 9. Alerting is away from 9 s to 14 s, VictoriaMetrics ends at 33 s. */
function firstPart({
  singles,
  returning,
  flapping,
  lossy,
  cut,
  straggler,
}: Roles & {
  readonly flapping: string
  readonly cut: readonly string[]
  readonly straggler: string
}): ScriptEvent[] {
  const single = (place: number): string => singles[place] ?? ''
  return inOrder([
    { ...lossAt(0, lossy), percent: 20 },
    ...outage(flapping, 2, 15),
    ...outage(single(0), 4, 22),
    ...outage(single(1), 7, 30),
    ...outage(single(2), 10, 40),
    ...outage(single(3), 12, 28),
    upAt(11, returning[0]),
    ...outage(single(4), 20, 45),
    ...outage(flapping, 25, 38),
    { atMs: 26_000, action: 'down', devices: cut, cause: 'branch outage' },
    { atMs: 26_000, action: 'down', devices: [straggler], cause: 'straggler' },
    ...outage(single(5), 34, 52),
    upAt(34, returning[1]),
    ...outage(single(6), 36, 60),
    downAt(40, single(7)),
    ...outage(flapping, 48, 61),
    { atMs: 54_000, action: 'up', devices: cut, cause: 'branch outage' },
    downAt(55, single(8)),
    downAt(58, single(9)),
  ])
}

/** Singles 7 to 14. VictoriaMetrics is killed at 8 s, the API ends at 16 s and Redis at 22 s. */
function secondPart({ singles, returning, lossy }: Roles): ScriptEvent[] {
  const single = (place: number): string => singles[place] ?? ''
  return inOrder([
    ...outage(single(10), 2, 30),
    ...outage(single(11), 6, 24),
    upAt(9, single(7)),
    ...outage(single(12), 9, 34),
    downAt(14, single(13)),
    upAt(18, single(9)),
    downAt(23, single(14)),
    upAt(28, returning[2]),
    { ...lossAt(40, lossy), percent: 0 },
  ])
}

const downAt = (second: number, device: string): ScriptEvent => ({
  atMs: second * 1000,
  action: 'down',
  devices: [device],
  cause: 'outage',
})
const upAt = (second: number, device = ''): ScriptEvent => ({
  ...downAt(second, device),
  action: 'up',
})
const lossAt = (second: number, device: string): ScriptEvent => ({
  ...downAt(second, device),
  action: 'lossy',
  cause: 'bad line',
})
const outage = (device: string, from: number, to: number): ScriptEvent[] => [
  downAt(from, device),
  upAt(to, device),
]

const inOrder = (events: readonly ScriptEvent[]): ScriptEvent[] =>
  events.toSorted((a, b) => a.atMs - b.atMs)

/** Whether nothing lies behind a device: nobody asks it out of its turn, so its probes are the plan's alone. */
export function isLeaf(devices: readonly FleetDevice[]): (id: string) => boolean {
  const parents = new Set(devices.flatMap((device) => device.parents ?? []))
  return (id) => !parents.has(id)
}
