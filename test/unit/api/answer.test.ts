import { gunzipSync } from 'node:zlib'
import { Hono } from 'hono'
import { beforeEach, expect, test } from 'vitest'
import { type Written, answerWritten, prepareAnswers } from '../../../api/answer.ts'
import { type View, buildView } from '../../../api/view/build.ts'
import { manualClock } from '../../fakes/clock.ts'
import { AT, emptyVectors } from './fleet-vectors.ts'

const viewAt = (after: number): View =>
  buildView(new Map(), emptyVectors, new Map(), AT + after * 1_000)

let current: View
/** What was written, by the instant of its view. */
let written: number[]
beforeEach(() => {
  current = viewAt(0)
  written = []
})

async function write(of: View): Promise<Written> {
  written.push((of.at - AT) / 1_000)
  if (of.at === AT + 13_000) throw new Error('no luck')
  return { bytes: Buffer.from(`${of.at} `.repeat(1_000)), total: 1_000 }
}

const app = new Hono()
app.get('/list', (c) => answerWritten(c, current, manualClock(AT), write))
app.onError((error, c) => c.text(error.message, 500))
const ask = (headers: Record<string, string> = {}, query = ''): Promise<Response> =>
  Promise.resolve(app.request(`/list${query}`, { headers }))

async function next(after: number): Promise<void> {
  const before = current
  const view = viewAt(after)
  await prepareAnswers(view, before)
  current = view
}

test('a list is written once for each view, however many ask', async () => {
  await Promise.all([ask(), ask(), ask()])

  expect(written).toEqual([0])
})

test('what was asked of a view is ready when the next one is there', async () => {
  await ask()
  await next(1)
  expect(written).toEqual([0, 1])

  const answer = await ask()
  expect(await answer.text()).toBe(`${AT + 1_000} `.repeat(1_000))
  expect(answer.headers.get('x-total-count')).toBe('1000')
  expect(written).toEqual([0, 1])
})

test('compressed as well, where somebody took it so', async () => {
  await ask({ 'accept-encoding': 'gzip' })
  await next(1)
  const answer = await ask({ 'accept-encoding': 'gzip' })

  const text = gunzipSync(Buffer.from(await answer.arrayBuffer())).toString()
  expect(text).toBe(`${AT + 1_000} `.repeat(1_000))
  expect(written).toEqual([0, 1])
})

test('nothing is written any more once nobody asks', async () => {
  await ask()
  for (const after of [1, 2, 3]) await next(after)

  expect(written).toEqual([0, 1])
})

test('the lists of a few are prepared, not those of anybody', async () => {
  for (let one = 0; one < 20; one += 1) await ask({}, `?q=${one}`)
  await next(1)

  expect(written.filter((after) => after === 1)).toHaveLength(4)
})

test('a list that can’t be written holds up no view, and is told to who asks', async () => {
  await ask()
  await next(13)

  const answer = await ask()
  expect([answer.status, await answer.text()]).toEqual([500, 'no luck'])
})
