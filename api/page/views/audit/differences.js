/** What differs between two values, leaf by leaf. Nothing here touches the document. */

/** Who and when stand beside it already. */
const TOLD = new Set(['id', 'updated_at', 'updated_by', 'created_at', 'created_by', 'at'])

/** `{path, from, to}`: `a.b`; `from` is undefined where it wasn't there, `to` where it isn't any more. */
export function differences(before, after) {
  const from = leaves(before)
  const to = leaves(after)
  return [...new Set([...from.keys(), ...to.keys()])]
    .filter((path) => JSON.stringify(from.get(path)) !== JSON.stringify(to.get(path)))
    .map((path) => ({ path, from: from.get(path), to: to.get(path) }))
}

function leaves(value, path = '', found = new Map()) {
  if (value === null || value === undefined) return found
  if (typeof value !== 'object' || Array.isArray(value)) {
    found.set(path === '' ? 'value' : path, value)
    return found
  }
  for (const [key, each] of Object.entries(value))
    if (path !== '' || !TOLD.has(key)) leaves(each, path === '' ? key : `${path}.${key}`, found)
  return found
}
