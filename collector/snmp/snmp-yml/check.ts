import type { Finding } from '../../../lib/config/explain.ts'
import { didYouMean } from '../../../lib/config/nearest.ts'
import { indexUnder } from '../protocol/oid.ts'
import type { YmlMetric, YmlModule } from './schema.ts'

/** What is wrong with a module whose values are all right by themselves. */
export function contradictions(module: YmlModule): Finding[] {
  return module.metrics.flatMap((metric, place) => {
    const at = (...path: PropertyKey[]): PropertyKey[] => ['metrics', place, ...path]
    const findings = [...checkIndexes(metric), ...checkLookups(metric)]
    if (!isRead(metric.oid, module)) {
      const message = `nothing in walk or get reads ${metric.name} (${metric.oid}): add its OID, or take the metric out`
      findings.push({ path: ['oid'], message })
    }
    if (metric.type === 'ParseDateAndTime' && metric.datetime_pattern === undefined) {
      const message =
        'expected datetime_pattern beside type ParseDateAndTime, such as "%Y-%m-%d %H:%M:%S"'
      findings.push({ path: ['type'], message })
    }
    return findings.map(({ path, message }) => ({ path: at(...path), message }))
  })
}

function checkIndexes({ indexes }: YmlMetric): Finding[] {
  return indexes.slice(0, -1).flatMap(({ implied }, place) => {
    if (implied !== true) return []
    const message = 'expected implied at the last index alone: nothing says where this one ends'
    return [{ path: ['indexes', place, 'implied'], message }]
  })
}

/** A lookup goes by indexes, and by labels that lookups before it gave. */
function checkLookups({ indexes, lookups }: YmlMetric): Finding[] {
  const known = new Set(indexes.map(({ labelname }) => labelname))
  return lookups.flatMap(({ labels, labelname, oid }, place) => {
    const at = (...path: PropertyKey[]): PropertyKey[] => ['lookups', place, ...path]
    const unknown = labels.flatMap((label, which): Finding[] => {
      if (known.has(label)) return []
      const hint = didYouMean(label, known)
      const message = `no index or earlier lookup gives the label ${label}${hint}`
      return [{ path: at('labels', which), message }]
    })
    known.add(labelname)
    if (labels.length > 0 && oid === undefined) {
      const message = `expected oid: the column that ${labelname} is looked up in`
      unknown.push({ path: at(), message })
    }
    return unknown
  })
}

function isRead(oid: string, { walk, get, filters }: YmlModule): boolean {
  const reads = [...walk, ...get, ...filters.flatMap(({ targets }) => targets)]
  return reads.some(
    (read) => read === oid || indexUnder(oid, read) !== null || indexUnder(read, oid) !== null,
  )
}
