/** One probe's outcome, as the test made it. */
export type Probe = { readonly at: number; readonly up: boolean }
export type TrueState = { readonly up: boolean; readonly since: number } | null

/**
 * What is true of a device after these probes, said in one sentence each and worked out from the whole story rather
 * than step by step. An outage is an unbroken run of failed probes, at least `confirm` of them over at least 2 s; the
 * device is down while its last run is one, since the first probe of it; otherwise it is up, since the first success
 * after its last outage; and nothing is known before the first of either.
 */
export function trueState(probes: readonly Probe[], confirm: number): TrueState {
  const story = inOrder(probes)
  const runs = failedRuns(story)
  const isOutage = (run: readonly Probe[]): boolean =>
    run.length >= confirm && (run.at(-1)?.at ?? 0) - (run[0]?.at ?? 0) >= 2_000
  const last = runs.at(-1)
  const isFailingNow = last !== undefined && last.at(-1) === story.at(-1)
  if (isFailingNow && isOutage(last)) return { up: false, since: last[0]?.at ?? 0 }
  const outageEnd = runs.filter(isOutage).at(-1)?.at(-1)?.at ?? -Infinity
  const since = story.find(({ at, up }) => up && at > outageEnd)?.at
  return since === undefined ? null : { up: true, since }
}

/** Each probe once, in the order of their stamps. */
function inOrder(probes: readonly Probe[]): Probe[] {
  return [...new Map(probes.map((probe) => [probe.at, probe])).values()].sort((a, b) => a.at - b.at)
}

function failedRuns(story: readonly Probe[]): Probe[][] {
  const runs: Probe[][] = []
  let run: Probe[] = []
  for (const probe of story) {
    if (!probe.up) {
      if (run.length === 0) runs.push(run)
      run.push(probe)
    } else run = []
  }
  return runs
}
