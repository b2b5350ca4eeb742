import type { Config } from '../../lib/config/schema.ts'
import type {
  InhibitRuleConfig,
  RouteConfig,
  TimeIntervalConfig,
} from '../../lib/config/routing.ts'
import { formatDuration } from '../../lib/duration.ts'
import type { Labels } from '../../lib/labels.ts'
import { compileMatchers, formatMatcher } from '../../lib/matchers.ts'
import { ROOT_KEY } from './group-key.ts'
import type { Receiver } from './notification.ts'

/** One way to one receiver: a route, or a step of its escalation. */
export type Destination = {
  readonly receiver: string
  readonly routeKey: string
  readonly routeLabels: Labels
  readonly groupBy: readonly string[]
  readonly groupWaitMs: number
  readonly groupIntervalMs: number
  readonly repeatMs: number
  /** Told only of what fires so long, unacknowledged; null: of all. */
  readonly escalateAfterMs: number | null
  readonly activeIntervals: readonly TimeIntervalConfig[]
  readonly muteIntervals: readonly TimeIntervalConfig[]
}

/** What the configuration says about who is told of what. */
export type Routing = {
  /** The destinations of an alert, in the order of the routes. */
  destinations(labels: Labels): readonly Destination[]
  readonly inhibitRules: readonly InhibitRuleConfig[]
  /** All that routes name. */
  readonly timeIntervals: readonly TimeIntervalConfig[]
}

type Route = {
  readonly matches: (labels: Labels) => boolean
  readonly continues: boolean
  readonly destinations: readonly Destination[]
  readonly routes: readonly Route[]
}

export type RoutedReceiver = Pick<Receiver, 'name' | 'groupBy' | 'repeatMs'>

/** Without a route, each receiver is told of every alert. */
export function compileRouting(
  config: Partial<Pick<Config, 'route' | 'time_intervals' | 'inhibit_rules'>>,
  receivers: readonly RoutedReceiver[],
): Routing {
  const { route, time_intervals: intervals = [], inhibit_rules: inhibitRules = [] } = config
  const timeIntervals = intervals.filter(({ name }) => namedBy(route).has(name))
  if (route === undefined) {
    const everywhere = receivers.map((receiver) => plainDestination(receiver))
    return { destinations: () => everywhere, inhibitRules, timeIntervals }
  }
  const compile = compiler(receivers, timeIntervals)
  const root = compile(route, null)
  return { destinations: (labels) => find(root, labels), inhibitRules, timeIntervals }
}

/** How a receiver is told of what no route of the configuration brings it. */
const plainDestination = ({ name, groupBy, repeatMs }: RoutedReceiver): Destination => ({
  receiver: name,
  routeKey: ROOT_KEY,
  routeLabels: {},
  groupBy,
  groupWaitMs: 0,
  groupIntervalMs: 0,
  repeatMs,
  escalateAfterMs: null,
  activeIntervals: [],
  muteIntervals: [],
})

/** Depth first, from the left: the deepest route that matches counts, and its siblings only where it continues. */
function find(route: Route, labels: Labels): readonly Destination[] {
  if (!route.matches(labels)) return []
  const found: Destination[] = []
  for (const child of route.routes) {
    const below = find(child, labels)
    found.push(...below)
    if (below.length > 0 && !child.continues) break
  }
  return found.length > 0 ? found : route.destinations
}

/** What a route hands down to those below it. */
type Inherited = {
  readonly key: string
  readonly receiver: string
  readonly groupBy: readonly string[] | undefined
  readonly groupWaitMs: number
  readonly groupIntervalMs: number
  readonly repeatMs: number | undefined
  readonly labels: Labels
}

function compiler(
  receivers: readonly RoutedReceiver[],
  intervals: readonly TimeIntervalConfig[],
): (config: RouteConfig, parent: Inherited | null) => Route {
  const plain = new Map(receivers.map((receiver) => [receiver.name, plainDestination(receiver)]))
  const taken = new Set<string>()
  const named = (names: readonly string[]) => intervals.filter(({ name }) => names.includes(name))

  return function compile(config, parent): Route {
    const own = inherit(config, parent)
    const to = (receiver: string, key: string, escalateAfterMs: number | null): Destination[] => {
      const usual = plain.get(receiver)
      if (usual === undefined) return []
      const destination = {
        receiver,
        routeKey: unused(key, taken, receiver),
        routeLabels: own.labels,
        groupBy: own.groupBy ?? usual.groupBy,
        groupWaitMs: own.groupWaitMs,
        groupIntervalMs: own.groupIntervalMs,
        repeatMs: own.repeatMs ?? usual.repeatMs,
        escalateAfterMs,
        activeIntervals: named(config.active_time_intervals),
        muteIntervals: named(config.mute_time_intervals),
      }
      return [destination]
    }
    return {
      matches: compileMatchers(config.matchers),
      continues: config.continue,
      destinations: [
        ...to(own.receiver, own.key, null),
        ...config.escalate.flatMap(({ after, receiver }) =>
          to(receiver, `${own.key}/after ${formatDuration(after)}`, after),
        ),
      ],
      routes: config.routes.map((child) => compile(child, own)),
    }
  }
}

function inherit(config: RouteConfig, parent: Inherited | null): Inherited {
  const matchers = `{${config.matchers.map(formatMatcher).sort().join(',')}}`
  return {
    key: parent === null ? ROOT_KEY : `${parent.key}/${matchers}`,
    receiver: config.receiver ?? parent?.receiver ?? '',
    groupBy: config.group_by ?? parent?.groupBy,
    groupWaitMs: config.group_wait ?? parent?.groupWaitMs ?? 0,
    groupIntervalMs: config.group_interval ?? parent?.groupIntervalMs ?? 0,
    repeatMs: config.repeat_interval ?? parent?.repeatMs,
    labels: { ...parent?.labels, ...config.labels },
  }
}

/** Routes with the same matchers have groups of their own all the same. */
function unused(key: string, taken: Set<string>, receiver: string): string {
  let free = key
  for (let count = 2; taken.has(`${receiver} ${free}`); count++) free = `${key}#${count}`
  taken.add(`${receiver} ${free}`)
  return free
}

function namedBy(route: RouteConfig | undefined): Set<string> {
  if (route === undefined) return new Set()
  return new Set([
    ...route.active_time_intervals,
    ...route.mute_time_intervals,
    ...route.routes.flatMap((child) => [...namedBy(child)]),
  ])
}

/** The labels that alerts of one group share; `...` is all of them. */
export function groupLabelsOf(labels: Labels, groupBy: readonly string[]): Labels {
  const names = groupBy.includes('...') ? Object.keys(labels) : groupBy
  return Object.fromEntries(
    names.map((name) => [name, labels[name] ?? '']).filter(([, value]) => value !== ''),
  )
}
