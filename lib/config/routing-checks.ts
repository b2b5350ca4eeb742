import { type Finding, show } from './explain.ts'
import { didYouMean } from './nearest.ts'
import type { Config } from './schema.ts'
import type { RouteConfig } from './routing.ts'

type Path = readonly PropertyKey[]

/** Whatever routes name that nobody gave, and whatever was given that no route names. */
export function routingFindings(config: Config): Finding[] {
  const { route, receivers, time_intervals: intervals } = config
  const findings = sharedNames(intervals, ['time_intervals'])
  if (route === undefined) return findings
  const known = {
    receivers: receivers.map(({ name }) => name),
    intervals: intervals.map(({ name }) => name),
  }
  if (route.receiver === undefined)
    findings.push({
      path: ['route', 'receiver'],
      message: 'expected the name of a receiver: who is told of what no route below takes',
    })
  if (route.matchers.length > 0)
    findings.push({
      path: ['route', 'matchers'],
      message: 'the first route takes every alert: matchers belong to the routes below it',
    })
  findings.push(...routeFindings(route, ['route'], route.receiver ?? '', known))
  return [...findings, ...untold(config, route)]
}

function routeFindings(
  route: RouteConfig,
  path: Path,
  inherited: string,
  known: { readonly receivers: readonly string[]; readonly intervals: readonly string[] },
): Finding[] {
  const own = route.receiver ?? inherited
  const findings: Finding[] = []
  const check = (name: string, names: readonly string[], what: string, at: Path): void => {
    if (!names.includes(name))
      findings.push({
        path: [...path, ...at],
        message: `no ${what} has the name ${show(name)}${didYouMean(name, names)}`,
      })
  }
  if (route.receiver !== undefined) check(route.receiver, known.receivers, 'receiver', ['receiver'])
  for (const key of ['active_time_intervals', 'mute_time_intervals'] as const)
    for (const [index, name] of route[key].entries())
      check(name, known.intervals, 'time interval', [key, index])
  const told = [own]
  for (const [index, { receiver }] of route.escalate.entries()) {
    const at = ['escalate', index, 'receiver']
    check(receiver, known.receivers, 'receiver', at)
    if (told.includes(receiver))
      findings.push({
        path: [...path, ...at],
        message: `${show(receiver)} was told by this route before: a step of escalation tells somebody else`,
      })
    told.push(receiver)
  }
  return [
    ...findings,
    ...route.routes.flatMap((child, index) =>
      routeFindings(child, [...path, 'routes', index], own, known),
    ),
  ]
}

/** A receiver that no route reaches is told of nothing, which nobody means. */
function untold({ receivers, alerting }: Config, route: RouteConfig): Finding[] {
  const reached = reachedBy(route, '').add(alerting.canary?.receiver ?? '')
  return receivers.flatMap(({ name }, index) =>
    reached.has(name)
      ? []
      : [
          {
            path: ['receivers', index, 'name'],
            message: `no route leads to ${show(name)}: it would be told of nothing`,
          },
        ],
  )
}

function reachedBy(route: RouteConfig, inherited: string): Set<string> {
  const own = route.receiver ?? inherited
  return new Set([
    own,
    ...route.escalate.map(({ receiver }) => receiver),
    ...route.routes.flatMap((child) => [...reachedBy(child, own)]),
  ])
}

function sharedNames(named: readonly { readonly name: string }[], path: Path): Finding[] {
  const first = new Map<string, number>()
  return named.flatMap(({ name }, index) => {
    const other = first.get(name)
    if (other === undefined) {
      first.set(name, index)
      return []
    }
    return [
      {
        path: [...path, index, 'name'],
        message: `${show(name)} is the name of ${path.join('.')}[${other}] already`,
      },
    ]
  })
}
