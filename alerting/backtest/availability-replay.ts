import type { FlappingConfig } from '../../lib/config/flapping.ts'
import type { Inventory } from '../../lib/inventory.ts'
import type { Labels } from '../../lib/labels.ts'
import type { Logger } from '../../lib/log.ts'
import type { VictoriaMetrics } from '../../lib/victoriametrics.ts'
import type { Fleet } from '../availability/fleet.ts'
import { type AlertStates, evaluateGroup } from '../evaluate.ts'
import type { RuleGroup } from '../rule.ts'
import { groupId } from '../rule-id.ts'
import { replayFleet } from './fleet-replay.ts'
import type { GroupReplay } from './group-replay.ts'
import type { Latency } from './latency.ts'
import { withoutTexts } from './without-texts.ts'

/** The group that reads the pings. */
export type AvailabilityReplay = GroupReplay & {
  /** As its last evaluation saw it. */
  fleet(): Fleet | undefined
}

export type AvailabilityReplayDeps = {
  readonly victoriaMetrics: VictoriaMetrics
  readonly inventory: Inventory
  readonly from: number
  readonly to: number
  readonly hints: boolean
  readonly latency: Latency
  readonly flapping: FlappingConfig
  readonly externalLabels: Labels
  readonly externalUrl: string
  readonly log: Logger
}

const DOWN = 'DeviceDown'

export async function replayAvailability(
  given: RuleGroup,
  deps: AvailabilityReplayDeps,
  signal: AbortSignal,
): Promise<AvailabilityReplay> {
  const { victoriaMetrics, flapping, externalLabels, externalUrl } = deps
  const group = withoutTexts(given)
  const states: AlertStates = new Map()
  const replay = await replayFleet(
    {
      ...deps,
      intervalMs: given.intervalMs,
      thresholdsOf: ({ role }) => flapping.roles[role] ?? flapping,
    },
    signal,
  )
  let dueAt: number | null = null
  let fleet: Fleet | undefined
  return {
    group: given,
    id: groupId(given),
    fleet: () => fleet,
    async next() {
      return (dueAt = await replay.next())
    },
    async evaluate() {
      const at = dueAt ?? deps.to
      fleet = replay.at(at)
      const evaluation = await evaluateGroup(group, states, {
        at,
        signal,
        fleet,
        query: (expr) => victoriaMetrics.ask(expr, { at, signal }),
        externalLabels,
        externalUrl,
      })
      const told = new Set<string>()
      for (const { state, labels } of evaluation.alerts)
        if (state === 'firing' && labels['alertname'] === DOWN) told.add(labels['device'] ?? '')
      replay.evaluated(fleet, at, told)
      return evaluation
    },
  }
}
