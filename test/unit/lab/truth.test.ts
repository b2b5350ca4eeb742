import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type TruthEntry, openTruth, outagesOf, readTruth } from '../../../lab/truth.ts'

const entry = (at: number, device: string, action: TruthEntry['action']): TruthEntry => ({
  at,
  asked_at: at - 4,
  device,
  address: '198.18.0.1',
  action,
})

test('outages are pairs of down and up, the last of them open', () => {
  const outages = outagesOf([
    entry(100, 'a', 'down'),
    entry(150, 'b', 'down'),
    entry(160, 'b', 'silent'),
    entry(200, 'a', 'up'),
    entry(300, 'a', 'down'),
  ])
  expect(outages.map(({ device, down, up }) => [device, down.at, up?.at ?? null])).toEqual([
    ['a', 100, 200],
    ['b', 150, null],
    ['a', 300, null],
  ])
})

test('the log keeps every line, over several openings', () => {
  const directory = mkdtempSync(join(tmpdir(), 'wardline-truth-'))
  try {
    const path = join(directory, 'deeper', 'truth.jsonl')
    openTruth(path).record([entry(100, 'a', 'down'), entry(100, 'b', 'down')])
    const truth = openTruth(path)
    truth.record([entry(200, 'a', 'up')])
    expect(readTruth(path)).toEqual([
      entry(100, 'a', 'down'),
      entry(100, 'b', 'down'),
      entry(200, 'a', 'up'),
    ])
    expect(truth.outages()).toHaveLength(2)
  } finally {
    rmSync(directory, { recursive: true })
  }
})
