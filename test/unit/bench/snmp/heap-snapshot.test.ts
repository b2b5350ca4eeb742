import { describe, expect, test } from 'vitest'
import { compareHeaps, countClasses, totalBytes } from '../../../../bench/snmp/heap-snapshot.ts'

const META = {
  node_fields: ['type', 'name', 'id', 'self_size', 'edge_count'],
  node_types: [['hidden', 'object', 'string', 'closure'], 'string', 'number'],
}

/** Nodes as `[type, name, bytes]`. */
function snapshotOf(nodes: readonly (readonly [number, string, number])[]) {
  const strings = [...new Set(nodes.map(([, name]) => name))]
  return {
    snapshot: { meta: META },
    nodes: nodes.flatMap(([type, name, bytes], at) => [type, strings.indexOf(name), at, bytes, 0]),
    strings,
  }
}

const OBJECT = 1
const STRING = 2
const CLOSURE = 3
const before = countClasses(
  snapshotOf([
    [OBJECT, 'Session', 40],
    [STRING, 'one text', 20],
  ]),
)
const after = countClasses(
  snapshotOf([
    [OBJECT, 'Session', 40],
    [OBJECT, 'Session', 48],
    [STRING, 'one text', 20],
    [STRING, 'another text', 24],
    [CLOSURE, 'settle', 32],
    [CLOSURE, 'settle', 32],
    [CLOSURE, 'settle', 32],
  ]),
)

describe('the classes of a heap snapshot', () => {
  test('are constructors and names of closures; texts are one class', () => {
    expect(Object.fromEntries(after)).toEqual({
      'object Session': { count: 2, bytes: 88 },
      '(string)': { count: 2, bytes: 44 },
      'closure settle': { count: 3, bytes: 96 },
    })
  })

  test('are compared, what grew most first', () => {
    expect(compareHeaps(before, after)).toEqual([
      { name: 'closure settle', count: 3, bytes: 96 },
      { name: 'object Session', count: 1, bytes: 48 },
      { name: '(string)', count: 1, bytes: 24 },
    ])
  })

  test('that did not grow are left out', () => {
    expect(compareHeaps(after, before)).toEqual([])
  })

  test('make the size of the heap together', () => {
    expect(totalBytes(after)).toBe(228)
  })
})
