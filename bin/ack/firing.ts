import { z } from 'zod'
import { parseListen } from '../../lib/listen-address.ts'
import { type Matcher, formatMatcher } from '../../lib/matchers.ts'
import { StartError } from '../../lib/start-error.ts'

const answerSchema = z.array(
  z.object({
    fingerprint: z.string(),
    startsAt: z.iso.datetime(),
    labels: z.record(z.string(), z.string()),
  }),
)

export type FiringAlert = z.output<typeof answerSchema>[number]

const TIMEOUT_MS = 10_000

/** The alerts that fire now, as the running alerting has them: it alone knows. Rejects with StartError. */
export async function firingAlerts(
  listen: string,
  matchers: readonly Matcher[],
): Promise<FiringAlert[]> {
  const url = new URL('/api/v2/alerts', originOf(listen))
  for (const matcher of matchers) url.searchParams.append('filter', formatMatcher(matcher))
  let body: unknown
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    if (!response.ok) throw new Error(`it answers ${response.status}`)
    body = await response.json()
  } catch (error) {
    const { message, cause } = error as Error
    const why = cause instanceof Error ? cause.message || message : message
    throw new StartError(
      `alerting.listen: alerting at ${url.host} can't be asked which alerts fire (${why}): check that it runs`,
      { cause: error },
    )
  }
  const { data } = answerSchema.safeParse(body)
  if (data !== undefined) return data
  throw new StartError(`alerting.listen: what answers at ${url.host} isn't wardline's alerting`)
}

/** Where everything listens, this machine does. */
function originOf(listen: string): string {
  const { host, port } = parseListen(listen)
  const named = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${named.includes(':') ? `[${named}]` : named}:${port}`
}
