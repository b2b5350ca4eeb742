/** What this browser remembers of the page; nothing where storage is switched off. */

const PREFIX = 'wardline.'

export function readKept(key) {
  try {
    return localStorage.getItem(PREFIX + key)
  } catch {
    return null
  }
}

/** Null forgets it. */
export function keep(key, value) {
  try {
    if (value === null) localStorage.removeItem(PREFIX + key)
    else localStorage.setItem(PREFIX + key, value)
  } catch {
    // for this visit only, then
  }
}
