import type { Metric, SnmpModule } from '../../collector/snmp/module.ts'
import { nearest } from '../../lib/config/nearest.ts'
import { StartError } from '../../lib/start-error.ts'

/** The objects that the modules know by name. */
export type Names = {
  /** The OID of `1.3.6.1.2.1.1.3.0`, `.1.3…`, `ifHCInOctets` or `ifHCInOctets.3`. Throws StartError for no such thing. */
  oidOf(word: string): string
  /** As oidOf; the name of a single value means that value. */
  instanceOf(word: string): string
  /** `ifHCInOctets.3` for what stands under a known object, else null. */
  nameOf(oid: string): string | null
  /** How the value of an instance is written. */
  metricOf(oid: string): Metric | null
}

type Known = { readonly name: string; readonly metric: Metric | null }

export function createNames(modules: Iterable<SnmpModule>): Names {
  const oids = new Map<string, string>()
  const objects = new Map<string, Known>()
  const gets = new Set<string>()
  function add(oid: string, name: string, metric: Metric | null): void {
    if (!oids.has(name)) oids.set(name, oid)
    if (objects.get(oid)?.metric == null) objects.set(oid, { name, metric })
  }
  for (const module of modules) {
    for (const oid of module.get) gets.add(oid)
    for (const metric of module.metrics) add(metric.oid, metric.name, metric)
    for (const { name, oid } of module.texts) add(oid.replace(/\.0$/, ''), name, null)
    for (const { lookups = [] } of module.metrics) {
      for (const { oid, labelName } of lookups) if (oid !== null) add(oid, labelName, null)
    }
  }

  function oidOf(word: string): string {
    if (/^\.?\d+(\.\d+)+$/.test(word)) return checked(word.replace(/^\./, ''), word)
    if (/^[\d.]+$/.test(word)) {
      throw new StartError(
        `${JSON.stringify(word)} is no OID: expected two numbers or more with dots between them, such as 1.3`,
      )
    }
    const [, name = word, index = ''] = /^([^.]+)((?:\.\d+)*)$/.exec(word) ?? []
    const oid = oids.get(name)
    if (oid !== undefined) return checked(oid + index, word)
    const near = nearest(name, oids.keys())
    throw new StartError(
      `${JSON.stringify(word)} is no OID such as 1.3.6.1.2.1.1.3.0, and no module has an object of this name` +
        (near === null ? ': `wardline snmp modules` lists them' : `, did you mean ${near}?`),
    )
  }

  function find(oid: string): { known: Known; index: string } | null {
    for (let end = oid.length; end > 0; end = oid.lastIndexOf('.', end - 1)) {
      const known = objects.get(oid.slice(0, end))
      if (known !== undefined) return { known, index: oid.slice(end) }
    }
    return null
  }

  return {
    oidOf,
    instanceOf(word) {
      const oid = oidOf(word)
      return objects.has(oid) && gets.has(`${oid}.0`) ? `${oid}.0` : oid
    },
    nameOf(oid) {
      const found = find(oid)
      return found === null ? null : `${found.known.name}${found.index}`
    },
    metricOf: (oid) => find(oid)?.known.metric ?? null,
  }
}

/** Sub-identifiers are 32 bits wide, and the first two are packed into one (X.690 §8.19). */
function checked(oid: string, word: string): string {
  const [first = 0, second = 0, ...rest] = oid.split('.').map(Number)
  const isFirst = first <= 2 && (first === 2 || second < 40)
  if (isFirst && [second, ...rest].every((arc) => arc < 2 ** 32)) return oid
  throw new StartError(
    `${JSON.stringify(word)} is no OID: expected 0, 1 or 2 first, after 0 or 1 at most 39, and nothing above 4294967295`,
  )
}
