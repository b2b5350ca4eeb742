import type { TrueState } from './oracle.ts'

/** One probe's outcome, and of which site the prober is. */
export type SiteProbe = { readonly at: number; readonly up: boolean; readonly site: string }

/**
 * What is true of a device that several sites probe, worked out from the whole story rather than step by step. A run is an
 * unbroken row of instants at which nobody was answered. It is an outage if at one of its instants it had lasted for `confirm`
 * instants and 2 s, and every site whose newest probe was younger than `freshMs` then had had a probe in it. The device is
 * down while its last run is an outage, since the first instant of it; otherwise it is up, since the first answer after
 * its last outage; and nothing is known before the first of either.
 */
export function trueJointState(
  probes: readonly SiteProbe[],
  confirm: number,
  freshMs: number,
): TrueState {
  const instants = [...new Set(probes.map(({ at }) => at))].sort((one, other) => one - other)
  const isAnswered = (at: number): boolean => probes.some((probe) => probe.at === at && probe.up)
  const runs: number[][] = []
  let run: number[] = []
  for (const at of instants) {
    if (isAnswered(at)) run = []
    else {
      if (run.length === 0) runs.push(run)
      run.push(at)
    }
  }
  const sites = [...new Set(probes.map(({ site }) => site))]
  const hadPart = (first: number, at: number): boolean =>
    sites.every((site) => {
      const own = probes.filter((probe) => probe.site === site && probe.at <= at)
      const newest = Math.max(...own.map((probe) => probe.at))
      return at - newest > freshMs || newest >= first
    })
  const isOutage = (all: readonly number[]): boolean => {
    const first = all[0] ?? 0
    return all.some(
      (at, index) => index + 1 >= confirm && at - first >= 2_000 && hadPart(first, at),
    )
  }
  const last = runs.at(-1)
  if (last !== undefined && last.at(-1) === instants.at(-1) && isOutage(last))
    return { up: false, since: last[0] ?? 0 }
  const outageEnd = runs.filter(isOutage).at(-1)?.at(-1) ?? -Infinity
  const since = instants.find((at) => at > outageEnd && isAnswered(at))
  return since === undefined ? null : { up: true, since }
}
