import type { ApiEnv } from '../../../api/endpoint.ts'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { type ApiParts, createApp } from '../../../api/app.ts'
import { createAssessor } from '../../../api/assessor.ts'
import { type EventHub, createEventHub } from '../../../api/events/hub.ts'
import { createApiMeter } from '../../../api/meter.ts'
import { loadPage } from '../../../api/routes/page.ts'
import { type StatusView, createStatusView } from '../../../api/status-view.ts'
import { buildView } from '../../../api/view/build.ts'
import type { Vectors } from '../../../api/view/vectors.ts'
import { Registry } from '../../../lib/metrics.ts'
import { authAs } from '../../fakes/auth.ts'
import { type ManualClock, manualClock } from '../../fakes/clock.ts'
import { type FakeDecisions, fakeDecisions } from '../../fakes/decisions.ts'
import type { MutableInventory } from '../../fakes/inventory.ts'
import { type RecordedLog, recordLog } from '../../fakes/log.ts'
import { AT } from './fleet-vectors.ts'

/** Event streams that may be open. */
const PLACES = 10

export type Stand = {
  readonly app: OpenAPIHono<ApiEnv>
  readonly view: StatusView
  readonly hub: EventHub
  readonly clock: ManualClock
  readonly log: RecordedLog
  /** What VictoriaMetrics says from now on; an error is what it fails with. */
  answer: Vectors | Error
  /** What people decided. */
  readonly decisions: FakeDecisions
  readonly parts: ApiParts
}

/** The app over vectors that a test writes, on a clock that it moves. No port, no store. */
export async function standOver(
  inventory: MutableInventory,
  answer: Vectors,
  history: Partial<ApiParts['historyStore']> = {},
  parts: Partial<ApiParts> = {},
): Promise<Stand> {
  const clock = manualClock(AT)
  const log = recordLog()
  const registry = new Registry()
  const decisions = fakeDecisions(clock)
  const view = createStatusView({
    clock,
    async ask(at) {
      if (stand.answer instanceof Error) throw stand.answer
      const more = { decided: decisions.current }
      return buildView(inventory.current, stand.answer, new Map(), at, new Map(), more)
    },
  })
  const assessor = createAssessor({
    view,
    redis: { status: 'ready', ping: async () => 'PONG' },
    inventory,
    clock,
    evaluationMs: 15_000,
    mode: 'standalone',
    version: '1.2.3',
  })
  const meter = createApiMeter(registry, { viewAgeSeconds: () => 0, streams: () => hub.clients })
  const { health, stats } = assessor
  const page = await loadPage()
  const hub = createEventHub({ view, stats, health, meter, clock, page: page.tag, places: PLACES })
  const past: ApiParts['past'] = {
    async at(instant) {
      if (stand.answer instanceof Error) throw stand.answer
      const more = { isPast: true }
      return buildView(inventory.current, stand.answer, new Map(), instant, new Map(), more)
    },
  }
  const all: ApiParts = {
    view,
    past,
    hub,
    assessor,
    inventory,
    historyStore: {
      query: async () => [],
      queryRange: async () => [],
      exportCsv: async () => '',
      exportSeries: async () => {},
      ...history,
    },
    decisions,
    evaluationMs: 15_000,
    alerting: { forward: async () => new Response('forwarded') },
    diagnostics: {
      diagnose: async () => ReadableStream.from([]),
      record: async () => {},
    },
    auth: authAs(),
    page,
    registry,
    version: '1.2.3',
    meter,
    clock,
    log: log.log,
    ...parts,
  }
  const app = createApp(all)
  const stand: Stand = { app, view, hub, clock, log, answer, decisions, parts: all }
  return stand
}
