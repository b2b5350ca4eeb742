import type { StatusView } from '../status-view.ts'

/** Longer than a refresh takes when all is well; what comes later is seen by its readers as late as by any other. */
const MOST_MS = 2_000

/** Resolves once the view was asked for at `since` or later: whoever changed a device finds it changed in the next answer. */
export async function shownIn(
  view: Pick<StatusView, 'subscribe' | 'hint'>,
  since: number,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const stop = view.subscribe({
    refreshed(fresh) {
      if (fresh.at >= since) resolve()
    },
    failed: () => resolve(),
  })
  const timer = setTimeout(resolve, MOST_MS)
  view.hint()
  await promise
  clearTimeout(timer)
  stop()
}
