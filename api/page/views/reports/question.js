/** What a report is asked for, kept in the address. Nothing here touches the document. */

export const GROUPINGS = ['branch', 'device', 'region']
const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/
/** Months that are offered besides the one that is asked for. */
const OFFERED = 24
/** Rows that are named one by one in a link. */
const MOST_NAMED = 100

/** The month of an instant, on the clock of this browser: `2026-11`. */
export function monthOf(ms) {
  const at = new Date(ms)
  return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, '0')}`
}

/** So many months later, or earlier. */
export function monthAfter(month, months) {
  const [year, number] = month.split('-').map(Number)
  return monthOf(new Date(year, number - 1 + months, 1).getTime())
}

/** The newest first; one that is older than those is there too. */
export function monthsOffered(asked, newest) {
  const recent = Array.from({ length: OFFERED }, (_, index) => monthAfter(newest, -index))
  return recent.includes(asked) ? recent : [...recent, asked]
}

/**
 * Reads `?month=…&by=…&region=…&branch=…&q=…`, and `?from=…&to=…` in place of a month (without `to` it is up to now); what
 * makes no sense is passed over.
 */
export function readQuestion(query, newest) {
  const [month, by] = [query.get('month') ?? '', query.get('by')]
  const [from, to] = ['from', 'to'].map((name) => instantOf(query.get(name)))
  const isFree = from !== '' && (to === '' || from < to)
  return {
    month: MONTH.test(month) && month <= newest ? month : newest,
    from: isFree ? from : '',
    to: isFree ? to : '',
    by: GROUPINGS.includes(by) ? by : 'branch',
    region: query.get('region') ?? '',
    branch: query.get('branch') ?? '',
    q: query.get('q') ?? '',
  }
}

/** An instant as ISO 8601 has it in UTC, '' for none. */
function instantOf(text) {
  const at = Date.parse(text ?? '')
  return Number.isNaN(at) ? '' : new Date(at).toISOString()
}

/** Whether what it asks about may go on changing. */
export const isRunning = ({ month, from, to }, newest, now) =>
  from === '' ? month === newest : to === '' || Date.parse(to) > now

/** What of it stands in an address: a month, or the instants in place of it. */
export const whenOf = ({ month, from, to }) => (from === '' ? { month } : { from, to })

/** A month as two instants, up to now at most: what one begins with who wants others. */
export function spanOfMonth(month, now) {
  const ends = new Date(`${monthAfter(month, 1)}-01T00:00`).getTime()
  return {
    from: new Date(`${month}-01T00:00`).toISOString(),
    to: new Date(Math.min(ends, now)).toISOString(),
  }
}

/** The API's parameters for it. */
export function reportQuery({ by, region, branch, ...when }, timeZone) {
  const query = new URLSearchParams({ ...whenOf(when), by, tz: timeZone })
  if (query.get('to') === '') query.delete('to')
  if (region !== '') query.set('region', region)
  if (branch !== '') query.set('branch', branch)
  return query
}

/** The same of no more than the rows that are shown, where a search left few of them. */
export function linkQuery(question, timeZone, shown) {
  const query = reportQuery(question, timeZone)
  if (question.q.trim() === '' || shown.length === 0 || shown.length > MOST_NAMED) return query
  query.delete(question.by)
  for (const { key } of shown) query.append(question.by, key)
  return query
}

/** The rows that a search leaves: every word occurs in a row's name, id, branch or region. */
export function rowsFitting(rows, q) {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean)
  return rows.filter((row) => {
    const all = [row.key, row.name, row.branch, row.region].join('\n').toLowerCase()
    return words.every((word) => all.includes(word))
  })
}
