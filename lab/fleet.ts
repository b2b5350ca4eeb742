import {
  EQUIPMENT,
  ISP_LINK,
  type Kind,
  type Make,
  REGIONS,
  type Region,
  ROUTER,
  SWITCH,
} from './fleet-catalogue.ts'
import { shareAddresses, shareNames } from './fleet-shared.ts'
import { type Random, createRandom } from './random.ts'

/** A device as an inventory file gives it, with what the lab always fills in. */
export type FleetDevice = {
  readonly id: string
  readonly name: string
  readonly address: string
  readonly branch: string
  readonly region: string
  readonly type: string
  /** `isp` for a provider's link. */
  readonly role?: string
  readonly vendor: string
  readonly model: string
  readonly parents?: readonly string[]
  readonly snmp?: { readonly credentials: readonly string[] }
}

export type Fleet = {
  readonly devices: readonly FleetDevice[]
  /** What `credentials:` of a configuration must say for these devices. */
  readonly credentials: Readonly<
    Record<string, { readonly version: '1' | '2c'; readonly community: string }>
  >
}

export type FleetOptions = {
  /** 876 unless told. */
  readonly devices?: number
  readonly seed?: string
  /** Addresses that two devices have; 10 in 876 unless told. */
  readonly sharedAddresses?: number
  /** Names that two devices have; 98 in 876 unless told. */
  readonly sharedNames?: number
  /** The first address of a /15: 198.18.0.0, which is set aside for benchmarks, unless told. */
  readonly base?: string
}

/** The bank that the lab imitates: its size, and how many of each thing it had. */
export const BANK = {
  devices: 876,
  branches: 128,
  regions: 10,
  snmp: 478,
  sharedAddresses: 10,
  sharedNames: 98,
} as const

export const FLEET_BASE = '198.18.0.0'
const ADDRESSES = 131_072
const CREDENTIALS = {
  branch: { version: '2c', community: 'branch-read' },
  legacy: { version: '1', community: 'legacy-read' },
} as const

type Draft = {
  readonly branch: number
  readonly kind: Kind
  readonly number: number
  readonly make: Make
}

/** An inventory like the bank's, scaled to any number of devices. The same options give the same fleet. */
export function createFleet({
  devices: count = BANK.devices,
  seed = 'wardline',
  sharedAddresses = scaled(BANK.sharedAddresses, count),
  sharedNames = scaled(BANK.sharedNames, count),
  base = FLEET_BASE,
}: FleetOptions = {}): Fleet {
  if (!Number.isInteger(count) || count < 1 || count > ADDRESSES / 2)
    throw new RangeError(`expected 1 to ${ADDRESSES / 2} devices, got ${count}`)
  const random = createRandom(`fleet:${seed}`)
  const branches = Math.max(1, scaled(BANK.branches, count))
  const drafts = draftDevices(count, branches, random)
  const withSnmp = chooseSnmp(drafts, scaled(BANK.snmp, count))
  const addresses = placeAddresses(drafts, branches, base)
  const byBranch = Map.groupBy(drafts, ({ branch }) => branch)
  const devices = drafts.map((draft, index) => {
    const siblings = byBranch.get(draft.branch) ?? []
    return describe(draft, addresses[index] ?? '', withSnmp.has(draft), siblings, random)
  })
  const named = shareNames(devices, sharedNames, random)
  return { devices: shareAddresses(named, sharedAddresses, random), credentials: CREDENTIALS }
}

const scaled = (of876: number, count: number): number => Math.round((of876 * count) / BANK.devices)

/** A router for each branch, two ISP links for every third, the rest by share; regional offices are larger. */
function draftDevices(count: number, branches: number, random: Random): Draft[] {
  const perBranch: Kind[][] = Array.from({ length: branches }, () => [ROUTER])
  const weights = perBranch.map((_, branch) => (branch < BANK.regions ? 3 : 0.5 + random.next()))
  let left = count - branches
  for (let branch = 0; branch < branches && left > 2; branch += 3) {
    perBranch[branch]?.push(ISP_LINK, ISP_LINK)
    left -= 2
  }
  const lots = lottery(weights, random)
  const kinds = [SWITCH, ...EQUIPMENT]
  const kindLots = lottery(
    kinds.map((kind) => kind.share),
    random,
  )
  for (; left > 0; left--) perBranch[lots()]?.push(kinds[kindLots()] ?? SWITCH)
  return perBranch.flatMap((list, branch) => {
    const numbers = new Map<Kind, number>()
    return [...list].sort(byRank).map((kind) => {
      const number = (numbers.get(kind) ?? 0) + 1
      numbers.set(kind, number)
      return { branch, kind, number, make: random.pick(kind.makes) }
    })
  })
}

