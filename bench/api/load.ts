import { setTimeout as delay } from 'node:timers/promises'
import { Pool } from 'undici'

export type Load = {
  /** Requests a second. */
  readonly rate: number
  readonly seconds: number
  readonly headers?: Readonly<Record<string, string>>
  /** Asks with the tag of the answer before: those alone that are a 304 count. */
  readonly conditional?: boolean
  /** Statuses that are an answer; 200 and 304 unless told. */
  readonly statuses?: readonly number[]
}

export type Answers = {
  readonly ms: readonly number[]
  readonly ageSeconds: readonly number[]
  readonly bytes: number
}

const WARM_UP = 10

/** Requests on a grid, whether or not the one before was answered: an answer that is late holds back none after it. */
export async function ask(origin: string, path: string, load: Load): Promise<Answers> {
  const { rate, seconds, headers = {}, conditional = false, statuses = [200, 304] } = load
  const pool = new Pool(origin, { connections: 4 })
  const ms: number[] = []
  const ageSeconds: number[] = []
  let bytes = 0
  let tag = ''
  async function once(): Promise<void> {
    const askedAt = performance.now()
    const sent = conditional ? { ...headers, 'if-none-match': tag } : headers
    const answer = await pool.request({ method: 'GET', path, headers: sent })
    const body = await answer.body.arrayBuffer()
    const tookMs = performance.now() - askedAt
    tag = String(answer.headers['etag'] ?? '')
    if (!statuses.includes(answer.statusCode)) throw new Error(`${path}: ${answer.statusCode}`)
    if (conditional && answer.statusCode !== 304) return
    ms.push(tookMs)
    bytes = body.byteLength
    const age = answer.headers['x-wardline-age-seconds']
    if (age !== undefined) ageSeconds.push(Number(age))
  }
  for (let warm = 0; warm < WARM_UP; warm++) await once()
  ms.length = 0
  ageSeconds.length = 0

  // Each path in its own phase, so that they don't meet at the same instant each time.
  const startAt = performance.now() + Math.random() * (1000 / rate)
  const asked: Promise<void>[] = []
  for (let turn = 0; turn < rate * seconds; turn++) {
    const dueAt = startAt + (turn * 1000) / rate
    await delay(Math.max(0, dueAt - performance.now()))
    asked.push(once())
  }
  await Promise.all(asked)
  await pool.close()
  return { ms, ageSeconds, bytes }
}
