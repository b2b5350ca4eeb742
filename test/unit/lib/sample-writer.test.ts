import { describe, expect, test } from 'vitest'
import type { Batch, Delivery } from '../../../lib/delivery.ts'
import type { Sample } from '../../../lib/line-protocol.ts'
import { STALE } from '../../../lib/remote-write.ts'
import { createSampleWriter } from '../../../lib/sample-writer.ts'
import { waitFor } from '../../wait.ts'

const AT = Date.UTC(2026, 0, 1)
const sample = (device: string, value = 1): Sample => ({
  measurement: 'ping',
  labels: { device },
  fields: { up: value },
  at: AT,
})
const marker = { labels: { __name__: 'ping_up', device: 'a' }, value: STALE, at: AT } as const

function open() {
  const sent: Batch[] = []
  let ended = false
  const delivery: Delivery = {
    send: (batch) => void sent.push(batch),
    settled: async (timeoutMs) => timeoutMs > 1_000,
    async [Symbol.asyncDispose]() {
      ended = true
    },
  }
  return { sent, writer: createSampleWriter(delivery), isEnded: () => ended }
}
const bodies = (sent: readonly Batch[]): string[] => sent.map(({ body }) => String(body))

describe('the sample writer', () => {
  test('makes one batch of what is written within some milliseconds', async () => {
    const { sent, writer } = open()
    writer.write([sample('a'), sample('b')])
    writer.write([sample('c')])
    expect(sent).toEqual([])
    await waitFor(() => sent.length > 0, { timeoutMs: 2_000, what: 'the batch' })
    expect(bodies(sent)).toEqual([
      `ping,device=a up=1 ${AT}\nping,device=b up=1 ${AT}\nping,device=c up=1 ${AT}\n`,
    ])
    expect(sent[0]).toMatchObject({ kind: 'lines', samples: 3 })
  })

  test('sends 5,000 samples at once, and the rest soon', async () => {
    const { sent, writer } = open()
    writer.write(Array.from({ length: 12_345 }, (_, n) => sample(`${n}`)))
    expect(sent.map(({ samples }) => samples)).toEqual([5_000, 5_000])
    await waitFor(() => sent.length > 2, { timeoutMs: 2_000, what: 'the rest' })
    expect(sent.map(({ samples }) => samples)).toEqual([5_000, 5_000, 2_345])
    expect(bodies(sent).join('').split('\n')).toHaveLength(12_346)
  })

  test('keeps no more of a batch in memory than its bytes', async () => {
    const { sent, writer } = open()
    writer.write([sample('a')])
    await writer.flushed(0)
    const [body] = sent.map((batch) => batch.body)
    expect(body?.buffer.byteLength).toBe(body?.length)
  })

  test('leaves out, and does not count, what has no value', async () => {
    const { sent, writer } = open()
    writer.write([sample('a', Number.NaN)])
    await writer.flushed(0)
    expect(sent).toEqual([])
    writer.write([sample('a', Number.NaN), sample('b')])
    await writer.flushed(0)
    expect(sent.map(({ samples }) => samples)).toEqual([1])
  })

  test('knows the oldest stamp of each batch', async () => {
    const { sent, writer } = open()
    writer.write([sample('a'), { ...sample('b'), at: AT - 5_000 }])
    await writer.flushed(0)
    writer.write([sample('a')])
    writer.end([{ ...marker, at: AT - 1_000 }, marker])
    expect(sent.map(({ from }) => from)).toEqual([AT - 5_000, AT, AT - 1_000])
  })

  test('flushes at once, and tells whether all is stored in time', async () => {
    const { sent, writer } = open()
    writer.write([sample('a')])
    expect(await writer.flushed(2_000)).toBe(true)
    expect(await writer.flushed(500)).toBe(false)
    expect(bodies(sent)).toEqual([`ping,device=a up=1 ${AT}\n`])
  })

  test('ends a series after the samples before, never before them', () => {
    const { sent, writer } = open()
    writer.write([sample('a')])
    writer.end([marker])
    expect(sent.map(({ kind }) => kind)).toEqual(['lines', 'remote-write'])
    writer.end([])
    expect(sent).toHaveLength(2)
  })

  test('hands over the rest, then ends its delivery', async () => {
    const { sent, writer, isEnded } = open()
    writer.write([sample('a')])
    await writer[Symbol.asyncDispose]()
    expect(bodies(sent)).toEqual([`ping,device=a up=1 ${AT}\n`])
    expect(isEnded()).toBe(true)
  })
})
