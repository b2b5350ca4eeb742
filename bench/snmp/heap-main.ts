import { setTimeout as delay } from 'node:timers/promises'
import { writeHeapSnapshot } from 'node:v8'
import { answerParent } from '../../lab/child.ts'
import { createSampleWriter } from '../../lib/sample-writer.ts'
import { type Credentials, type Poller, createDevice, openPoller } from './device-poll.ts'

/** Polls of agents of every kind in a process that is looked into afterwards; it wants --expose-gc. */
export type Question =
  | {
      readonly ask: 'open'
      readonly targets: readonly Target[]
      readonly credentials: Credentials
      readonly timeoutMs: number
    }
  | { readonly ask: 'poll'; readonly polls: number; readonly lanes: number }
  | { readonly ask: 'snapshot'; readonly path: string }

export type Target = {
  readonly address: string
  readonly kind: string
  readonly credential: string
}

/** How polls ended, by the kind of agent with the credential, and the reason, `up` where there was none. */
export type Outcomes = Readonly<Record<string, Readonly<Record<string, number>>>>

let opened: { poller: Poller; targets: readonly Target[]; timeoutMs: number } | undefined
let turn = 0

const writer = createSampleWriter({
  send() {},
  settled: () => Promise.resolve(true),
  [Symbol.asyncDispose]: () => Promise.resolve(),
})

answerParent<Question>(async (question): Promise<Outcomes | null> => {
  if (question.ask === 'open') {
    const { targets, credentials, timeoutMs } = question
    const devices = targets.map(({ address, credential }) =>
      createDevice(address, {
        modules: ['scalars', 'named'],
        credentials: [credential],
        timeoutMs,
      }),
    )
    opened = { poller: await openPoller(devices, credentials), targets, timeoutMs }
    return null
  }
  if (opened === undefined) throw new Error('no targets yet')
  if (question.ask === 'poll') return poll(opened, question)
  await settle(opened.timeoutMs)
  writeHeapSnapshot(question.path)
  return null
})

async function poll(
  { poller, targets }: NonNullable<typeof opened>,
  { polls, lanes }: Extract<Question, { ask: 'poll' }>,
): Promise<Outcomes> {
  const until = turn + polls
  const outcomes: Record<string, Record<string, number>> = {}
  async function lane(): Promise<void> {
    while (turn < until) {
      const place = turn++ % targets.length
      const { samples, failure } = await poller.poll(place)
      writer.write(samples)
      const { kind = '', credential = '' } = targets[place] ?? {}
      const of = (outcomes[`${kind}, ${credential}`] ??= {})
      const how = failure?.reason ?? 'up'
      of[how] = (of[how] ?? 0) + 1
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return outcomes
}

/** Until late answers came and timers ended; then all garbage goes, what finalisers let go of included. */
async function settle(timeoutMs: number): Promise<void> {
  await delay(timeoutMs * 2 + 1000)
  for (let round = 0; round < 5; round++) {
    globalThis.gc?.()
    await delay(50)
  }
}
