import type { EgressConfig } from '../config/egress.ts'
import {
  type Address,
  CLOSED_NAMES,
  CLOSED_RANGES,
  type Range,
  holds,
  meaningsOf,
  parseAddress,
  parseRange,
} from './ranges.ts'

/** Says where nothing may be sent. Pure: names are resolved by whoever asks. */
export type Policy = {
  /** What speaks against a host as it is written, a name or an address; null when nothing does. */
  againstHost(host: string): string | null
  /** What speaks against an address that a host resolved to; null when nothing does. */
  againstAddress(address: string, host: string): string | null
}

/** Of rules that hold the same, the first of these decides. */
const RANKS = ['deny', 'allow', 'closed'] as const
type Rank = (typeof RANKS)[number]

type RangeRule = { readonly range: Range; readonly rank: Rank; readonly what: string }
type NameRule = { readonly pattern: string; readonly rank: Rank }

const DENIED = 'in egress.deny'

/**
 * The narrowest rule that holds an address decides, and of equal ones `deny`, then `allow`, then what is built in; what no
 * rule holds is open. A name in `allow` opens whatever it resolves to of what `deny` closes, never what is closed by itself:
 * whoever answers for the name decides what it resolves to.
 */
export function createPolicy({ allow, deny }: EgressConfig): Policy {
  const ranges: RangeRule[] = [
    ...rangeRules(deny, 'deny'),
    ...rangeRules(allow, 'allow'),
    ...CLOSED_RANGES.flatMap(([cidr, what]) => rangeRules([cidr], 'closed', what)),
  ]
  const names: NameRule[] = [
    ...nameRules(deny, 'deny'),
    ...nameRules(allow, 'allow'),
    ...CLOSED_NAMES.map((pattern) => ({ pattern, rank: 'closed' as const })),
  ]

  /** Narrower first: stable, so that rules as narrow stay in the order of their ranks. */
  const sortedRanges = ranges.toSorted((a, b) => b.range.bits - a.range.bits)
  const sortedNames = names.toSorted((a, b) => b.pattern.length - a.pattern.length)

  const ruleOfName = (host: string): NameRule | undefined =>
    sortedNames.find(({ pattern }) => isNamed(pattern, host))

  function against(address: Address, isNameAllowed: boolean): string | null {
    for (const meaning of meaningsOf(address)) {
      const rule = sortedRanges.find(
        ({ range, rank }) => holds(range, meaning) && !(isNameAllowed && rank === 'deny'),
      )
      if (rule !== undefined && rule.rank !== 'allow') return rule.what
    }
    return null
  }

  return {
    againstHost(written) {
      const host = bare(written)
      const address = parseAddress(host)
      if (address !== null) return against(address, false)
      const rule = ruleOfName(host)
      if (rule === undefined || rule.rank === 'allow') return null
      return rule.rank === 'deny' ? DENIED : 'a name of the metadata of a cloud'
    },
    againstAddress(text, host) {
      const address = parseAddress(text)
      if (address === null) return 'no address'
      return against(address, ruleOfName(bare(host))?.rank === 'allow')
    },
  }
}

const rangeRules = (entries: readonly string[], rank: Rank, what = DENIED): RangeRule[] =>
  entries.flatMap((entry) => {
    const range = parseRange(entry)
    return range === null ? [] : [{ range, rank, what }]
  })

const nameRules = (entries: readonly string[], rank: Rank): NameRule[] =>
  entries
    .filter((entry) => parseRange(entry) === null)
    .map((entry) => ({ pattern: bare(entry), rank }))

/** `*.example.com` is every name below example.com. */
const isNamed = (pattern: string, host: string): boolean =>
  pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : host === pattern

/** A host without what a URL or a resolver may add to it. */
const bare = (host: string): string =>
  host
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase()
