import { expect, test } from 'vitest'
import { createGate } from '../../../../api/diagnostics/gate.ts'
import { manualClock } from '../../../fakes/clock.ts'

const NOW = Date.UTC(2026, 10, 22)
const refusal = (status: number, detail: RegExp) =>
  expect.objectContaining({ status, message: expect.stringMatching(detail) })

test('H7: six diagnostics a minute for each user; another one has six of their own', async () => {
  const clock = manualClock(NOW)
  const gate = createGate(clock)
  for (let turn = 0; turn < 6; turn++) gate.enter('alice')[Symbol.dispose]()

  expect(() => gate.enter('alice')).toThrow(refusal(429, /6 a minute .* again in 60 s/))
  gate.enter('bob')[Symbol.dispose]()
  await clock.advance(60_001)
  expect(() => gate.enter('alice')).not.toThrow()
})

test('H7: four at once in all; one that ends makes room, and only once', () => {
  const gate = createGate(manualClock(NOW))
  const [first] = ['a', 'b', 'c', 'd'].map((who) => gate.enter(who))

  expect(() => gate.enter('e')).toThrow(refusal(429, /4 at once/))
  first?.[Symbol.dispose]()
  first?.[Symbol.dispose]()
  gate.enter('e')
  expect(() => gate.enter('f')).toThrow(refusal(429, /4 at once/))
})
