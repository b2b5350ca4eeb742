import { expect, test, vi } from 'vitest'
import { createEventClient } from '../../../../api/events/client.ts'

const chunk = new Uint8Array(200_000)

test('a client that does not read is refused at its bound, and has cost no more', () => {
  const client = createEventClient(() => {})
  let taken = 0
  while (client.send(chunk)) taken++

  expect(taken * chunk.byteLength).toBeLessThanOrEqual(1_048_576)
  expect(taken).toBe(5)
})

test('one that reads goes on', async () => {
  const client = createEventClient(() => {})
  const reader = client.body.getReader()
  for (let turn = 0; turn < 50; turn++) {
    expect(client.send(chunk)).toBe(true)
    expect((await reader.read()).value).toHaveLength(chunk.byteLength)
  }
})

test('one that leaves is told once, and takes nothing more', async () => {
  const ended = vi.fn<() => void>()
  const client = createEventClient(ended)

  await client.body.cancel()
  client.end()

  expect(client.send(chunk)).toBe(false)
  expect(ended).toHaveBeenCalledTimes(1)
})
