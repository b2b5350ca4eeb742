import { h, mark } from '../core/dom.js'
import * as format from '../core/format.js'
import { text } from '../core/texts.js'
import { timeElement } from '../core/time.js'

/** wardline about itself: each collector with its lag and what it missed, what all depends on, the slowest devices. */

const EVERY_MS = 5_000
/** A collector's state as a mark that everybody knows from devices. */
const MARKS = { online: 'up', late: 'unknown', blind: 'unreachable' }
/** Health words of components that are as they should be. */
const GOOD = ['ok']

export const view = {
  title: () => text('collectors.title'),
  open(root, app) {
    const parts = h('ul', { class: 'parts', 'aria-label': text('collectors.parts') })
    const cards = h('div', { class: 'collectors' })
    const search = h('input', {
      type: 'search',
      'data-search': true,
      id: 'collectors-q',
      value: app.query.get('q') ?? '',
      oninput: () => {
        app.setQuery({ q: search.value || null })
        draw()
      },
    })
    const problem = h('p', { class: 'problem', role: 'alert', hidden: true })
    const slowest = h('div')
    let collectors = []
    let isOver = false
    let timer = 0

    root.append(
      h(
        'div',
        { class: 'view-head' },
        h('h1', {}, text('collectors.title')),
        h('span', { class: 'spacer' }),
        h('label', { class: 'field', for: search.id }, h('span', {}, text('collectors.search')), search),
      ),
      h(
        'div',
        { class: 'view-body' },
        parts,
        problem,
        cards,
        h('h2', {}, text('collectors.slowest')),
        h('p', { class: 'muted' }, text('collectors.slowest.note')),
        slowest,
      ),
    )
    drawParts()
    void load()

    async function load() {
      try {
        const found = await app.api.get('/api/v1/collectors')
        if (isOver) return
        collectors = found
        problem.hidden = true
      } catch (error) {
        if (isOver) return
        problem.hidden = false
        problem.textContent = error.detail ?? error.message
      }
      draw()
      timer = setTimeout(load, EVERY_MS)
    }

    function draw() {
      const word = search.value.trim().toLowerCase()
      const fits = ({ name }) => name.toLowerCase().includes(word)
      const list = collectors.filter(fits)
      cards.replaceChildren(
        ...(list.length === 0
          ? [h('p', { class: 'empty' }, text(collectors.length === 0 ? 'collectors.empty' : 'list.nothing'))]
          : list.map((each) => card(each, app.now()))),
      )
      drawSlowest(list.flatMap((each) => each.slowest.map((poll) => ({ ...poll, collector: each.name }))))
    }

    function drawSlowest(polls) {
      const sorted = polls.toSorted((one, other) => other.poll_seconds - one.poll_seconds).slice(0, 20)
      slowest.replaceChildren(
        sorted.length === 0
          ? h('p', { class: 'empty' }, text('collectors.slowest.empty'))
          : h(
              'table',
              { class: 'table' },
              h(
                'thead',
                {},
                h('tr', {}, ...['device', 'branch', 'poll', 'mean', 'pdus', 'errors'].map((key) => h('th', { scope: 'col' }, text(`collectors.slow.${key}`)))),
              ),
              h('tbody', {}, ...sorted.map((poll) => slowRow(poll))),
            ),
      )
    }

    function slowRow({ device, name, branch, poll_seconds: poll, mean_seconds: mean, pdus, errors }) {
      return h(
        'tr',
        {},
        h('td', {}, h('a', { href: `/devices/${encodeURIComponent(device)}` }, name)),
        h('td', {}, branch ?? '–'),
        h('td', { class: 'number' }, seconds(poll)),
        h('td', { class: 'number' }, mean === null ? '–' : seconds(mean)),
        h('td', { class: 'number' }, String(pdus ?? '–')),
        h('td', { class: 'number' }, String(errors ?? '–')),
      )
    }

    function drawParts() {
      const components = Object.entries(app.health?.components ?? {})
      parts.replaceChildren(
        ...components.map(([name, { status }]) =>
          h(
            'li',
            { class: 'chip', 'data-level': GOOD.includes(status) ? 'good' : 'bad' },
            mark(GOOD.includes(status) ? 'up' : 'down'),
            ` ${text(`health.${name}`)}: ${text(`health.is.${status}`)}`,
          ),
        ),
      )
    }

    return {
      update: drawParts,
      leave() {
        isOver = true
        clearTimeout(timer)
      },
    }
  },
}

const seconds = (value) => (value < 1 ? `${Math.round(value * 1000)} ms` : `${value.toFixed(2)} s`)

function card(collector, now) {
  const { name, version, status, blind_since: blindSince, targets } = collector
  const facts = [
    ['targets', text('collectors.targets', { ping: targets.ping, snmp: targets.snmp })],
    ['lag', collector.lag_seconds === null ? '–' : seconds(collector.lag_seconds)],
    ['missed', String(collector.missed_slots)],
    ['stored', format.percent(collector.stored_ratio, 2)],
    ['buffer', format.bytes(collector.buffer_bytes)],
    ['last', timeElement(collector.last_success_at, now)],
    ['version', version ?? '–'],
  ]
  return h(
    'section',
    { class: 'card collector', 'data-status': status },
    h('h2', {}, mark(MARKS[status] ?? 'unknown'), ` ${name}`),
    h('p', {}, text(`collectors.is.${status}`), blindSince === null ? null : ' ', blindSince === null ? null : timeElement(blindSince, now)),
    h('dl', { class: 'facts' }, ...facts.flatMap(([key, value]) => [h('dt', {}, text(`collectors.${key}`)), h('dd', {}, value)])),
  )
}