const RANKS: readonly Kind[] = [ISP_LINK, ROUTER, SWITCH, ...EQUIPMENT]
const byRank = (a: Kind, b: Kind): number => RANKS.indexOf(a) - RANKS.indexOf(b)

/** Draws an index as often as its weight says. */
function lottery(weights: readonly number[], random: Random): () => number {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return () => {
    let rest = random.next() * total
    const index = weights.findIndex((weight) => (rest -= weight) < 0)
    return index === -1 ? weights.length - 1 : index
  }
}

/** Network equipment first, then down the catalogue, until as many have it as in the bank. */
function chooseSnmp(drafts: readonly Draft[], count: number): ReadonlySet<Draft> {
  return new Set([...drafts].sort((a, b) => byRank(a.kind, b.kind)).slice(0, count))
}

/** Branch 12 lives in 198.18.12.0/24 while there are enough such networks; larger fleets are packed. */
function placeAddresses(drafts: readonly Draft[], branches: number, base: string): string[] {
  const first = base.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  const roomy = branches < ADDRESSES / 256
  let previous = -1
  let host = 0
  return drafts.map(({ branch }, index) => {
    host = branch === previous ? host + 1 : 1
    previous = branch
    return formatAddress(first + (roomy ? (branch + 1) * 256 + host : index + 1))
  })
}

function formatAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.')
}

function describe(
  draft: Draft,
  address: string,
  snmp: boolean,
  siblings: readonly Draft[],
  random: Random,
): FleetDevice {
  const { branch, kind, number, make } = draft
  const { region, town, office } = placeOf(branch)
  const inGeorgian = random.chance(0.08)
  const title = inGeorgian ? kind.georgian : kind.title
  const parents = parentsOf(draft, siblings)
  return {
    id: idOf(draft),
    name: `${inGeorgian ? town[1] : town[0]} ${office} ${title}${kind === ROUTER ? '' : ` ${number}`}`,
    address,
    branch: `${town[0]} ${office}`,
    region,
    type: kind.type,
    ...(kind === ISP_LINK ? { role: 'isp' } : {}),
    vendor: make.vendor,
    model: make.model,
    ...(parents.length > 0 ? { parents } : {}),
    ...(snmp ? { snmp: { credentials: [kind.type === 'nvr' ? 'legacy' : 'branch'] } } : {}),
  }
}

/** Branches go round the regions, and in each region round its towns. */
function placeOf(branch: number): {
  region: string
  town: Region['towns'][number]
  office: number
} {
  const { name, towns } = REGIONS[branch % REGIONS.length] ?? { name: '', towns: [] }
  const round = Math.floor(branch / REGIONS.length)
  return {
    region: name,
    town: towns[round % towns.length] ?? ['', ''],
    office: Math.floor(round / towns.length) + 1,
  }
}

const idOf = ({ branch, kind, number }: Draft): string =>
  `branch-${String(branch + 1).padStart(3, '0')}-${kind === ROUTER ? 'router' : `${kind.type}-${number}`}`

/** Links ← router ← switches ← the rest; where a branch has no switch the rest hangs on the router. */
function parentsOf(draft: Draft, siblings: readonly Draft[]): string[] {
  const ids = (kind: Kind) => siblings.filter((other) => other.kind === kind).map(idOf)
  if (draft.kind === ISP_LINK) return []
  if (draft.kind === ROUTER) return ids(ISP_LINK)
  if (draft.kind === SWITCH) return ids(ROUTER)
  const switches = ids(SWITCH)
  const own = switches[draft.number % switches.length]
  return own === undefined ? ids(ROUTER) : [own]
}
