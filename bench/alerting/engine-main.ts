import { once } from 'node:events'
import { boundHeap } from '../../bin/heap.ts'
import { createEngine } from '../../alerting/engine.ts'
import { createAlertingMetrics } from '../../alerting/meter.ts'
import { createNotificationLog } from '../../alerting/notify/log.ts'
import { createDeliveryMetrics } from '../../alerting/notify/meter.ts'
import { createNotifier } from '../../alerting/notify/notifier.ts'
import { receiverOf } from '../../alerting/notify/receivers/index.ts'
import { loadRuleFiles } from '../../alerting/rule-files/load.ts'
import { answerParent } from '../../lab/child.ts'
import { systemClock } from '../../lib/clock.ts'
import { receiverSchema } from '../../lib/config/receivers.ts'
import { createDelivery, memoryBacklog } from '../../lib/delivery.ts'
import { createLog } from '../../lib/log.ts'
import { createRegistry } from '../../lib/metrics.ts'
import { connectRedis } from '../../lib/redis.ts'
import { createSampleWriter } from '../../lib/sample-writer.ts'
import { connectVictoriaMetrics } from '../../lib/victoriametrics.ts'
import type { Evaluated } from '../alerting.ts'

/** The engine over a rule file, its writer and its notifier, and nothing else. `run` comes first. */
export type Question =
  | {
      readonly ask: 'run'
      readonly file: string
      readonly vmUrl: string
      readonly redisUrl: string
      readonly alertmanagerUrl: string
    }
  | { readonly ask: 'evaluated' }

/** The one that the engine can't be without: the fleet is empty, and nobody asks for it. */
const AVAILABILITY = { name: 'availability', file: '', intervalMs: 3_600_000, rules: [] }

const evaluated = { count: 0, seconds: 0, missed: 0 }
let failures = (): readonly string[] => []
let counts = (): Pick<Evaluated, 'firing' | 'recorded'> => ({ firing: 0, recorded: 0 })

answerParent<Question>(async (question): Promise<Evaluated | null> => {
  if (question.ask === 'run') return run(question)
  return { ...evaluated, ...counts(), failures: failures() }
})

async function run({
  file,
  vmUrl,
  redisUrl,
  alertmanagerUrl,
}: Extract<Question, { ask: 'run' }>): Promise<null> {
  boundHeap() // as bin/main.ts does; until the process ends
  const log = createLog('warn')
  const { groups, problems } = await loadRuleFiles([file], '/')
  const [problem] = problems
  if (problem !== undefined) throw new Error(problem.message)
  const registry = createRegistry()
  const metrics = createAlertingMetrics(registry)
  const victoriaMetrics = connectVictoriaMetrics(vmUrl)
  const redis = connectRedis(redisUrl, log)
  await once(redis, 'ready')
  const backlog = memoryBacklog(16_777_216)
  const writer = createSampleWriter(
    createDelivery({ victoriaMetrics, backlog, meter: metrics, log }),
  )
  const externals = { externalUrl: '', externalLabels: {}, clock: systemClock, log }
  const receiver = { name: 'alertmanager', alertmanager: { urls: [alertmanagerUrl] } }
  const notifier = createNotifier({
    receivers: [receiverOf(receiverSchema.parse(receiver), externals)],
    notificationLog: createNotificationLog(redis, log),
    record: writer.write,
    meter: { ...metrics, ...createDeliveryMetrics(registry) },
    log,
    clock: systemClock,
  })
  const engine = createEngine({
    groups: [AVAILABILITY, ...groups],
    availabilityGroup: AVAILABILITY.name,
    rewriteMs: 15_000,
    inventory: { current: new Map(), onChange: () => () => {} },
    victoriaMetrics,
    writer,
    notifier,
    announce() {},
    onHint() {},
    meter: {
      ...metrics,
      evaluated(group, seconds, at) {
        metrics.evaluated(group, seconds, at)
        if (group.file === '') return
        evaluated.count++
        evaluated.seconds += seconds
      },
      missed(group, count) {
        metrics.missed(group, count)
        evaluated.missed += count
      },
    },
    clock: systemClock,
    log,
  })
  const rules = () => engine.groups().flatMap((group) => group.rules)
  failures = () => rules().flatMap(({ lastError }) => (lastError === '' ? [] : [lastError]))
  counts = () => ({
    firing: rules().reduce(
      (sum, { alerts }) => sum + alerts.filter(({ state }) => state === 'firing').length,
      0,
    ),
    recorded: rules().reduce((sum, { rule, samples }) => sum + ('record' in rule ? samples : 0), 0),
  })
  void engine.run(new AbortController().signal) // the process ends with whoever asks
  return null
}
