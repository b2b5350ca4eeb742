import { h, setText } from '../core/dom.js'
import { text } from '../core/texts.js'
import { timeZone } from '../core/time.js'
import { poll, problemText } from './device/poll.js'
import { createControls } from './reports/controls.js'
import {
  isRunning,
  linkQuery,
  monthOf,
  readQuestion,
  reportQuery,
  rowsFitting,
  whenOf,
} from './reports/question.js'
import { reportTable, rowElements } from './reports/rows.js'
import { summaryOf } from './reports/summary.js'

/** Availability of a month, or between two instants: the worst first, with what counted and what was left out; as CSV, and to be printed. */

const PAGE = 200
/** What isn't over changes with each minute. */
const EVERY_MS = 60_000

export const view = {
  title: () => text('nav.reports'),
  open(root, app) {
    const newest = monthOf(app.now())
    let question = readQuestion(app.query, newest)
    let report = null
    let most = PAGE
    const unfolded = new Set()
    const summary = h('div')
    const body = h('div')
    const shown = h('p', { class: 'muted', role: 'status' })
    const csv = h('a', { class: 'button', download: true }, text('reports.csv'))
    const print = h(
      'a',
      { class: 'button', target: '_blank', rel: 'noopener' },
      text('reports.print'),
    )
    const controls = createControls(app, { chosen, searched })
    root.append(
      h(
        'div',
        { class: 'view-head' },
        h('h1', {}, text('reports.title')),
        h('span', { class: 'spacer' }),
        h(
          'div',
          { class: 'row filters', role: 'search', 'aria-label': text('reports.filter') },
          ...controls.elements,
        ),
        csv,
        print,
      ),
      h('div', { class: 'view-body' }, summary, shown, body),
    )
    controls.draw(question, newest)
    const asking = poll(
      (signal) => {
        const query = reportQuery(question, timeZone())
        return app.api.get(`/api/v1/reports/availability?${query}`, { signal })
      },
      {
        everyMs: () => (isRunning(question, newest, app.now()) ? EVERY_MS : Infinity),
        show(found) {
          report = found
          body.removeAttribute('aria-busy')
          drawSummary()
          drawRows()
        },
        failed: drawFailure,
      },
    )
    drawBusy()

    function chosen(changes) {
      question = { ...question, ...changes }
      const { from, to, ...others } = changes
      const isFree = question.from !== ''
      app.setQuery({
        ...others,
        ...(from === undefined ? {} : { from, to, ...(isFree ? { month: null } : {}) }),
      })
      controls.draw(question, newest)
      most = PAGE
      unfolded.clear()
      drawBusy()
      asking.now()
    }

    function searched(q) {
      question = { ...question, q }
      app.setQuery({ q })
      most = PAGE
      drawRows()
    }

    function drawSummary() {
      const isOpen = summary.querySelector('details')?.open ?? false
      summary.replaceChildren(isEmpty() ? '' : summaryOf(app, report))
      summary.querySelector('details')?.toggleAttribute('open', isOpen)
    }

    function drawBusy() {
      drawLinks([])
      body.setAttribute('aria-busy', 'true')
      shown.textContent = text('shell.loading')
    }

    function drawFailure(error) {
      report = null
      body.removeAttribute('aria-busy')
      shown.textContent = ''
      summary.replaceChildren()
      body.replaceChildren(
        h('p', { class: 'problem', role: 'alert' }, problemText(error)),
        h('button', { type: 'button', class: 'button', onclick: again }, text('list.again')),
      )
    }

    function again() {
      drawBusy()
      asking.now()
    }

    function drawRows() {
      if (report === null) return
      const rows = isEmpty() ? [] : rowsFitting(report.rows, question.q)
      drawLinks(rows)
      const words =
        rows.length === 0
          ? ''
          : text('reports.shown', { count: rows.length, shown: Math.min(most, rows.length) })
      setText(shown, words)
      if (rows.length === 0) {
        body.replaceChildren(emptiness())
        return
      }
      const { region, branch } = question
      const more = { asked: { ...whenOf(question), region, branch }, open: unfolded }
      const focus = focusIn(body)
      body.replaceChildren(
        reportTable(
          rows.slice(0, most).flatMap((row) => rowElements(app, report, row, more)),
          report.by,
        ),
        rows.length > most
          ? h('button', { type: 'button', class: 'button', onclick: drawMore }, text('list.more'))
          : '',
      )
      focus()
    }

    function drawMore() {
      most += PAGE
      drawRows()
    }

    /** Of a month before anything was monitored there are rows, and nothing in them. */
    const isEmpty = () => report.total.seconds.total === 0

    /** Nothing was found, or nothing was there to be found. */
    function emptiness() {
      const isSearched = !isEmpty()
      return h(
        'div',
        { class: 'empty' },
        h('h2', {}, text(isSearched ? 'list.nothing' : 'reports.empty')),
        h('p', {}, text(isSearched ? 'reports.empty.search' : 'reports.empty.note')),
      )
    }

    function drawLinks(rows) {
      const query = linkQuery(question, timeZone(), rows)
      print.href = `/reports/availability?${query}`
      query.set('format', 'csv')
      query.set('bom', 'true')
      csv.href = `/api/v1/reports/availability?${query}`
    }

    return {
      // The menus know of regions and branches once the fleet is there.
      update: (what) => what.fleet && controls.draw(question, newest),
      leave() {
        controls.leave()
        asking.end()
      },
    }
  },
}

/** Where the focus is in what is about to be drawn anew; gives what puts it there again. */
function focusIn(body) {
  const { activeElement: focused } = document
  if (!body.contains(focused)) return () => {}
  const line = focused.closest('tr[data-key]')
  const kind = focused.matches('.unfold') ? '.unfold' : 'a'
  return () => {
    const same = [...body.querySelectorAll('tr[data-key]')].find(
      ({ dataset }) => dataset.key === line?.dataset.key,
    )
    same?.querySelector(kind)?.focus({ preventScroll: true })
  }
}
