import { h } from '../core/dom.js'
import { text } from '../core/texts.js'
import { timeZone } from '../core/time.js'
import { problemText } from './device/poll.js'
import { createControls } from './reports/controls.js'
import { linkQuery, monthOf, readQuestion, reportQuery, rowsFitting } from './reports/question.js'
import { reportTable, rowElements } from './reports/rows.js'
import { summaryOf } from './reports/summary.js'

/** Availability of a month: the worst first, with what counted and what was left out; as CSV, and to be printed. */

const PAGE = 200

export const view = {
  title: () => text('nav.reports'),
  open(root, app) {
    const newest = monthOf(app.now())
    let question = readQuestion(app.query, newest)
    let report = null
    let asking = null
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
    void load()

    function chosen(changes) {
      question = { ...question, ...changes }
      app.setQuery(changes)
      controls.draw(question, newest)
      void load()
    }

    function searched(q) {
      question = { ...question, q }
      app.setQuery({ q })
      drawRows()
    }

    async function load() {
      asking?.abort()
      const mine = new AbortController()
      asking = mine
      drawLinks([])
      body.setAttribute('aria-busy', 'true')
      shown.textContent = text('shell.loading')
      try {
        const query = reportQuery(question, timeZone())
        const found = await app.api.get(`/api/v1/reports/availability?${query}`, {
          signal: mine.signal,
        })
        if (mine !== asking) return
        report = found
        summary.replaceChildren(isEmpty() ? '' : summaryOf(app, report))
        drawRows()
      } catch (error) {
        if (mine !== asking) return
        drawFailure(error)
      }
      body.removeAttribute('aria-busy')
    }

    function drawFailure(error) {
      report = null
      shown.textContent = ''
      summary.replaceChildren()
      body.replaceChildren(
        h('p', { class: 'problem', role: 'alert' }, problemText(error)),
        h(
          'button',
          { type: 'button', class: 'button', onclick: () => void load() },
          text('list.again'),
        ),
      )
    }

    function drawRows(most = PAGE) {
      if (report === null) return
      const rows = isEmpty() ? [] : rowsFitting(report.rows, question.q)
      drawLinks(rows)
      shown.textContent =
        rows.length === 0
          ? ''
          : text('reports.shown', { count: rows.length, shown: Math.min(most, rows.length) })
      if (rows.length === 0) {
        body.replaceChildren(emptiness())
        return
      }
      const { month, region, branch } = question
      const asked = { month, region, branch }
      body.replaceChildren(
        reportTable(rows.slice(0, most).flatMap((row) => rowElements(app, report, row, asked))),
        rows.length > most
          ? h(
              'button',
              { type: 'button', class: 'button', onclick: () => drawRows(most + PAGE) },
              text('list.more'),
            )
          : '',
      )
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
        asking?.abort()
      },
    }
  },
}
