import { isDown, isHandled } from './fleet.js'

/** The fleet by branch, the worst first. Nothing here touches the document. */

const collator = new Intl.Collator('en', { numeric: true })
/** The worst first: a branch has the first that any of its devices has. */
const WORST = ['down', 'unreachable', 'unknown', 'up', 'disabled']

/**
 * `{branch, regions, status, counts, total, lost, handled, downSince, isNew, uplinks, lines}` of each branch; `lines` says
 * `down` when any of its uplinks is, `handled` how somebody deals with all that is lost, or null. `now` is in milliseconds.
 */
export function branchesOf(devices, now) {
  const found = new Map()
  for (const device of devices) {
    const name = device.branch ?? ''
    let branch = found.get(name)
    if (branch === undefined) found.set(name, (branch = emptyBranch(name)))
    add(branch, device)
  }
  return [...found.values()].map((branch) => finish(branch, now))
}

/** The same from what the API tells of branches (`GET /api/v1/branches`). Of one in several regions it doesn't say in which. */
export function branchesTold(told, now) {
  return told.map(({ branch, region, devices, outages, uplinks }) => {
    const name = branch ?? ''
    const { total: _, ...counts } = devices
    return finish(
      {
        branch: name,
        regions: new Set(region === null ? [] : [region]),
        counts,
        open: outages.open,
        planned: outages.maintenance,
        downSince: millisecondsOf(outages.oldest_since),
        newest: millisecondsOf(outages.newest_since),
        uplinks: uplinks.map((uplink) => ({ ...uplink, branch: name })),
      },
      now,
    )
  })
}

const millisecondsOf = (time) => (time === null ? null : Date.parse(time))

function emptyBranch(branch) {
  return {
    branch,
    regions: new Set(),
    counts: { down: 0, unreachable: 0, unknown: 0, up: 0, disabled: 0 },
    open: 0,
    planned: 0,
    downSince: null,
    newest: null,
    uplinks: [],
  }
}

function add(branch, device) {
  branch.counts[device.status]++
  if (device.region !== null) branch.regions.add(device.region)
  if (isDown(device)) {
    if (!isHandled(device)) branch.open++
    if (device.maintenance) branch.planned++
    if (device.sinceMs !== null) {
      branch.downSince = Math.min(branch.downSince ?? Infinity, device.sinceMs)
      branch.newest = Math.max(branch.newest ?? 0, device.sinceMs)
    }
  }
  for (const uplink of device.uplinks)
    branch.uplinks.push({ ...uplink, device: device.id, branch: branch.branch })
}

/** An outage is called new for so long. */
const NEW_MS = 120_000

function finish(branch, now) {
  const { counts, uplinks, open, planned, newest } = branch
  const lost = counts.down + counts.unreachable
  uplinks.sort((a, b) => collator.compare(a.name, b.name))
  return {
    ...branch,
    status: WORST.find((status) => counts[status] > 0),
    total: lost + counts.unknown + counts.up,
    lost,
    handled: lost === 0 || open > 0 ? null : planned === lost ? 'maintenance' : 'acknowledged',
    isNew: open > 0 && newest !== null && now - newest < NEW_MS,
    lines: uplinks.some(({ state }) => state === 'down') ? 'down' : 'up',
  }
}

/** How bad it is, the worst is 0: what nobody deals with comes before what somebody does. */
export function troubleOf({ status, handled, lines }) {
  if (status === 'down') return handled === null ? 0 : 4
  if (status === 'unreachable') return handled === null ? 1 : 4
  if (status === 'unknown') return 2
  if (lines === 'down') return 3
  return status === 'disabled' ? 6 : 5
}

/** Whether it has a place among those to look at. */
export const isTrouble = (branch) => troubleOf(branch) < 5

export function sortByTrouble(branches) {
  return branches.toSorted(
    (a, b) =>
      troubleOf(a) - troubleOf(b) || b.lost - a.lost || collator.compare(a.branch, b.branch),
  )
}
