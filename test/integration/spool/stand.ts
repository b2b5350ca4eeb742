import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { type Forward, forward } from '../../../lab/forward.ts'
import { unpack } from '../../../lib/spool/pack.ts'
import { findRecords } from '../../../lib/spool/record.ts'
import { type Stores, freePort, startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'
import { type WardlineProcess, startProcess } from '../../wardline-process.ts'

const ROOT = join(import.meta.dirname, '../../..')
export const DEVICES = 20
const ALL = Array.from({ length: DEVICES }, (_, n) => `d${n}`)
const VANTAGE = 'lab'

/** A real collector as a process of its own, which reaches a real VictoriaMetrics over a line that can be cut. */
export type CollectorStand = AsyncDisposable & {
  readonly stores: Stores
  readonly folder: string
  /** `wrap`: what starts the command, such as a mount namespace. */
  start(wrap?: readonly string[]): WardlineProcess
  cut(): Promise<void>
  mend(): Promise<void>
  metric(name: string): Promise<number>
  health(): Promise<{ readonly code: number; readonly status: string; readonly reasons?: string[] }>
  /** Seconds without a sample of a device, from the first one of it to `to`, over all devices. */
  holes(to: number): Promise<string[]>
  /** Of each of these seconds, every device of which VictoriaMetrics has no sample. */
  missing(seconds: readonly number[]): Promise<string[]>
  /** The seconds of which the segments on disk have a ping of every device, oldest first, as Unix milliseconds. */
  onDisk(): Promise<number[]>
}

export async function openCollectorStand(dataDir?: string): Promise<CollectorStand> {
  await using opened = new AsyncDisposableStack()
  const stores = opened.use(await startStores())
  const folder = await mkdtemp(join(tmpdir(), 'wardline-collector-'))
  opened.defer(() => rm(folder, { recursive: true, force: true }))
  const port = await freePort()
  const listen = `127.0.0.1:${await freePort()}`
  const config = join(folder, 'wardline.yaml')
  await writeFile(
    config,
    stringify({
      data_dir: dataDir ?? join(folder, 'data'),
      inventory: {
        devices: ALL.map((id, n) => ({ id, address: `198.18.60.${n + 1}` })),
      },
      defaults: { ping: { interval: '1s', count: 1, timeout: '200ms' } },
      victoriametrics: { url: `http://127.0.0.1:${port}` },
      redis: { url: stores.redisUrl },
      collector: { name: VANTAGE, listen, canaries: [] },
      alerting: { canary: false },
    }),
  )
  let line: Forward | null = null
  const mend = async (): Promise<void> => {
    const to = { host: '127.0.0.1', port: Number(new URL(stores.vmUrl).port) }
    line ??= await forward({ host: '127.0.0.1', port }, to)
  }
  const cut = async (): Promise<void> => {
    await line?.[Symbol.asyncDispose]()
    line = null
  }
  await mend()
  opened.defer(cut)
  const owned = opened.move()

  return {
    stores,
    folder,
    start(wrap = []) {
      const command = [
        ...wrap,
        process.execPath,
        join(ROOT, 'bin/wardline.ts'),
        '--config',
        config,
        'run',
        'collector',
      ]
      const [file = '', ...args] = command
      return startProcess(file, args, { cwd: ROOT, env: {} })
    },
    cut,
    mend,
    async metric(name) {
      const text = await (await fetch(`http://${listen}/metrics`)).text()
      return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)`, 'm').exec(text)?.[1])
    },
    async health() {
      const response = await fetch(`http://${listen}/health`)
      return { code: response.status, ...((await response.json()) as { status: string }) }
    },
    async holes(to) {
      await stores.victoriaMetrics.flush()
      const found: string[] = []
      await stores.victoriaMetrics.exportSeries(
        `ping_up{vantage="${VANTAGE}"}`,
        { start: to - 600_000, end: to },
        ({ labels, count, stampAt }) => {
          const stamps = new Set(Array.from({ length: count }, (_, index) => stampAt(index)))
          for (let at = Math.min(...stamps); at <= to; at += 1_000)
            if (!stamps.has(at)) found.push(`${labels['device']} ${new Date(at).toISOString()}`)
        },
      )
      return found
    },
    async missing(seconds) {
      await stores.victoriaMetrics.flush()
      const has = new Set<string>()
      await stores.victoriaMetrics.exportSeries(
        `ping_up{vantage="${VANTAGE}"}`,
        { start: Math.min(...seconds), end: Math.max(...seconds) },
        ({ labels, count, stampAt }) => {
          for (let n = 0; n < count; n++) has.add(`${labels['device']} ${stampAt(n)}`)
        },
      )
      const due = seconds.flatMap((at) => ALL.map((device) => `${device} ${at}`))
      return due.filter((each) => !has.has(each))
    },
    async onDisk() {
      const pinged = new Map<number, Set<string>>()
      for (const text of await segmentTexts(join(folder, 'data/spool'))) {
        for (const [, device = '', at] of text.matchAll(/^ping,device=(\w+).* (\d+)$/gm))
          pinged.set(Number(at), (pinged.get(Number(at)) ?? new Set()).add(device))
      }
      const whole = [...pinged].filter(([, devices]) => ALL.every((each) => devices.has(each)))
      return whole.map(([at]) => at).toSorted((a, b) => a - b)
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** What the records of all segments under a folder hold, as text. */
async function segmentTexts(folder: string): Promise<string[]> {
  const texts: string[] = []
  for (const name of await readdir(folder, { recursive: true })) {
    if (!name.endsWith('.spool')) continue
    const bytes = await readFile(join(folder, name))
    for (const record of findRecords(bytes).found)
      texts.push(String(await unpack(bytes.subarray(record.at, record.end), record)))
  }
  return texts
}

/** Until the collector has written this many samples. */
export const stored = (stand: CollectorStand, samples: number): Promise<true> =>
  waitFor(async () => (await stand.metric('wardline_samples_stored_total')) >= samples, {
    timeoutMs: 20_000,
    what: `${samples} samples`,
  })

/** The second that is over, on the grid that samples are on. */
export const lastSecond = (): number => Math.floor(Date.now() / 1000) * 1000 - 1_000
