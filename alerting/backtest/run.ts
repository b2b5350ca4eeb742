import pLimit from 'p-limit'
import type { Config } from '../../lib/config/schema.ts'
import type { Decided } from '../../lib/decisions/decided.ts'
import type { Inventory } from '../../lib/inventory.ts'
import type { Logger } from '../../lib/log.ts'
import type { VictoriaMetrics } from '../../lib/victoriametrics.ts'
import { silentFleet } from '../availability/fleet.ts'
import type { Evaluation } from '../evaluate.ts'
import type { Receiver } from '../notify/notification.ts'
import { type RuleGroup, isAlertRule, ruleName } from '../rule.ts'
import { replayAvailability } from './availability-replay.ts'
import { type Latency, probeLatency } from './latency.ts'
import { type GroupReplay, replayGroup } from './group-replay.ts'
import { createVirtualClock } from './virtual-clock.ts'
import { type Message, type World, createWorld } from './world.ts'

export type BacktestOptions = {
  readonly victoriaMetrics: VictoriaMetrics
  readonly inventory: Inventory
  readonly config: Pick<Config, 'alerting' | 'route' | 'time_intervals' | 'inhibit_rules'>
  readonly receivers: readonly Receiver[]
  /** Sets of rules that are replayed beside one another; groups that they share are evaluated once. */
  readonly ruleSets: readonly (readonly RuleGroup[])[]
  readonly from: number
  readonly to: number
  /** What began before `from` is told in this time before it, and not counted; as long as the rules need, unless told. */
  readonly warmUpMs?: number
  /** What people decided, as far as it shall count. */
  readonly decided?: Decided
  /** Whether the collector's hints wake alerting between its turns. */
  readonly hints?: boolean
  readonly latency?: Latency
  readonly progress?: (share: number) => void
  readonly log: Logger
}

export type BacktestResult = {
  /** For each set of rules, what would have been sent in [from, to]. */
  readonly messages: readonly (readonly Message[])[]
  readonly evaluations: number
  /** Rules that failed, or left something out: how often, and what was said first. */
  readonly problems: readonly RuleProblem[]
}

export type RuleProblem = {
  readonly group: string
  readonly rule: string
  readonly count: number
  readonly message: string
}

/** Which of the groups reads the pings, by its name and for having no file. */
const AVAILABILITY = 'availability'
const AT_ONCE = 2
const WARM_UP_MS = { least: 3_600_000, most: 86_400_000, besides: 900_000 }

/** Replays history: the rules over what was sampled, and the notifier over what they say, in virtual time. */
export async function backtest(
  options: BacktestOptions,
  signal: AbortSignal,
): Promise<BacktestResult> {
  const { victoriaMetrics, inventory, config, ruleSets, from, to, log } = options
  const { external_labels: externalLabels, external_url: externalUrl } = config.alerting
  const startAt = from - (options.warmUpMs ?? warmUpOf(ruleSets.flat()))
  const clock = createVirtualClock(startAt)
  await using stack = new AsyncDisposableStack()
  const worlds: World[] = []
  for (const groups of ruleSets) {
    const { receivers, decided } = options
    const given = { groups, receivers, config, clock, log, ...(decided && { decided }) }
    worlds.push(stack.use(await createWorld(given)))
  }

  const groups = [...new Set(ruleSets.flat())]
  const ofPings = groups.find(({ name, file }) => name === AVAILABILITY && file === '')
  const availability =
    ofPings &&
    (await replayAvailability(
      ofPings,
      {
        victoriaMetrics,
        inventory,
        from: startAt,
        to,
        hints: options.hints ?? true,
        latency: options.latency ?? probeLatency,
        flapping: config.alerting.flapping,
        externalLabels,
        externalUrl,
        log,
      },
      signal,
    ))
  const idle = silentFleet(inventory)
  const limit = pLimit(AT_ONCE)
  const replays: GroupReplay[] = groups
    .filter((group) => group !== ofPings)
    .map((group) => {
      const deps = { victoriaMetrics, limit, from: startAt, to, externalLabels, externalUrl }
      return replayGroup(group, idle, deps, signal)
    })
  if (availability !== undefined) replays.unshift(availability)

  const problems = new Map<string, RuleProblem>()
  let evaluations = 0
  const due = await Promise.all(replays.map((replay) => replay.next()))
  for (;;) {
    signal.throwIfAborted()
    const next = firstOf(due)
    const [replay, at] = [replays[next], due[next] ?? null]
    if (replay === undefined || at === null) break
    await clock.moveTo(at)
    const evaluation = await replay.evaluate(availability?.fleet() ?? idle)
    evaluations++
    noteProblems(problems, replay.group, evaluation)
    for (const world of worlds)
      if (world.groups.includes(replay.group))
        await world.update(replay.group, replay.id, evaluation.alerts)
    due[next] = await replay.next()
    options.progress?.((at - startAt) / (to - startAt))
  }
  await clock.moveTo(to)
  return {
    messages: worlds.map(({ messages }) => messages.filter(({ at }) => at >= from)),
    evaluations,
    problems: [...problems.values()],
  }
}

/** The earliest; of several the one that stands first. */
function firstOf(due: readonly (number | null)[]): number {
  let first = 0
  for (const [index, at] of due.entries())
    if (at !== null && at < (due[first] ?? Infinity)) first = index
  return first
}

/** As long as the slowest rule needs to fire, and to be over. */
function warmUpOf(groups: readonly RuleGroup[]): number {
  let longest = 0
  for (const group of groups) {
    for (const rule of group.rules.filter(isAlertRule)) {
      const keepMs = rule.keepFiringForMs ?? group.keepFiringForMs ?? 0
      longest = Math.max(longest, (rule.forMs ?? 0) + keepMs)
    }
  }
  const { least, most, besides } = WARM_UP_MS
  return Math.min(most, Math.max(least, longest + besides))
}

function noteProblems(
  problems: Map<string, RuleProblem>,
  group: RuleGroup,
  { rules }: Evaluation,
): void {
  for (const { rule, id, error } of rules) {
    if (error === null) continue
    const known = problems.get(id)
    problems.set(id, {
      group: group.name,
      rule: ruleName(rule),
      count: (known?.count ?? 0) + 1,
      message: known?.message ?? error.message,
    })
  }
}
