import { type Binding, type Value, encodeOid } from './snmp-packet.ts'

/** A readable object: where it stands and how an agent's value of it is made. */
export type MibObject<Agent> = {
  readonly oid: string
  readonly read: (agent: Agent, now: number) => Value
}

export type MibEntry<Agent> = MibObject<Agent> & { readonly name: Buffer }

/** Objects in the order in which GETNEXT walks them; one for all agents of the same shape. */
export type Mib<Agent> = {
  find(oid: string): MibEntry<Agent> | undefined
  /** The first object after this identifier, which need not exist. */
  after(oid: string): MibEntry<Agent> | undefined
  /** Whether an object type has instances here, other than the one asked for. */
  hasType(oid: string): boolean
}

type Placed<Agent> = MibEntry<Agent> & { readonly parts: readonly number[] }

export function createMib<Agent>(objects: Iterable<MibObject<Agent>>): Mib<Agent> {
  const entries: Placed<Agent>[] = [...objects]
    .map((object) => ({ ...object, parts: partsOf(object.oid), name: encodeOid(object.oid) }))
    .sort((a, b) => compare(a.parts, b.parts))
  const places = new Map(entries.map((entry, place) => [entry.oid, place]))
  const types = new Set(entries.map((entry) => typeOf(entry.oid)))
  return {
    find(oid) {
      const place = places.get(oid)
      return place === undefined ? undefined : entries[place]
    },
    after(oid) {
      const place = places.get(oid)
      return entries[place === undefined ? firstAfter(entries, partsOf(oid)) : place + 1]
    },
    hasType: (oid) => types.has(typeOf(oid)),
  }
}

/** An exception of RFC 3416 in place of a value. */
export function without(
  oid: string,
  type: 'noSuchObject' | 'noSuchInstance' | 'endOfMibView' | 'null',
): Binding {
  return { name: encodeOid(oid), value: { type } }
}

const partsOf = (oid: string): number[] => oid.split('.').map(Number)
const typeOf = (oid: string): string => oid.slice(0, oid.lastIndexOf('.'))

function compare(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < a.length && at < b.length; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

function firstAfter<Agent>(entries: readonly Placed<Agent>[], parts: readonly number[]): number {
  let [low, high] = [0, entries.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compare(entries[middle]?.parts ?? [], parts) > 0) high = middle
    else low = middle + 1
  }
  return low
}
