/** Which view is at which path. Nothing here touches the document. */

/** In the order of the menu. `key` goes there after `g`; `role` is what it takes to see it in the menu. */
export const VIEWS = [
  { name: 'wall', path: '/', key: 'w' },
  { name: 'devices', path: '/devices', key: 'd' },
  { name: 'device', path: '/devices/:id', menu: false },
  { name: 'alerts', path: '/alerts', key: 'a' },
  { name: 'silences', path: '/silences', key: 's' },
  { name: 'maintenance', path: '/maintenance', key: 'm' },
  { name: 'reports', path: '/reports', key: 'r' },
  { name: 'collectors', path: '/collectors', key: 'c' },
  { name: 'audit', path: '/audit', key: 'u', role: 'admin' },
  { name: 'account', path: '/account', menu: false },
  { name: 'login', path: '/login', menu: false },
]

/** What earlier links asked of `/`: the list of devices was there. */
const LIST_PARAMETERS = ['q', 'status', 'branch', 'type', 'sort']

/** `{name, params}` of a path, or null. */
export function routeOf(pathname) {
  const parts = pathname.split('/').filter(Boolean)
  for (const { name, path } of VIEWS) {
    const wanted = path.split('/').filter(Boolean)
    if (wanted.length !== parts.length) continue
    const params = {}
    const fits = wanted.every((part, index) => {
      if (!part.startsWith(':')) return part === parts[index]
      params[part.slice(1)] = decoded(parts[index])
      return true
    })
    if (fits) return { name, params }
  }
  return null
}

/** Where a link of an earlier version leads now: `/?device=x` and `/?q=…`; null for all others. */
export function movedTo({ pathname, search }) {
  if (pathname !== '/') return null
  const query = new URLSearchParams(search)
  const device = query.get('device')
  if (device !== null) return `/devices/${encodeURIComponent(device)}`
  return LIST_PARAMETERS.some((name) => query.has(name)) ? `/devices${search}` : null
}

function decoded(part) {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
