import { readFile } from 'node:fs/promises'

/** What a heap holds, by class: objects by their constructors, closures by their names, the rest by its type. */
export type Heap = ReadonlyMap<string, { readonly count: number; readonly bytes: number }>

type Snapshot = {
  readonly snapshot: {
    readonly meta: {
      readonly node_fields: readonly string[]
      readonly node_types: readonly (readonly string[] | string)[]
    }
  }
  readonly nodes: readonly number[]
  readonly strings: readonly string[]
}

export async function readHeap(path: string): Promise<Heap> {
  return countClasses(JSON.parse(await readFile(path, 'utf8')) as Snapshot)
}

export function countClasses({ snapshot, nodes, strings }: Snapshot): Heap {
  const { node_fields: fields, node_types: types } = snapshot.meta
  const place = (field: string): number => fields.indexOf(field)
  const [type, name, size] = [place('type'), place('name'), place('self_size')]
  const typeNames = types[type] ?? []
  const heap = new Map<string, { count: number; bytes: number }>()
  for (let at = 0; at < nodes.length; at += fields.length) {
    const typeName = typeNames[nodes[at + type] ?? 0] ?? ''
    const key = NAMED.has(typeName)
      ? `${typeName} ${strings[nodes[at + name] ?? 0] ?? ''}`
      : `(${typeName})`
    let found = heap.get(key)
    if (found === undefined) heap.set(key, (found = { count: 0, bytes: 0 }))
    found.count++
    found.bytes += nodes[at + size] ?? 0
  }
  return heap
}

/** Of the others the name is a content, not a class. */
const NAMED: ReadonlySet<string> = new Set(['object', 'closure', 'native'])

export type Growth = { readonly name: string; readonly count: number; readonly bytes: number }

/** What there is more of later, most objects first. */
export function compareHeaps(before: Heap, after: Heap): Growth[] {
  return [...after]
    .map(([name, { count, bytes }]) => {
      const was = before.get(name) ?? { count: 0, bytes: 0 }
      return { name, count: count - was.count, bytes: bytes - was.bytes }
    })
    .filter(({ count, bytes }) => count > 0 || bytes > 0)
    .sort((a, b) => b.count - a.count)
}

export const totalBytes = (heap: Heap): number =>
  [...heap.values()].reduce((sum, { bytes }) => sum + bytes, 0)
