import { createHmac, timingSafeEqual } from 'node:crypto'
import { Hono } from 'hono'
import { z } from 'zod'
import type { Flip } from '../../lib/canary.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Secret } from '../../lib/secret.ts'
import { flipsOf } from './flips.ts'

const FRESH_SECONDS = 300

const bodySchema = z.object({
  alerts: z.array(
    z.object({
      status: z.enum(['firing', 'resolved']),
      labels: z.record(z.string(), z.string()),
      startsAt: z.iso.datetime(),
    }),
  ),
})

/** `POST /canary`: the receiver that wardline has in itself, at the end of the way of every other message. */
export function canaryApp({
  secret,
  arrived,
  clock,
}: {
  secret: Secret
  arrived: (flips: readonly Flip[]) => void
  clock: Pick<Clock, 'now'>
}): Hono {
  return new Hono().post('/canary', async (c) => {
    const text = await c.req.text()
    const timestamp = c.req.header('x-wardline-timestamp') ?? ''
    const signature = c.req.header('x-wardline-signature') ?? ''
    const isFresh = Math.abs(clock.now() / 1000 - Number(timestamp)) < FRESH_SECONDS
    if (!isFresh || !isGenuine(text, timestamp, signature, secret))
      return c.text('expected a message that this process signed', 401)
    const body = bodySchema.safeParse(parse(text))
    if (!body.success) return c.text('expected the body of a webhook', 400)
    arrived(
      flipsOf(
        body.data.alerts.map(({ status, labels, startsAt }) => ({
          labels,
          startsAt: Date.parse(startsAt),
          isFiring: status === 'firing',
        })),
      ),
    )
    return c.text('ok')
  })
}

function isGenuine(body: string, timestamp: string, signature: string, secret: Secret): boolean {
  const expected = createHmac('sha256', secret.reveal()).update(`${timestamp}:${body}`).digest()
  const given = Buffer.from(signature, 'hex')
  return given.length === expected.length && timingSafeEqual(given, expected)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
