import { stringify } from 'yaml'
import type { RouteConfig } from '../../lib/config/routing.ts'
import { formatDuration } from '../../lib/duration.ts'
import { formatMatcher } from '../../lib/matchers.ts'

/**
 * Receivers (their names alone) and routes as a configuration of Alertmanager, which amtool shows and whose routes it
 * draws and tests. What Alertmanager doesn't have (escalation, labels of routes) isn't in it; time intervals are named only.
 */
export function alertmanagerConfig({
  receivers,
  route,
}: {
  receivers: readonly { readonly name: string }[]
  route?: RouteConfig | undefined
}): string {
  const names = receivers.map(({ name }) => name)
  const root = route === undefined ? routeToEach(names) : routeYaml(route, names[0] ?? NOBODY)
  const intervals = route === undefined ? [] : [...new Set(intervalsOf(route))]
  return stringify({
    route: root,
    receivers: (names.length === 0 ? [NOBODY] : names).map((name) => ({ name })),
    ...(intervals.length > 0 && {
      time_intervals: intervals.map((name) => ({ name, time_intervals: [] })),
    }),
  })
}

/** Alertmanager wants a receiver at the root. */
const NOBODY = 'nobody'

/** Without routes every receiver is told of everything. */
function routeToEach(names: readonly string[]): object {
  const [first = NOBODY] = names
  if (names.length < 2) return { receiver: first }
  return { receiver: first, routes: names.map((receiver) => ({ receiver, continue: true })) }
}

function routeYaml(route: RouteConfig, rootReceiver: string | null): object {
  const { receiver, matchers, group_by, group_wait, group_interval, repeat_interval, routes } =
    route
  const isRoot = rootReceiver !== null
  return {
    ...((receiver !== undefined || isRoot) && { receiver: receiver ?? rootReceiver }),
    // Of the root Alertmanager wants neither.
    ...(!isRoot && matchers.length > 0 && { matchers: matchers.map(formatMatcher) }),
    ...(!isRoot && route.continue && { continue: true }),
    ...(group_by !== undefined && { group_by }),
    ...(group_wait !== undefined && { group_wait: formatDuration(group_wait) }),
    // 0 is right for us and refused by Alertmanager.
    ...(group_interval !== undefined &&
      group_interval > 0 && { group_interval: formatDuration(group_interval) }),
    ...(repeat_interval !== undefined && { repeat_interval: formatDuration(repeat_interval) }),
    ...(!isRoot && {
      active_time_intervals: route.active_time_intervals,
      mute_time_intervals: route.mute_time_intervals,
    }),
    ...(routes.length > 0 && { routes: routes.map((child) => routeYaml(child, null)) }),
  }
}

const intervalsOf = (route: RouteConfig): string[] => [
  ...route.active_time_intervals,
  ...route.mute_time_intervals,
  ...route.routes.flatMap(intervalsOf),
]
