import { mkdtempSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Batch, Reading } from '../../../../lib/spool/backlog.ts'
import { type Spool, type SpoolOptions, openSpool } from '../../../../lib/spool/spool.ts'
import { type RecordedLog, recordLog } from '../../../fakes/log.ts'
import { waitFor } from '../../../wait.ts'

/** A folder of spools, and what the last one opened said. */
export type SpoolStand = AsyncDisposable & {
  readonly base: string
  readonly log: RecordedLog
  readonly corrupt: () => number
  readonly unkept: () => number
  open(options?: Partial<SpoolOptions>): Promise<Spool>
  /** Paths of the segments under the base. */
  segments(): Promise<string[]>
}

/** `base`: a folder that is there already, such as one on a small disk. */
export async function openSpoolStand(
  base = mkdtempSync(join(tmpdir(), 'wardline-spool-')),
): Promise<SpoolStand> {
  const log = recordLog()
  let corrupt = 0
  let unkept = 0
  const meter = {
    state() {},
    replayed() {},
    unkept: (samples: number) => void (unkept += samples),
    corrupt: (records: number) => void (corrupt += records),
  }
  return {
    base,
    log,
    corrupt: () => corrupt,
    unkept: () => unkept,
    open: (options = {}) =>
      openSpool({
        base,
        instance: 'host',
        origin: 'lab',
        maxBytes: 10_000_000,
        bufferBytes: 1_000_000,
        meter,
        log: log.log,
        ...options,
      }),
    async segments() {
      const names = await readdir(base, { recursive: true })
      return names
        .filter((name) => name.endsWith('.spool'))
        .toSorted()
        .map((name) => join(base, name))
    },
    [Symbol.asyncDispose]: () => rm(base, { recursive: true, force: true }),
  }
}

export const batch = (body: string, more: Partial<Batch> = {}): Batch => ({
  kind: 'lines',
  body: Buffer.from(body),
  samples: 1,
  from: 1_000,
  ...more,
})

export const bodies = (reading: Reading | null): string[] =>
  (reading?.waiting ?? []).map((one) => String(one.batch.body))

/** Everything that waits, in its order; it is done with then. */
export async function drain(spool: Spool): Promise<string[]> {
  const all: string[] = []
  for (;;) {
    const reading = await waitFor(async () => (spool.size === 0 ? 'empty' : spool.read()), {
      intervalMs: 5,
      what: 'something to read',
    })
    if (reading === 'empty') return all
    all.push(...bodies(reading))
    spool.done(reading)
  }
}
