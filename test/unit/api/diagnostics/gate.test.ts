import { expect, test } from 'vitest'
import { createGate } from '../../../../api/diagnostics/gate.ts'

const refusal = expect.objectContaining({
  status: 429,
  message: expect.stringMatching(/^4 diagnostics are running/),
})

test('H7: four diagnostics at once; one that ends makes room, and only once', () => {
  const gate = createGate()
  const [first] = [1, 2, 3, 4].map(() => gate.enter())

  expect(() => gate.enter()).toThrow(refusal)
  first?.[Symbol.dispose]()
  first?.[Symbol.dispose]()
  gate.enter()
  expect(() => gate.enter()).toThrow(refusal)
})
