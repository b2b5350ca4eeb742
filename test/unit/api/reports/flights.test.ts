import { describe, expect, test } from 'vitest'
import { createFlights } from '../../../../api/reports/flights.ts'

function question() {
  const signals: AbortSignal[] = []
  const answers: ((text: string) => void)[] = []
  const ask = (signal: AbortSignal): Promise<string> => {
    signals.push(signal)
    return new Promise((resolve) => answers.push(resolve))
  }
  return { ask, signals, answer: (text: string) => answers.at(-1)?.(text) }
}

describe('one question that several ask', () => {
  test('is asked once, and again when it was answered', async () => {
    const { ask, signals, answer } = question()
    const fly = createFlights<string>()
    const never = new AbortController().signal
    const both = Promise.all([fly('q', ask, never), fly('q', ask, never)])
    answer('one')

    expect(await both).toEqual(['one', 'one'])
    expect(signals).toHaveLength(1)
    const again = fly('q', ask, never)
    answer('two')
    expect(await again).toBe('two')
  })

  test('goes on when one of them leaves, and is given up when all have left', async () => {
    const { ask, signals, answer } = question()
    const fly = createFlights<string>()
    const [one, other] = [new AbortController(), new AbortController()]
    const first = fly('q', ask, one.signal)
    const second = fly('q', ask, other.signal)
    one.abort(new Error('gone'))

    await expect(first).rejects.toThrow('gone')
    expect(signals[0]?.aborted).toBe(false)
    other.abort(new Error('gone too'))
    await expect(second).rejects.toThrow('gone too')
    expect(signals[0]?.aborted).toBe(true)

    const third = fly('q', ask, new AbortController().signal)
    answer('anew')
    expect(await third).toBe('anew')
  })
})
