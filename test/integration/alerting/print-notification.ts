// Prints the body of a notification: an outage that goes over the hour in which clocks are set.
import { evaluateGroup } from '../../../alerting/evaluate.ts'
import { webhookBody } from '../../../alerting/notify/receivers/webhook.ts'
import { decide } from '../../../alerting/notify/decide.ts'
import { emptyEntry } from '../../../alerting/notify/log-entry.ts'
import { availabilityRules } from '../../../alerting/rules/availability.ts'
import { deriveStatuses } from '../../../lib/status.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'

const downAt = Date.UTC(2026, 2, 29, 0, 59, 58, 123)
const at = Date.UTC(2026, 2, 29, 2, 30)
const router = device('router-1')
const evidence = () => ({ state: { up: false, since: downAt }, lastSampleAt: at })
const { alerts } = await evaluateGroup(availabilityRules(2_000), new Map(), {
  at,
  signal: new AbortController().signal,
  query: async () => ({ vector: [], isPartial: false, seriesFetched: null }),
  fleet: {
    inventory: inventoryOf(router).current,
    statuses: deriveStatuses([router], evidence, at),
    evidence,
    isSuspect: () => false,
    confirmedAt: () => downAt + 2_000,
    changes: () => [],
    canary: { state: null, lastSampleAt: null },
    newestAt: at,
    watchedSince: () => 0,
    blind: [],
    seesSince: () => -Infinity,
  },
})
const options = { sendResolved: true, repeatMs: 3_600_000 }
const notification = decide(emptyEntry({ device: 'router-1' }), alerts, options, at)
const externals = { externalUrl: 'http://wardline.example', externalLabels: {} }
console.log(notification && JSON.stringify(webhookBody(notification, 'ops', externals), null, 2))
