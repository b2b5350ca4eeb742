/** The devices that the page knows, and which of them it shows in what order. Nothing here touches the document. */

export const STATUSES = ['down', 'unreachable', 'unknown', 'up', 'disabled']

const collator = new Intl.Collator('en', { numeric: true })
/** Down, whatever the reason. */
export const isDown = (device) => device.status === 'down' || device.status === 'unreachable'

const KEYS = {
  status: (device) => device.order,
  name: (device) => device.rank,
  address: (device) => device.address,
  branch: (device) => device.branch,
  region: (device) => device.region,
  type: (device) => device.type,
  downtime: (device) => (isDown(device) && device.sinceMs !== null ? -device.sinceMs : null),
  since: (device) => device.sinceMs,
  rtt: (device) => device.rtt_ms,
  loss: (device) => device.loss_ratio,
}

export const SORT_KEYS = Object.keys(KEYS)

export function createFleet() {
  /** @type {Map<string, object>} */
  const devices = new Map()
  let isLoaded = false
  let told = null
  /** Each name's place among the names. Comparing texts as people do is slow, and names seldom change. */
  let ranks = new Map()
  let isRanked = true

  return {
    devices,
    /** Whether the list was ever fetched: before that, nothing known isn't nothing there. */
    get isLoaded() {
      return isLoaded
    },
    /** The branches as the API counts them, an array; null once the devices themselves are there, or before anything is. */
    get told() {
      return told
    },
    /** The list of a large fleet is long: until it is there, this much is known. Null takes it back. */
    tell(branches) {
      told = isLoaded ? null : branches
    },
    /** Replaces everything. `asOf` is the instant of the list, in milliseconds. */
    load(list, asOf) {
      isLoaded = true
      told = null
      devices.clear()
      for (const device of list) set(device, asOf)
    },
    /** Devices that changed; an older word than the one known is passed over. Gives those that went down by it. */
    apply({ devices: changed, removed }, asOf) {
      const lost = []
      for (const id of removed) devices.delete(id)
      for (const device of changed) {
        const known = devices.get(device.id)
        if (known !== undefined && known.asOf > asOf) continue
        const enriched = set(device, asOf)
        if (isDown(enriched) && known !== undefined && !isDown(known)) lost.push(enriched)
      }
      return lost
    },
    /** New figures of devices whose status is known from no later word. */
    applyFigures(list, asOf) {
      for (const figures of list) {
        const known = devices.get(figures.id)
        if (known === undefined || known.asOf > asOf) continue
        known.rtt_ms = figures.rtt_ms
        known.loss_ratio = figures.loss_ratio
        known.last_sample_at = figures.last_sample_at
      }
    },
    /** The values of a field, sorted, for a menu. */
    values(field, where = () => true) {
      const found = new Set()
      for (const device of devices.values()) {
        if (device[field] !== null && where(device)) found.add(device[field])
      }
      return [...found].sort(collator.compare)
    },
    /** Whether a device has nothing in a field. */
    lacks(field, where = () => true) {
      for (const device of devices.values())
        if (device[field] === null && where(device)) return true
      return false
    },
    /** The uplinks of a branch's devices, by name. */
    uplinks(branch) {
      const found = []
      for (const device of devices.values()) {
        if (device.branch === branch) found.push(...device.uplinks)
      }
      return found.sort((a, b) => collator.compare(a.name, b.name))
    },
    counts() {
      const counts = { up: 0, down: 0, unreachable: 0, unknown: 0, disabled: 0 }
      for (const { status } of devices.values()) counts[status]++
      for (const { devices: own } of told ?? [])
        for (const status of STATUSES) counts[status] += own[status]
      return counts
    },
    select(filter) {
      if (!isRanked) rank()
      return sortDevices(filterDevices(devices.values(), filter), filter.sort)
    },
  }

  function set(device, asOf) {
    const enriched = enrich(device, asOf)
    enriched.rank = ranks.get(device.name) ?? -1
    if (enriched.rank === -1) isRanked = false
    devices.set(device.id, enriched)
    return enriched
  }

  function rank() {
    const names = [...new Set([...devices.values()].map(({ name }) => name))].sort(collator.compare)
    ranks = new Map(names.map((name, index) => [name, index]))
    for (const device of devices.values()) device.rank = ranks.get(device.name)
    isRanked = true
  }
}

/** Somebody deals with it: it is in maintenance, or was acknowledged. */
export const isHandled = (device) => Boolean(device.maintenance ?? device.acknowledged)

/** Devices that a filter lets through: `{q, status: Set, branch, region, type}`; null is any, '' is without one. */
export function filterDevices(devices, { q, status, branch, region, type }) {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean)
  const found = []
  for (const device of devices) {
    if (status.size > 0 && !status.has(device.status)) continue
    if (branch !== null && (device.branch ?? '') !== branch) continue
    if (region !== null && (device.region ?? '') !== region) continue
    if (type !== null && (device.type ?? '') !== type) continue
    if (!words.every((word) => device.text.includes(word))) continue
    found.push(device)
  }
  return found
}

/** By one key, `-` for downwards; what has no value comes last, equals go by status and name. */
export function sortDevices(list, sort) {
  const sign = sort.startsWith('-') ? -1 : 1
  const key = KEYS[sort.replace(/^-/, '')] ?? KEYS.downtime
  const keyed = list.map((device) => ({ device, key: key(device) }))
  keyed.sort((a, b) => {
    if ((a.key === null) !== (b.key === null)) return a.key === null ? 1 : -1
    const order = a.key === null ? 0 : compare(a.key, b.key) * sign
    return order || byStatusAndName(a.device, b.device)
  })
  return keyed.map(({ device }) => device)
}

function compare(a, b) {
  return typeof a === 'number' ? a - b : collator.compare(a, b)
}

function byStatusAndName(a, b) {
  return a.order - b.order || a.rank - b.rank
}

/** What sorting and searching need, made once. */
function enrich(device, asOf) {
  const { id, name, address, branch, region, type, tags } = device
  return {
    ...device,
    asOf,
    sinceMs: device.since === null ? null : Date.parse(device.since),
    order: STATUSES.indexOf(device.status),
    text: [id, name, address, branch, region, type, ...tags].join('\n').toLowerCase(),
  }
}
