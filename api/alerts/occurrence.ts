import { z } from 'zod'
import type { Labels } from '../../lib/labels.ts'
import { formatMatcher } from '../../lib/matchers.ts'
import { Problem } from '../problem.ts'
import type { AlertingProxy } from '../proxy.ts'
import type { Alert } from '../view/alerts.ts'
import { fingerprintOf } from './acknowledged.ts'

/** One firing of an alert. */
export type Occurrence = { readonly labels: Labels; readonly startsAt: number }

const answerSchema = z.array(
  z.object({
    fingerprint: z.string(),
    startsAt: z.iso.datetime(),
    labels: z.record(z.string(), z.string()),
  }),
)

/**
 * The firing of this alert as alerting has it, which alone knows since when it fires; null when it doesn't fire. Rejects
 * with Problem where alerting can't be asked.
 */
export async function askOccurrence(
  alerting: AlertingProxy,
  alert: Pick<Alert, 'name' | 'device' | 'labels'>,
  signal: AbortSignal,
): Promise<Occurrence | null> {
  const url = new URL('http://alerting/alertmanager/api/v2/alerts')
  const wanted = { alertname: alert.name, ...(alert.device !== null && { device: alert.device }) }
  for (const [name, value] of Object.entries(wanted)) {
    const matcher = { name, value, isRegex: false, isEqual: true }
    url.searchParams.append('filter', formatMatcher(matcher))
  }
  const print = fingerprintOf(alert)
  const found = (await answerOf(alerting, new Request(url, { signal }))).find(
    ({ fingerprint }) => fingerprint === print,
  )
  return found === undefined ? null : { labels: found.labels, startsAt: Date.parse(found.startsAt) }
}

async function answerOf(
  alerting: AlertingProxy,
  request: Request,
): Promise<z.output<typeof answerSchema>> {
  try {
    const response = await alerting.forward(request)
    if (!response.ok) throw new Error(`it answers ${response.status}`)
    return answerSchema.parse(await response.json())
  } catch (error) {
    const why = error instanceof z.ZodError ? 'it answers something else' : (error as Error).message
    throw new Problem(
      503,
      'Nothing was changed',
      `alerting, which knows the alerts that fire, can't be asked (${why}): nothing was changed`,
      { reason: 'alerting' },
      { cause: error },
    )
  }
}
