import { reportText } from '../../api/reports/json.ts'
import { createReports } from '../../api/reports/report.ts'
import { answerParent } from '../../lab/child.ts'
import { systemClock } from '../../lib/clock.ts'
import { NOTHING_DECIDED } from '../../lib/decisions/decided.ts'
import type { MaintenanceWindow } from '../../lib/decisions/window.ts'
import type { Device } from '../../lib/inventory.ts'
import { parseMatchers } from '../../lib/matchers.ts'
import { inSlices } from '../../lib/slices.ts'
import { connectVictoriaMetrics } from '../../lib/victoriametrics.ts'

export type Question =
  | { readonly ask: 'connect'; readonly vmUrl: string; readonly devices: number }
  | {
      readonly ask: 'report'
      readonly by: 'device' | 'branch'
      readonly from: number
      readonly until: number
    }

export type Asked = { readonly seconds: number; readonly outages: number; readonly rssMb: number }

type Reporter = { fleet: ReadonlyMap<string, Device>; reports: ReturnType<typeof createReports> }
let reporter: Reporter | undefined

/** Half of the branches are worked on each Sunday night. */
const weekly: MaintenanceWindow = {
  id: 'w1',
  name: 'weekly',
  matchers: parseMatchers('branch=~"b[0-9]*[02468]"'),
  schedule: {
    kind: 'recurring',
    cron: '0 2 * * 0',
    durationMs: 7_200_000,
    timeZone: 'Asia/Tbilisi',
  },
  createdBy: 'bench',
  comment: '',
  updatedAt: 1,
}

answerParent<Question>(async (question) => {
  if (question.ask === 'connect') {
    reporter = connect(question.vmUrl, question.devices)
    return null
  }
  if (reporter === undefined) throw new Error('not connected')
  const startedAt = performance.now()
  const { reports, fleet } = reporter
  const asked = {
    from: String(question.from / 1000),
    to: String(question.until / 1000),
    tz: 'UTC',
    by: question.by,
  }
  const report = await reports.ask(asked, fleet, new AbortController().signal)
  const text = await inSlices(reportText(report, { outages: true }))
  const seconds = (performance.now() - startedAt) / 1000
  if (text.length === 0) throw new Error('no report')
  const outages = report.rows.reduce((sum, row) => sum + row.outages.length, 0)
  return { seconds, outages, rssMb: process.memoryUsage().rss / 1e6 } satisfies Asked
})

function connect(vmUrl: string, devices: number): Reporter {
  const fleet = new Map(
    Array.from({ length: devices }, (_, place) => [`device-${place}`, deviceAt(place)]),
  )
  const reports = createReports({
    store: connectVictoriaMetrics(vmUrl),
    fleet: () => fleet,
    decisions: { current: { ...NOTHING_DECIDED, windows: [weekly] }, log: async () => [] },
    evaluationMs: 15_000,
    clock: systemClock,
  })
  return { fleet, reports }
}

const deviceAt = (place: number): Device => ({
  id: `device-${place}`,
  name: `Device ${place}`,
  address: '198.18.0.1',
  branch: `b${place % 128}`,
  region: `r${place % 10}`,
  type: 'router',
  role: '',
  vendor: '',
  model: '',
  parents: [],
  enabled: true,
  tags: [],
  ping: { intervalMs: 10_000, count: 2, timeoutMs: 1_000, confirm: 3 },
  snmp: null,
})
