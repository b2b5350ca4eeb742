import { drawChart } from './chart.js'
import { byId, h } from './dom.js'
import * as format from './format.js'
import { uplinkList } from './uplinks.js'

/** What is known of one device: its facts, its chart, its outages. */

const RANGES = ['1h', '6h', '24h', '7d', '30d']
const REFRESH_MS = 10_000

export function createPanel({ now, fleet, opened, closed }) {
  const panel = byId('panel')
  let id = null
  let range = '6h'
  let history = null
  let failure = ''
  let asked = 0
  const facts = h('dl', { class: 'details' })
  const title = h('h2', { tabindex: '-1' })
  const state = h('p', { class: 'state' })
  const stage = h('div', { class: 'chart-stage' })
  const reading = h('p', { class: 'reading', 'aria-hidden': 'true' })
  const outages = h('div', {})
  const ranges = h(
    'div',
    { class: 'ranges', role: 'group', 'aria-label': 'Range of the chart' },
    ...RANGES.map((name) =>
      h('button', { type: 'button', 'data-range': name, onclick: () => choose(name) }, name),
    ),
  )
  const close = h(
    'button',
    { type: 'button', class: 'close', 'aria-label': 'Close', onclick: closed },
    '×',
  )
  panel.append(
    h('div', { class: 'panel-head' }, title, close),
    state,
    facts,
    h('h3', {}, 'Round-trip time'),
    ranges,
    stage,
    reading,
    outages,
  )

  function choose(name) {
    range = name
    void load()
  }

  async function load() {
    const turn = ++asked
    drawRanges()
    try {
      const response = await fetch(
        `/api/v1/devices/${encodeURIComponent(id)}/history?range=${range}`,
      )
      const body = await response.json()
      if (turn !== asked) return
      history = response.ok ? body : null
      failure = response.ok ? '' : body.detail
    } catch {
      if (turn !== asked) return
      failure = 'The history can’t be fetched now.'
    }
    drawHistory()
  }

  function drawRanges() {
    for (const button of ranges.children)
      button.setAttribute('aria-pressed', String(button.dataset.range === range))
  }

  function drawHistory() {
    if (history === null) {
      stage.replaceChildren(h('p', { class: 'muted' }, failure || 'Loading…'))
      outages.replaceChildren()
      return
    }
    stage.replaceChildren(
      drawChart(history, Math.max(240, stage.clientWidth), (text) => (reading.textContent = text)),
    )
    outages.replaceChildren(h('h3', {}, `Outages in ${history.range}`), outageList(history.outages))
  }

  function outageList(list) {
    if (list.length === 0) return h('p', { class: 'muted' }, 'None.')
    return h(
      'ol',
      { class: 'outages' },
      ...list
        .slice(0, 50)
        .map(({ start, end, duration_seconds: seconds }) =>
          h(
            'li',
            { 'data-open': end === null },
            h('time', { datetime: start, title: `${start} (UTC)` }, format.localTime(start, now())),
            h('span', {}, end === null ? 'lasts' : `until ${format.localTime(end, now())}`),
            h(
              'b',
              {},
              format.duration(end === null ? (now() - Date.parse(start)) / 1000 : seconds),
            ),
          ),
        ),
    )
  }

  function draw() {
    const device = fleet.devices.get(id)
    if (device === undefined) {
      title.textContent = id
      state.textContent = 'This device is not in the inventory.'
      facts.replaceChildren()
      return
    }
    title.textContent = device.name
    state.dataset.status = device.status
    state.replaceChildren(
      h('span', { class: 'mark', 'data-status': device.status, 'aria-hidden': 'true' }),
      h('b', {}, device.status),
      stateText(device),
    )
    facts.replaceChildren(
      ...rowsOf(device).flatMap(([name, value, hint]) => [
        h('dt', {}, name),
        h('dd', { title: hint }, value),
      ]),
    )
  }

  function stateText(device) {
    if (device.since === null) return device.status === 'unknown' ? ' – no recent sample' : ''
    const for_ = format.duration((now() - device.sinceMs) / 1000)
    return ` for ${for_}, since ${format.localTime(device.since, now())}`
  }

  function rowsOf(device) {
    const rows = [
      ['Address', device.address],
      ['Branch', [device.branch, device.region].filter(Boolean).join(', ') || '–'],
      [
        'Kind',
        [device.type, device.role, device.vendor, device.model].filter(Boolean).join(', ') || '–',
      ],
      ['Round trip', `${format.rtt(device.rtt_ms)}, ${format.loss(device.loss_ratio)} loss`],
      ['Last sample', format.localTime(device.last_sample_at, now()), device.last_sample_at],
    ]
    if (device.snmp !== null) rows.push(['SNMP', device.snmp.status, device.snmp.last_sample_at])
    if (device.uplinks.length > 0) rows.push(['Uplinks', uplinkList(device.uplinks, now())])
    if (device.cause.length > 0) rows.push(['Cause', links(device.cause)])
    if (device.parents.length > 0) rows.push(['Behind', links(device.parents)])
    if (device.problems.length > 0) {
      rows.push([
        'Alerts',
        device.problems
          .map(
            ({ alert, severity, state: at }) =>
              `${alert} (${at === 'pending' ? 'pending' : (severity ?? 'firing')})`,
          )
          .join(', '),
      ])
    }
    rows.push(['Id', device.id])
    return rows
  }

  function links(ids) {
    return h(
      'span',
      { class: 'links' },
      ...ids.map((other) =>
        h(
          'button',
          { type: 'button', class: 'link', onclick: () => opened(other) },
          fleet.devices.get(other)?.name ?? other,
        ),
      ),
    )
  }

  setInterval(() => id !== null && !document.hidden && void load(), REFRESH_MS)
  new ResizeObserver(() => id !== null && history !== null && drawHistory()).observe(panel)

  return {
    /** Opens on a device, or closes with null. */
    show(next, { focus = false } = {}) {
      if (next === id) return
      id = next
      panel.hidden = id === null
      document.body.toggleAttribute('data-panel', id !== null)
      if (id === null) return
      history = null
      failure = ''
      draw()
      drawHistory()
      panel.scrollTop = 0
      void load()
      if (focus) title.focus()
    },
    /** The device may have changed. */
    update() {
      if (id !== null) draw()
    },
    /** A second has passed: only the words that count it change. */
    tick() {
      const device = fleet.devices.get(id)
      if (device?.since !== null && device !== undefined)
        state.lastChild.textContent = stateText(device)
    },
  }
}
