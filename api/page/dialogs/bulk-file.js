/** What a file of devices asks for. Nothing here touches the document. */

/** `json` or `csv`, by the name of a file or, where it has none, by how its text begins. */
export function kindOf(name, text) {
  if (/\.json$/i.test(name)) return 'json'
  if (/\.(csv|tsv|txt)$/i.test(name)) return 'csv'
  return /^\s*[[{]/.test(text) ? 'json' : 'csv'
}

/**
 * Operations of a JSON: a list of them, or of devices as an inventory file has them (`{"devices": […]}`, too). A device
 * without an `op` is created; where `isThere(id)` says that there is one, it is changed.
 */
export function operationsOf(value, isThere) {
  const list = Array.isArray(value) ? value : Array.isArray(value?.devices) ? value.devices : null
  // The API says what it expected.
  if (list === null) return value
  return list.map((item) =>
    typeof item !== 'object' || item === null || Object.hasOwn(item, 'op')
      ? item
      : { op: isThere(item.id) ? 'change' : 'create', ...item },
  )
}

/** Rows of a dry run's table: what is wrong first, then what would change, each `{place, op, id, changes, problems}`. */
export function rowsOf({ items, problems }) {
  const rows = new Map()
  const at = ({ index, line }) => {
    const key = `${index ?? ''} ${line ?? ''}`
    let row = rows.get(key)
    if (row === undefined) {
      row = { index, line, op: null, id: null, changes: {}, problems: [] }
      rows.set(key, row)
    }
    return row
  }
  for (const problem of problems) {
    const row = at(problem)
    row.id ??= problem.device
    row.problems.push(problem)
  }
  for (const item of items)
    Object.assign(at(item), { op: item.op, id: item.id, changes: item.changes })
  return [...rows.values()].sort(
    (one, other) =>
      (one.problems.length === 0) - (other.problems.length === 0) || placeOf(one) - placeOf(other),
  )
}

const placeOf = ({ index, line }) => line ?? index ?? -1

/** How many devices are created, changed, deleted and restored, `unchanged` those of which nothing is to be changed. */
export function countsOf({ items }) {
  const counts = { create: 0, change: 0, delete: 0, restore: 0, unchanged: 0 }
  for (const { op, changes } of items) {
    const isNothing = op === 'change' && Object.keys(changes).length === 0
    counts[isNothing ? 'unchanged' : op]++
  }
  return counts
}
