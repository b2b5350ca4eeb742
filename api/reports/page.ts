import { html } from 'hono/html'
import { humanizeDuration } from '../../lib/duration.ts'
import { type ReportJson, type RowJson, reportJson } from './json.ts'
import type { Report } from './report.ts'
import { GROUPINGS } from './rows.ts'

/** Nothing but its own style sheet is loaded, nothing runs, and its form leads back here. */
export const PAGE_POLICY =
  "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

type Html = ReturnType<typeof html>

const TITLES = { device: 'Device', branch: 'Branch', region: 'Region' } as const
/** A page that is printed: who wants every outage of a thousand devices takes the CSV. */
const MOST_OUTAGES = 500

/** The report for people, to be read and printed as it is. `query` leads to the same as CSV. */
export function reportPage(report: Report, query: URLSearchParams): Html {
  const told = reportJson(report, { outages: true })
  const zone = told.time_zone
  const title = `Availability by ${told.by}, ${told.month ?? `${dateTime(told.from, zone)} – ${dateTime(told.to, zone)}`}`
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <link rel="stylesheet" href="/reports/availability.css" />
      </head>
      <body>
        <header>
          <h1>${title}</h1>
          <p>
            From <b>${dateTime(told.from, zone)}</b> to <b>${dateTime(told.to, zone)}</b> (${zone}),
            ${told.total.devices} devices.
          </p>
        </header>
        ${form(told)}
        <main>
          ${rowsTable(told)} ${outagesTable(told)} ${windowsTable(told)} ${explanation(told)}
        </main>
        <footer>
          <p>
            <a href="/api/v1/reports/availability?${withFormat(query, 'csv')}">CSV</a>
            <a href="/api/v1/reports/availability?${withFormat(query, 'json')}">JSON</a>
          </p>
          <p>Windows: version ${told.windows_version}</p>
        </footer>
      </body>
    </html>`
}

function withFormat(query: URLSearchParams, format: string): string {
  const params = new URLSearchParams(query)
  params.set('format', format)
  return params.toString()
}

function form({ by, month, time_zone: zone }: ReportJson): Html {
  const options = GROUPINGS.map(
    (one) => html`<option value="${one}" ${one === by ? 'selected' : ''}>${one}</option>`,
  )
  return html`<form method="get" action="/reports/availability" aria-label="What is shown">
    <label>Month <input type="month" name="month" value="${month ?? ''}" required /></label>
    <label
      >By
      <select name="by">
        ${options}
      </select></label
    >
    <label>Time zone <input name="tz" value="${zone}" /></label>
    <button>Show</button>
  </form>`
}

function rowsTable(told: ReportJson): Html {
  return html`<table>
    <caption>
      The worst first
    </caption>
    <thead>
      <tr>
        <th scope="col">${TITLES[told.by]}</th>
        <th scope="col" class="number">Available</th>
        <th scope="col" class="number">Down</th>
        <th scope="col" class="number">Up</th>
        <th scope="col" class="number">Counted</th>
        <th scope="col" class="number">Maintenance</th>
        <th scope="col" class="number">Unknown</th>
        <th scope="col" class="number">Outages</th>
        <th scope="col" class="number">MTTR</th>
        <th scope="col" class="number">MTBF</th>
      </tr>
    </thead>
    <tbody>
      ${told.rows.map(rowLine)}
    </tbody>
    <tfoot>
      <tr>
        <th scope="row">All together</th>
        ${sumCells(told.total)}
        <td colspan="3"></td>
      </tr>
    </tfoot>
  </table>`
}

function rowLine(row: RowJson): Html {
  return html`<tr>
    <th scope="row">${nameOf(row)}</th>
    ${sumCells(row)}
    <td class="number">${row.outage_count}</td>
    <td class="number">${length(row.mttr_seconds)}</td>
    <td class="number">${length(row.mtbf_seconds)}</td>
  </tr>`
}

const sumCells = ({
  availability,
  seconds,
  denominator_seconds: counted,
}: ReportJson['total']): Html =>
  html`<td class="number">${percent(availability)}</td>
    <td class="number">${length(seconds.down)}</td>
    <td class="number">${length(seconds.up)}</td>
    <td class="number">${length(counted)}</td>
    <td class="number">${length(seconds.excluded)}</td>
    <td class="number">${length(seconds.unknown)}</td>`

function outagesTable({ rows, time_zone: zone }: ReportJson): Html | '' {
  const all = rows.flatMap((row) => (row.outages ?? []).map((outage) => ({ row, outage })))
  if (all.length === 0) return html`<p>There was no outage.</p>`
  const shown = all
    .toSorted((one, other) => (one.outage.start < other.outage.start ? -1 : 1))
    .slice(0, MOST_OUTAGES)
  return html`<table>
    <caption>
      Outages${shown.length < all.length ? `: the first ${shown.length} of ${all.length}` : ''}
    </caption>
    <thead>
      <tr>
        <th scope="col">Of</th>
        <th scope="col">From</th>
        <th scope="col">To</th>
        <th scope="col" class="number">Counted</th>
        <th scope="col" class="number">Maintenance</th>
        <th scope="col" class="number">Unknown</th>
      </tr>
    </thead>
    <tbody>
      ${shown.map(
        ({ row, outage }) =>
          html`<tr>
            <th scope="row">${nameOf(row)}</th>
            <td>${dateTime(outage.start, zone)}</td>
            <td>${outage.end === null ? 'not over' : dateTime(outage.end, zone)}</td>
            <td class="number">${length(outage.seconds)}</td>
            <td class="number">${length(outage.excluded_seconds)}</td>
            <td class="number">${length(outage.unknown_seconds)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`
}

function windowsTable({ windows }: ReportJson): Html {
  if (windows.length === 0) return html`<p>No maintenance window counted.</p>`
  return html`<table>
    <caption>
      Maintenance windows that counted
    </caption>
    <thead>
      <tr>
        <th scope="col">Window</th>
        <th scope="col">Made by</th>
        <th scope="col">Why</th>
        <th scope="col" class="number">Lasted</th>
        <th scope="col" class="number">Devices</th>
      </tr>
    </thead>
    <tbody>
      ${windows.map(
        (window) =>
          html`<tr>
            <th scope="row">${window.name}</th>
            <td>${window.created_by}</td>
            <td>${window.comment}</td>
            <td class="number">${length(window.seconds)}</td>
            <td class="number">${window.devices}</td>
          </tr>`,
      )}
    </tbody>
  </table>`
}

function explanation({ by }: ReportJson): Html {
  const group =
    by === 'device'
      ? ''
      : html`<li>
          The times of a ${by} are the sums of its devices' times. It has an <b>outage</b> while at
          least one of them is down and none is up.
        </li>`
  return html`<section>
    <h2>How these figures are made</h2>
    <ul>
      <li>
        A device is <b>down</b> from the first of the failed probes that made the outage until the
        first probe that was answered, and <b>up</b> otherwise, both to the second in which the
        probe was sent.
      </li>
      <li>
        <b>Maintenance</b> is planned work, whenever it was entered; it comes before all else.
      </li>
      <li>
        <b>Unknown</b> is the time in which nobody could tell: no samples, or a collector without
        network.
      </li>
      <li>
        <b>Counted</b> is up and down together; <b>available</b> is the share of it that was up. A
        device that is new counts from its first probe on, one that is switched off not at all.
      </li>
      <li>
        <b>MTTR</b> is the counted time of outages ÷ their number, <b>MTBF</b> the time up ÷ their
        number; outages that lie in maintenance altogether are not numbered.
      </li>
      ${group}
    </ul>
  </section>`
}

const nameOf = ({ key, name }: RowJson): string =>
  key === '' ? '(none)' : name === key ? key : `${name} (${key})`

/** Never rounded up to 100 %: that is said of what never was down. */
function percent(availability: number | null): string {
  if (availability === null) return '–'
  return `${(Math.floor(availability * 100_000) / 1_000).toFixed(3)} %`
}

const length = (seconds: number | null): string =>
  seconds === null ? '–' : humanizeDuration(seconds * 1000)

function dateTime(iso: string, timeZone: string): string {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'medium',
  })
  return format.format(new Date(iso))
}
