import { byId, h, setAttribute, setText } from './dom.js'
import { DEFAULT_SORT, isFiltered, readFilters, writeFilters } from './filters.js'
import { STATUSES, createFleet } from './fleet.js'
import * as format from './format.js'
import { connectLive } from './live.js'
import { createPanel } from './panel.js'
import { SORT_OPTIONS, createTable } from './table.js'
import { assessTrust } from './trust.js'
import { uplinkList } from './uplinks.js'

/** Wires the parts: the fleet and the filters say what is shown, the live connection what is true. */

const MENUS = { region: 'All regions', branch: 'All branches', type: 'All types' }

const fleet = createFleet()
let filters = readFilters(location.search)
let stats = null
let health = null
let isLinked = false
let heardAt = performance.now()
/** The server's clock minus this one's: downtimes count by the server's. */
let skewMs = 0
const now = () => Date.now() + skewMs

const table = createTable({ now, opened: (id) => open(id), sorted: sortBy })
const panel = createPanel({ now, fleet, opened: (id) => open(id), closed: () => open(null) })
const tiles = new Map(STATUSES.map((status) => [status, tile(status)]))
byId('tiles').append(...[...tiles.values()].map(({ button }) => button))
byId('sort').append(...SORT_OPTIONS.map(([value, title]) => h('option', { value }, title)))

function tile(status) {
  const number = h('b', {}, '–')
  const button = h(
    'button',
    {
      type: 'button',
      class: 'tile',
      'data-status': status,
      'aria-pressed': 'false',
      onclick: () => toggle(status),
    },
    number,
    h('span', {}, h('i', { class: 'mark', 'data-status': status, 'aria-hidden': 'true' }), status),
  )
  return { button, number }
}

function toggle(status) {
  const next = new Set(filters.status)
  if (!next.delete(status)) next.add(status)
  filter({ status: next })
}

function sortBy(key, downFirst) {
  const first = downFirst ? `-${key}` : key
  const second = downFirst ? key : `-${key}`
  filter({ sort: filters.sort === first ? second : first })
}

function filter(change) {
  filters = { ...filters, ...change }
  history.replaceState(null, '', `${location.pathname}${writeFilters(filters)}`)
  drawFilters()
  drawList()
  table.toTop()
}

function open(id, { focus = true } = {}) {
  filters = { ...filters, device: id }
  history.replaceState(null, '', `${location.pathname}${writeFilters(filters)}`)
  panel.show(id, { focus })
  table.mark(id)
  if (id === null) table.focus()
}

function drawFilters() {
  if (byId('q').value !== filters.q) byId('q').value = filters.q
  for (const [name, all] of Object.entries(MENUS)) drawMenu(name, all)
  byId('sort').value = filters.sort
  byId('clear').hidden = !isFiltered(filters)
  for (const [status, { button }] of tiles) {
    setAttribute(button, 'aria-pressed', String(filters.status.has(status)))
  }
}

/** Branches are those of the chosen region; a chosen value that no device has stays to be unchosen. */
function drawMenu(name, all) {
  const menu = byId(name)
  const inRegion = (device) =>
    name !== 'branch' || filters.region === '' || device.region === filters.region
  const values = fleet.values(name, inRegion)
  if (filters[name] !== '' && !values.includes(filters[name])) values.push(filters[name])
  const mark = JSON.stringify(values)
  if (menu.dataset.values !== mark) {
    menu.dataset.values = mark
    menu.replaceChildren(
      h('option', { value: '' }, all),
      ...values.map((value) => h('option', { value }, value)),
    )
  }
  menu.value = filters[name]
}

function drawList() {
  const list = fleet.select(filters)
  table.show(list, filters.sort)
  const total = fleet.devices.size
  setText(
    byId('shown'),
    list.length === total
      ? `${format.count(total)} devices`
      : `${format.count(list.length)} of ${format.count(total)}`,
  )
  drawUplinks()
  byId('empty').hidden = list.length > 0
  setText(byId('empty'), emptyText(total))
  const counts = fleet.counts()
  for (const [status, { button, number }] of tiles) {
    setText(number, format.count(counts[status]))
    setAttribute(button, 'data-none', counts[status] === 0 ? '' : null)
  }
  const lost = counts.down + counts.unreachable
  document.title = lost === 0 ? 'wardline' : `(${lost}) wardline`
}

