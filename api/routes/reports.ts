import { readFileSync } from 'node:fs'
import { type OpenAPIHono, createRoute } from '@hono/zod-openapi'
import { inSlices } from '../../lib/slices.ts'
import type { ApiParts } from '../app.ts'
import { inventoryFor } from '../auth/scope.ts'
import { type ApiEnv, createEndpoints, requires } from '../endpoint.ts'
import { reportCsv } from '../reports/csv.ts'
import { reportSchema, reportText } from '../reports/json.ts'
import { PAGE_POLICY, reportPage } from '../reports/page.ts'
import { pageQuery, reportQuery } from '../reports/question.ts'
import { type Reports, createReports } from '../reports/report.ts'
import { asked, noDevice } from '../responses.ts'

type Parts = Pick<ApiParts, 'historyStore' | 'inventory' | 'decisions' | 'evaluationMs' | 'clock'>

const reportRoute = (now: () => number) =>
  createRoute({
    method: 'get',
    path: '/reports/availability',
    tags: ['Reports'],
    summary: 'Availability of devices, branches or regions',
    description:
      'Up, down, excluded (maintenance) and unknown time of a month or between two instants, with outages, MTTR and MTBF.',
    middleware: [requires('viewer')] as const,
    request: { query: reportQuery(now) },
    responses: { ...asked('The report; as CSV with `format=csv`', reportSchema), ...noDevice },
  })

/** What the routes of the API and the page ask: one, so that both share what is read. */
const reportsOf = ({ historyStore, inventory, decisions, evaluationMs, clock }: Parts): Reports =>
  createReports({
    store: historyStore,
    fleet: () => inventory.current,
    decisions,
    evaluationMs,
    clock,
  })

export type ReportRoutes = {
  readonly api: OpenAPIHono<ApiEnv>
  readonly page: OpenAPIHono<ApiEnv>
}

/** `api` belongs under /api/v1, `page` at the root. */
export function reportRoutes(parts: Parts): ReportRoutes {
  const { inventory, clock } = parts
  const now = (): number => clock.now()
  const reports = reportsOf(parts)
  const styles = readFileSync(new URL('../reports/page.css', import.meta.url), 'utf8')

  const api = createEndpoints().openapi(reportRoute(now), async (c) => {
    const { format, outages, list, bom, ...question } = c.req.valid('query')
    const visible = inventoryFor(inventory.current, c.get('principal'))
    const report = await reports.ask(question, visible, c.req.raw.signal)
    c.header('Cache-Control', 'no-store')
    // Texts that were written piece by piece: no type says of them what the schema does.
    if (format === 'json') {
      const type = { 'Content-Type': 'application/json' }
      return c.body(await inSlices(reportText(report, { outages })), 200, type) as never
    }
    const name = `availability-${report.by}-${new Date(report.range.from).toISOString().slice(0, 10)}.csv`
    const headers = {
      'Content-Type': 'text/csv; charset=utf-8; header=present',
      'Content-Disposition': `attachment; filename="${name}"`,
    }
    return c.body(await inSlices(reportCsv(report, { list, bom })), 200, headers) as never
  })

  const query = pageQuery(now)
  const page = createEndpoints()
  page.get('/reports/availability.css', (c) =>
    c.body(styles, 200, { 'Content-Type': 'text/css; charset=utf-8', 'Cache-Control': 'no-cache' }),
  )
  page.openapi(
    createRoute({
      method: 'get',
      path: '/reports/availability',
      hide: true,
      middleware: [requires('viewer')] as const,
      request: { query },
      responses: { 200: { description: 'The report as a page' } },
    }),
    async (c) => {
      const visible = inventoryFor(inventory.current, c.get('principal'))
      const report = await reports.ask(c.req.valid('query'), visible, c.req.raw.signal)
      c.header('Content-Security-Policy', PAGE_POLICY)
      c.header('Cache-Control', 'no-store')
      return c.html(reportPage(report, new URL(c.req.url).searchParams))
    },
  )
  return { api, page }
}
