import { expect, test } from 'vitest'
import { createAcknowledged } from '../../../../lib/spool/acknowledged.ts'
import { memoryBacklog } from '../../../../lib/spool/memory.ts'
import { VictoriaMetricsError } from '../../../../lib/victoriametrics.ts'
import { recordLog } from '../../../fakes/log.ts'

const UNREACHABLE = new VictoriaMetricsError('nobody there', 'unreachable')
const REFUSED = new VictoriaMetricsError('too much', 'overloaded', { status: 429 })

/** Asks, and gets these answers one after the other. */
function remember(...answers: readonly (number | Error)[]) {
  const left = [...answers]
  const backlog = memoryBacklog(1_000_000)
  const acknowledged = createAcknowledged({
    async askStart() {
      const answer = left.shift() ?? Number.NaN
      if (answer instanceof Error) throw answer
      return answer
    },
    backlog,
    log: recordLog().log,
    onAgain() {},
  })
  const add = (body: string): void =>
    acknowledged.add({ kind: 'lines', body: Buffer.from(body), samples: 1, from: 0 })
  /** What waits to be sent again. */
  async function again(): Promise<string[]> {
    const reading = await backlog.read()
    return (reading?.waiting ?? []).map(({ batch }) => String(batch.body))
  }
  return { acknowledged, add, again }
}

test('a question without an answer leaves it as doubtful as it was, whoever asked', async () => {
  const { acknowledged } = remember(100, UNREACHABLE, REFUSED, 100)
  await acknowledged.look()
  expect(acknowledged.isSuspect).toBe(false)
  for (const error of [UNREACHABLE, REFUSED]) {
    acknowledged.suspect()
    await expect(acknowledged.look()).rejects.toBe(error)
    expect(acknowledged.isSuspect).toBe(true)
  }
  await acknowledged.look()
  expect(acknowledged.isSuspect).toBe(false)
})

test('a restart that is seen after a question without an answer is one', async () => {
  const { acknowledged, add, again } = remember(100, UNREACHABLE, 200)
  await acknowledged.look()
  add('a')
  await expect(acknowledged.look()).rejects.toBe(UNREACHABLE)
  await acknowledged.look()
  expect(await again()).toEqual(['a'])
})

test('a start that is not told for a while is compared with the one before', async () => {
  const { acknowledged, add, again } = remember(100, Number.NaN, 200)
  await acknowledged.look()
  add('a')
  await acknowledged.look()
  expect(await again()).toEqual([])
  await acknowledged.look()
  expect(await again()).toEqual(['a'])
})

test('where the start is told, nothing is sent again of who was away and did not restart', async () => {
  const { acknowledged, add, again } = remember(100, 100)
  await acknowledged.look()
  add('a')
  acknowledged.wasAway()
  await acknowledged.look()
  acknowledged.isBack()
  expect(await again()).toEqual([])
})

test('where it is not told, all is sent again each time that VictoriaMetrics was away, once', async () => {
  const { acknowledged, add, again } = remember()
  await acknowledged.look()
  add('a')
  acknowledged.isBack()
  expect(await again()).toEqual([])
  acknowledged.wasAway()
  await acknowledged.look()
  expect(await again()).toEqual([]) // a proxy answers while VictoriaMetrics is away
  acknowledged.isBack()
  acknowledged.isBack()
  expect(await again()).toEqual(['a'])
  add('b')
  acknowledged.wasAway()
  acknowledged.isBack()
  expect(await again()).toEqual(['a', 'b'])
})
