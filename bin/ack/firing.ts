import { z } from 'zod'
import { readUpTo } from '../../lib/bounded-body.ts'
import { type Matcher, formatMatcher } from '../../lib/matchers.ts'
import { StartError } from '../../lib/start-error.ts'
import { takeCredentials } from '../../lib/url-credentials.ts'

const answerSchema = z.array(
  z.object({
    fingerprint: z.string(),
    startsAt: z.iso.datetime(),
    labels: z.record(z.string(), z.string()),
  }),
)

export type FiringAlert = z.output<typeof answerSchema>[number]

const TIMEOUT_MS = 10_000
const MOST_BYTES = 268_435_456

/** The alerts that fire now, as the running alerting at this URL has them: it alone knows. Rejects with StartError. */
export async function firingAlerts(
  address: string,
  matchers: readonly Matcher[],
): Promise<FiringAlert[]> {
  const { url: base, authorization } = takeCredentials(address)
  const url = new URL(`${base.replace(/\/+$/, '')}/api/v2/alerts`)
  for (const matcher of matchers) url.searchParams.append('filter', formatMatcher(matcher))
  let body: unknown
  try {
    const response = await fetch(url, {
      ...(authorization !== undefined && { headers: { authorization } }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    if (!response.ok) throw new Error(`it answers ${response.status}`)
    const bytes = await readUpTo(response.body, MOST_BYTES)
    if (bytes === null) throw new Error(`it answers more than ${MOST_BYTES} bytes`)
    body = JSON.parse(bytes.toString('utf8'))
  } catch (error) {
    const { message, cause } = error as Error
    const why = cause instanceof Error ? cause.message || message : message
    throw new StartError(
      `alerting at ${url.host} can't be asked which alerts fire (${why}): check that it runs, alerting.listen, and api.alerting_url where it is elsewhere`,
      { cause: error },
    )
  }
  const { data } = answerSchema.safeParse(body)
  if (data !== undefined) return data
  throw new StartError(
    `what answers at ${url.host} isn't wardline's alerting: check alerting.listen, and api.alerting_url where it is elsewhere`,
  )
}
