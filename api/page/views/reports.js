import { h } from '../core/dom.js'
import * as format from '../core/format.js'
import { text } from '../core/texts.js'
import { timeElement, timeZone } from '../core/time.js'
import { bar, legend } from './reports/bar.js'

/** Availability by month: the worst first, with what counted and what was left out; as CSV, and to be printed. */

const GROUPINGS = ['device', 'branch', 'region']
const COLUMNS = ['name', 'availability', 'time', 'down', 'excluded', 'unknown', 'outages', 'mttr', 'mtbf']
/** More rows than this are read better as CSV. */
const MOST_ROWS = 300

export const view = {
  title: () => text('reports.title'),
  open(root, app) {
    const asked = {
      month: app.query.get('month') ?? new Date(app.now()).toISOString().slice(0, 7),
      by: GROUPINGS.includes(app.query.get('by')) ? app.query.get('by') : 'branch',
      region: app.query.get('region') ?? '',
      branch: app.query.get('branch') ?? '',
      q: app.query.get('q') ?? '',
    }
    const summary = h('div', { class: 'report-summary', role: 'status' })
    const body = h('div')
    const csv = h('a', { class: 'button' }, text('reports.csv'))
    const print = h('a', { class: 'button', target: '_blank', rel: 'noopener' }, text('reports.print'))
    let report = null
    let turn = 0

    root.append(
      h(
        'form',
        { class: 'view-head', role: 'search', onsubmit: (event) => event.preventDefault() },
        h('h1', {}, text('reports.title')),
        h('span', { class: 'spacer' }),
        field('month', h('input', { type: 'month', required: true })),
        field('by', h('select', {}, ...GROUPINGS.map((value) => h('option', { value }, text(`reports.by.${value}`))))),
        field('region', menu('region')),
        field('branch', menu('branch')),
        field('q', h('input', { type: 'search', 'data-search': true }), drawRows),
        csv,
        print,
      ),
      h('div', { class: 'view-body' }, summary, legend(), body),
    )
    void load()

    function menu(name) {
      const values = new Set([...app.fleet.devices.values()].map((device) => device[name]).filter(Boolean))
      if (asked[name] !== '') values.add(asked[name])
      const sorted = [...values].sort((one, other) => one.localeCompare(other))
      return h('select', {}, h('option', { value: '' }, text(`reports.all.${name}`)), ...sorted.map((value) => h('option', { value }, value)))
    }

    function field(name, control, changed = load) {
      control.id = `report-${name}`
      control.value = asked[name]
      control.addEventListener(control.type === 'search' ? 'input' : 'change', () => {
        if (!control.reportValidity()) return
        asked[name] = control.value
        app.setQuery({ [name]: control.value || null })
        void changed()
      })
      return h('label', { class: 'field', for: control.id }, h('span', {}, text(`reports.filter.${name}`)), control)
    }

    function query(more = {}) {
      const wanted = new URLSearchParams({ month: asked.month, by: asked.by, tz: timeZone(), ...more })
      for (const name of ['region', 'branch']) if (asked[name] !== '') wanted.append(name, asked[name])
      return wanted
    }

    async function load() {
      const mine = ++turn
      csv.href = `/api/v1/reports/availability?${query({ format: 'csv', bom: 'true' })}`
      print.href = `/reports/availability?${query()}`
      body.setAttribute('aria-busy', 'true')
      try {
        const found = await app.api.get(`/api/v1/reports/availability?${query()}`)
        if (mine !== turn) return
        report = found
        drawSummary()
        drawRows()
      } catch (error) {
        if (mine !== turn) return
        report = null
        summary.replaceChildren()
        body.replaceChildren(h('p', { class: 'problem', role: 'alert' }, error.detail ?? error.message))
      }
      body.removeAttribute('aria-busy')
    }

    function drawSummary() {
      const { total, windows, from, to } = report
      summary.replaceChildren(
        h('p', { class: 'report-total' }, h('b', {}, format.percent(total.availability, 3)), ` ${text('reports.total', { devices: total.devices })}`),
        bar(total.seconds),
        h('p', { class: 'muted' }, timeElement(from, app.now()), ' – ', timeElement(to, app.now()), ` · ${report.time_zone}`),
        windows.length === 0 ? h('p', { class: 'muted' }, text('reports.windows.none')) : windowList(windows, app.now()),
      )
    }

    function drawRows() {
      if (report === null) return
      const word = asked.q.trim().toLowerCase()
      const rows = report.rows.filter(({ key, name }) => `${key}\n${name}`.toLowerCase().includes(word))
      if (rows.length === 0) {
        body.replaceChildren(h('p', { class: 'empty' }, text(report.rows.length === 0 ? 'reports.empty' : 'list.nothing')))
        return
      }
      body.replaceChildren(
        h(
          'table',
          { class: 'table report' },
          h('caption', { class: 'hidden' }, text('reports.title')),
          h('thead', {}, h('tr', {}, ...COLUMNS.map((key) => h('th', { scope: 'col' }, text(`reports.column.${key}`))))),
          h('tbody', {}, ...rows.slice(0, MOST_ROWS).map(rowElement)),
        ),
        rows.length > MOST_ROWS ? h('p', { class: 'muted' }, text('reports.more', { count: rows.length - MOST_ROWS })) : '',
      )
    }

    function rowElement(row) {
      const { key, name, seconds, outage_count: count, mttr_seconds: mttr, mtbf_seconds: mtbf } = row
      const link = report.by === 'device' ? `/devices/${encodeURIComponent(key)}` : `/devices?${new URLSearchParams({ [report.by]: key })}`
      return h(
        'tr',
        {},
        h('th', { scope: 'row' }, h('a', { href: link }, name === '' ? text('reports.unnamed') : name)),
        h('td', { class: 'number' }, format.percent(row.availability, 3)),
        h('td', { class: 'bar-cell' }, bar(seconds)),
        ...['down', 'excluded', 'unknown'].map((kind) => h('td', { class: 'number' }, seconds[kind] === 0 ? '–' : format.duration(seconds[kind]))),
        h('td', {}, outageList(row.outages ?? [], count)),
        ...[mttr, mtbf].map((value) => h('td', { class: 'number' }, value === null ? '–' : format.duration(value))),
      )
    }

    function outageList(outages, count) {
      if (outages.length === 0) return String(count)
      return h(
        'details',
        {},
        h('summary', {}, String(count)),
        h('ul', {}, ...outages.map(({ start, seconds }) => h('li', {}, timeElement(start, app.now()), ` · ${format.duration(seconds)}`))),
      )
    }
    return {}
  },
}

function windowList(windows, now) {
  return h(
    'details',
    {},
    h('summary', {}, text('reports.windows', { count: windows.length })),
    h(
      'ul',
      {},
      ...windows.map((window) =>
        h('li', {}, `${window.name}: ${format.duration(window.seconds)}, ${text('reports.devices', { count: window.devices })}`, ' ', window.updated_at === null ? '' : timeElement(window.updated_at, now)),
      ),
    ),
  )
}
