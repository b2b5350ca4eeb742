import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Network, openNetwork } from '../../../lab/network.ts'
import { waitFor } from '../../wait.ts'
import { DEVICES, lastSecond, openCollectorStand, stored } from './stand.ts'

let network: Network
beforeAll(async () => void (network = await openNetwork()))
afterAll(() => network[Symbol.asyncDispose]())

const spoolIsEmpty = (stand: Awaited<ReturnType<typeof openCollectorStand>>): Promise<true> =>
  waitFor(async () => (await stand.metric('wardline_spool_samples')) === 0, {
    timeoutMs: 20_000,
    what: 'the spool to be empty',
  })

describe('a collector without VictoriaMetrics (F7)', () => {
  test('killed with -9 meanwhile, and VictoriaMetrics too: all that was probed is there, from before and after', async () => {
    await using stand = await openCollectorStand()
    let killed = 0
    {
      await using first = stand.start()
      await stored(stand, 5 * DEVICES)
      // What it acknowledged last is lost with it; and the line stays cut long enough for that to be kept on disk.
      await stand.cut()
      process.kill(stand.stores.pids().victoriaMetrics ?? Number.NaN, 'SIGKILL')
      await waitFor(async () => (await stand.metric('wardline_spool_samples')) >= 6 * DEVICES, {
        timeoutMs: 20_000,
        what: 'six seconds of samples in the spool',
      })
      killed = lastSecond() - 1_000 // the newest second may be under way from fping still
      first.kill('SIGKILL')
      await first.exited
    }
    await waitFor(() => stand.stores.victoriaMetrics.healthy(), { what: 'VictoriaMetrics' })
    await stand.mend()
    await using _second = stand.start()
    await stored(stand, 8 * DEVICES)
    await spoolIsEmpty(stand)
    expect(await stand.holes(killed)).toEqual([])
    const [mark] = await stand.stores.victoriaMetrics.query(
      'max_over_time(wardline_spool_from_seconds{vantage="lab"}[1m])',
    )
    expect((mark?.value ?? 0) * 1000).toBeGreaterThan(killed - 60_000)
    await waitFor(
      async () => {
        await stand.stores.victoriaMetrics.flush()
        const [now] = await stand.stores.victoriaMetrics.query(
          'last_over_time(wardline_spool_from_seconds{vantage="lab"}[1m])',
        )
        return now?.value === 0
      },
      { what: 'the mark that nothing waits' },
    )
  }, 90_000)

  test('ended with SIGTERM meanwhile: at once, and the next start stores what waited', async () => {
    await using stand = await openCollectorStand()
    let ended = 0
    {
      await using first = stand.start()
      await stored(stand, 3 * DEVICES)
      await stand.cut()
      await waitFor(async () => (await stand.metric('wardline_spool_samples')) >= 2 * DEVICES, {
        timeoutMs: 20_000,
        what: 'samples in the spool',
      })
      ended = lastSecond()
      const from = performance.now()
      first.kill('SIGTERM')
      expect(await first.exited).toBe(0)
      expect(performance.now() - from).toBeLessThan(5_000)
    }
    await stand.mend()
    {
      await using second = stand.start()
      await stored(stand, 4 * DEVICES)
      await spoolIsEmpty(stand)
      expect(await stand.holes(ended)).toEqual([])
      second.kill('SIGTERM')
      await second.exited
    }
  }, 90_000)
})

describe('a collector with VictoriaMetrics', () => {
  test('both killed with -9 at once: what was acknowledged and not written yet is there, too (F7, F8)', async () => {
    await using stand = await openCollectorStand()
    let acknowledged: number[] = []
    {
      await using first = stand.start()
      acknowledged = await waitFor(
        async () => {
          const seconds = await stand.onDisk().catch(() => []) // it may be making the folder
          return seconds.length >= 3 && seconds
        },
        { timeoutMs: 20_000, intervalMs: 50, what: 'three seconds of samples on disk' },
      )
      expect(await stand.metric('wardline_spool_samples')).toBe(0) // nothing of it waits
      first.kill('SIGKILL')
      process.kill(stand.stores.pids().victoriaMetrics ?? Number.NaN, 'SIGKILL')
      await first.exited
    }
    await using _second = stand.start()
    await stored(stand, 3 * DEVICES)
    await spoolIsEmpty(stand)
    await waitFor(async () => (await stand.metric('wardline_spool_bytes')) === 0, {
      what: 'all of it to be sent again',
    })
    expect(await stand.missing(acknowledged)).toEqual([])
  }, 90_000)
})

describe('a disk that is full (F7)', () => {
  test('is told of, samples wait in memory, and go to it once it has room; nothing is lost', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'wardline-full-'))
    await using _folder = {
      [Symbol.asyncDispose]: () => rm(dataDir, { recursive: true, force: true }),
    }
    await using stand = await openCollectorStand(dataDir)
    // A disk of 1 MiB, in a mount namespace of the collector's own, with a file that fills it.
    const script = [
      `mount -t tmpfs -o size=1m tmpfs ${dataDir}`,
      `head -c 2000000 /dev/zero > ${dataDir}/filler 2>/dev/null || true`,
      'exec "$@"',
    ].join('\n')
    await using collector = stand.start(['unshare', '-m', 'sh', '-c', script, 'sh'])
    await stored(stand, 3 * DEVICES)
    await stand.cut()
    const degraded = await waitFor(
      async () => {
        const health = await stand.health()
        return health.status === 'degraded' && health
      },
      { timeoutMs: 20_000, what: 'health to tell' },
    )
    expect(degraded).toMatchObject({ code: 200, reasons: [expect.stringContaining('ENOSPC')] })
    expect(await stand.metric('wardline_spool_failing')).toBe(1)
    await rm(`/proc/${collector.pid}/root${dataDir}/filler`)
    await waitFor(async () => (await stand.metric('wardline_spool_failing')) === 0, {
      timeoutMs: 20_000,
      what: 'the spool to be written to',
    })
    const until = lastSecond()
    await stand.mend()
    await spoolIsEmpty(stand)
    expect(await stand.holes(until)).toEqual([])
    expect(await stand.metric('wardline_samples_dropped_total')).toBeNaN()
  }, 90_000)
})
