import { SORT_KEYS, STATUSES } from './fleet.js'

/** What the list of devices is asked to show, kept in the address: a link to it shows the same. */

export const DEFAULT_SORT = '-downtime'

/** Reads `?q=…&status=down,unknown&branch=…&sort=…`; what makes no sense is passed over. */
export function readFilters(search) {
  const query = new URLSearchParams(search)
  const status = (query.get('status') ?? '').split(',').filter((word) => STATUSES.includes(word))
  const sort = query.get('sort') ?? ''
  return {
    q: query.get('q') ?? '',
    status: new Set(status),
    // Given and empty: those that have none.
    branch: query.get('branch'),
    region: query.get('region'),
    type: query.get('type'),
    sort: SORT_KEYS.includes(sort.replace(/^-/, '')) ? sort : DEFAULT_SORT,
  }
}

/** The query that says the same, without what is as usual; '' when all is. `at` is the instant that is looked at, or null. */
export function writeFilters({ q, status, branch, region, type, sort }, at = null) {
  const query = new URLSearchParams()
  if (q !== '') query.set('q', q)
  if (status.size > 0) query.set('status', [...status].join(','))
  if (branch !== null) query.set('branch', branch)
  if (region !== null) query.set('region', region)
  if (type !== null) query.set('type', type)
  if (sort !== DEFAULT_SORT) query.set('sort', sort)
  if (at !== null) query.set('at', at)
  const text = query.toString()
  return text === '' ? '' : `?${text}`
}

export const NO_FILTER = { q: '', status: new Set(), branch: null, region: null, type: null }

export const isFiltered = ({ q, status, branch, region, type }) =>
  q !== '' || status.size > 0 || branch !== null || region !== null || type !== null
