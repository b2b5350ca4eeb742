/** What differs between two values, leaf by leaf. Nothing here touches the document. */

/** `{path, from, to}`: `a.b`, as texts; `from` is undefined where it wasn't there, `to` where it isn't any more. */
export function differences(before, after) {
  const from = leaves(before)
  const to = leaves(after)
  return [...new Set([...from.keys(), ...to.keys()])]
    .filter((path) => from.get(path) !== to.get(path))
    .map((path) => ({ path, from: from.get(path), to: to.get(path) }))
}

function leaves(value, path = '', found = new Map()) {
  if (value === null || value === undefined) {
    if (path !== '' && value === null) found.set(path, 'null')
    return found
  }
  if (typeof value !== 'object' || isPlainList(value)) {
    found.set(path === '' ? 'value' : path, typeof value === 'string' ? value : JSON.stringify(value))
    return found
  }
  for (const [key, each] of Object.entries(value)) leaves(each, path === '' ? key : `${path}.${key}`, found)
  return found
}

/** A list of words is told whole. */
const isPlainList = (value) => Array.isArray(value) && value.every((each) => typeof each !== 'object')
