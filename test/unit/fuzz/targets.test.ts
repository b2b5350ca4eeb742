import { describe, expect, test } from 'vitest'
import { check } from '../../fuzz/check.ts'
import { TARGETS, targetNamed } from '../../fuzz/targets.ts'

// `npm run fuzz` gives each of them a hundred thousand inputs, others each time.
const INPUTS = 300
const SEED = 20_261_122

describe('whatever comes from outside is read or refused, and breaks nothing', () => {
  test.each(Object.keys(TARGETS))('%s', { timeout: 60_000 }, async (name) => {
    const target = await targetNamed(name)
    expect(target.name).toBe(name)
    const { failure, inputs, taken } = await check(target, { seed: SEED, inputs: INPUTS })
    expect(failure).toBeNull()
    // Inputs that are all refused at the door would find nothing behind it.
    expect(taken / inputs).toBeGreaterThan(0.01)
  })
})