/** Of the branch that is chosen: a whole branch is seen by its uplinks first. */
function drawUplinks() {
  const uplinks = filters.branch === '' ? [] : fleet.uplinks(filters.branch)
  const strip = byId('uplinks')
  strip.hidden = uplinks.length === 0
  if (!strip.hidden) strip.replaceChildren(h('span', {}, 'Uplinks'), uplinkList(uplinks, now()))
}

function emptyText(total) {
  if (document.body.dataset.trust === 'loading') return 'Waiting for the first answer…'
  return total === 0 ? 'The inventory is empty.' : 'No device matches these filters.'
}

function drawFacts() {
  if (stats === null) return
  const { alerts, rtt_ms: rtt, samples } = stats
  setText(byId('fact-alerts'), format.count(alerts.firing))
  byId('fact-alerts').title = Object.entries(alerts.by_severity)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ')
  setText(byId('fact-rtt'), format.rtt(rtt.mean))
  setText(byId('fact-stored'), format.percent(samples.stored_ratio, 2))
  setAttribute(
    byId('fact-stored'),
    'data-low',
    samples.stored_ratio !== null && samples.stored_ratio < 0.999 ? '' : null,
  )
}

function drawTrust() {
  const silentSeconds = (performance.now() - heardAt) / 1000
  const asOf = stats === null ? '' : format.localTime(stats.as_of, now())
  const { trust, level, text } = assessTrust({ silentSeconds, isLinked, health, asOf })
  const isLoading = fleet.devices.size === 0 && stats === null && trust === 'ok'
  document.body.dataset.trust = isLoading ? 'loading' : trust
  const banner = byId('banner')
  banner.hidden = text === ''
  banner.dataset.level = level
  setText(banner, text)
  const age = stats === null ? null : (now() - Date.parse(stats.as_of)) / 1000
  setText(
    byId('fact-age-text'),
    age === null
      ? 'connecting'
      : trust === 'ok' && age < 3
        ? 'live'
        : `${format.duration(age)} old`,
  )
}

function noteTime(asOf) {
  const skew = Date.parse(asOf) - Date.now()
  // A second or two is the age of the view and the way here; more is a clock that is off.
  if (Math.abs(skew - skewMs) > 3_000) skewMs = Math.abs(skew) > 3_000 ? skew : 0
}

connectLive({
  list(devices, asOf) {
    fleet.load(devices, asOf)
    drawTrust()
    drawFilters()
    drawList()
    panel.update()
    if (filters.device !== null) open(filters.device, { focus: false })
  },
  change(event, asOf) {
    fleet.apply(event, asOf)
    drawFilters()
    drawList()
    panel.update()
  },
  figures(list, asOf) {
    fleet.applyFigures(list, asOf)
    drawList()
    panel.update()
  },
  stats(next) {
    stats = next
    heardAt = performance.now()
    noteTime(next.as_of)
    drawFacts()
    drawTrust()
  },
  health(next) {
    health = next
    drawTrust()
  },
  link(isUp) {
    isLinked = isUp
    drawTrust()
  },
})

setInterval(() => {
  drawTrust()
  // A downtime that nobody vouches for doesn't grow.
  if (document.body.dataset.trust === 'stale') return
  table.tick()
  panel.tick()
}, 1_000)

byId('q').addEventListener('input', ({ target }) => filter({ q: target.value }))
byId('region').addEventListener('change', ({ target }) =>
  filter({ region: target.value, branch: '' }),
)
byId('branch').addEventListener('change', ({ target }) => filter({ branch: target.value }))
byId('type').addEventListener('change', ({ target }) => filter({ type: target.value }))
byId('sort').addEventListener('change', ({ target }) =>
  filter({ sort: target.value || DEFAULT_SORT }),
)
byId('clear').addEventListener('click', () =>
  filter({ q: '', status: new Set(), branch: '', region: '', type: '' }),
)
document.addEventListener('keydown', (event) => {
  const isTyping = event.target.matches('input, select, textarea')
  if (event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey) {
    event.preventDefault()
    byId('q').focus()
    byId('q').select()
  }
  if (event.key !== 'Escape') return
  if (event.target === byId('q')) {
    if (filters.q !== '') filter({ q: '' })
    table.focus()
  } else if (filters.device !== null) open(null)
})
addEventListener('popstate', () => {
  filters = readFilters(location.search)
  drawFilters()
  drawList()
})
drawFilters()
