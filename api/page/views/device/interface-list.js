/** Which interfaces are shown, in what order. Nothing here touches the document. */

const sum = (...values) =>
  values.every((value) => value === null)
    ? null
    : values.reduce((total, value) => total + (value ?? 0), 0)

export const errorsOf = (each) =>
  sum(
    each.in_errors_per_second,
    each.out_errors_per_second,
    each.in_discards_per_second,
    each.out_discards_per_second,
  )

/** The share of its speed that the busier direction takes; null where either isn't known. */
export function loadOf({ speed_bps: speed, in_bps: received, out_bps: sent }) {
  const most = Math.max(received ?? -1, sent ?? -1)
  return speed === null || speed <= 0 || most < 0 ? null : Math.min(1, most / speed)
}

export const COLUMNS = [
  { key: 'name', value: ({ name }) => name },
  { key: 'state', value: ({ admin, oper }) => `${admin} ${oper}` },
  { key: 'speed', isNumber: true, value: (each) => each.speed_bps },
  { key: 'in', isNumber: true, value: (each) => each.in_bps },
  { key: 'out', isNumber: true, value: (each) => each.out_bps },
  { key: 'load', isNumber: true, value: loadOf },
  { key: 'errors', isNumber: true, value: errorsOf },
  { key: 'trend' },
  { key: 'chart' },
]

export const FILTERS = ['all', 'up', 'down', 'uplinks', 'errors', 'busy']
const BUSY = 0.7

const CHOICES = {
  all: () => true,
  up: ({ oper }) => oper === 'up',
  // Switched off on purpose is no trouble.
  down: ({ admin, oper }) => admin === 'up' && oper !== 'up',
  uplinks: ({ uplink }) => uplink !== null,
  errors: (each) => (errorsOf(each) ?? 0) > 0,
  busy: (each) => (loadOf(each) ?? 0) >= BUSY,
}

export function select(list, { q, filter }) {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean)
  const isChosen = CHOICES[filter] ?? CHOICES.all
  return list.filter((each) => {
    const { index, name, alias, uplink } = each
    const text = [index, name, alias, uplink].join('\n').toLowerCase()
    return isChosen(each) && words.every((word) => text.includes(word))
  })
}

const collator = new Intl.Collator('en', { numeric: true })

/** By a column; as they come, uplinks first, without one. What has no value is last either way. */
export function sortedBy(list, { key, isDown }) {
  const value = COLUMNS.find((column) => column.key === key)?.value
  if (value === undefined)
    return list.toSorted((one, other) => (other.uplink !== null) - (one.uplink !== null))
  const sign = isDown ? -1 : 1
  return list.toSorted((one, other) => {
    const [a, b] = [value(one), value(other)]
    if (a === null || b === null) return (a === null) - (b === null)
    return sign * (typeof a === 'number' ? a - b : collator.compare(a, b))
  })
}
