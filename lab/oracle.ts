/** What the stored samples and the truth amount to, worked out without any of wardline's code that decides. */

export type Sample = { readonly at: number; readonly up: boolean; readonly loss: number | null }
/** By device, in the order of time. */
export type Samples = ReadonlyMap<string, readonly Sample[]>

/** `since`: stamp of the first failed probe. `until`: stamp of the first good one after it; null while it lasts. */
export type SampledOutage = { readonly since: number; readonly until: number | null }

type Exported = {
  readonly metric: Readonly<Record<string, string>>
  readonly values: readonly (number | null)[]
  readonly timestamps: readonly number[]
}

/** Everything that is stored of ping, each stamp once (a resend is the same sample again). */
export async function readSamples(vmUrl: string): Promise<Samples> {
  await fetch(`${vmUrl}/internal/force_flush`)
  const [ups, losses] = await Promise.all([
    exportSeries(vmUrl, 'ping_up'),
    exportSeries(vmUrl, 'ping_loss_ratio'),
  ])
  const samples = new Map<string, Sample[]>()
  for (const [device, values] of ups) {
    const lossOf = losses.get(device)
    samples.set(
      device,
      [...values]
        .map(([at, value]) => ({ at, up: value === 1, loss: lossOf?.get(at) ?? null }))
        .sort((a, b) => a.at - b.at),
    )
  }
  return samples
}

async function exportSeries(
  vmUrl: string,
  name: string,
): Promise<Map<string, Map<number, number>>> {
  const query = new URLSearchParams({ 'match[]': name, start: '0', reduce_mem_usage: '1' })
  const response = await fetch(`${vmUrl}/api/v1/export?${query}`)
  if (!response.ok) throw new Error(`export of ${name}: ${response.status}`)
  const found = new Map<string, Map<number, number>>()
  for (const line of (await response.text()).split('\n')) {
    if (line === '') continue
    const { metric, values, timestamps } = JSON.parse(line) as Exported
    const device = metric['device'] ?? ''
    const known = found.get(device) ?? new Map<number, number>()
    for (const [place, at] of timestamps.entries()) known.set(at, values[place] ?? Number.NaN)
    found.set(device, known)
  }
  return found
}

/** Runs of failed probes that are an outage: three at least, over two seconds at least. */
export function outagesIn(samples: readonly Sample[]): SampledOutage[] {
  const outages: SampledOutage[] = []
  let failed: Sample[] = []
  const close = (until: number | null): void => {
    const [first, last] = [failed[0], failed.at(-1)]
    if (
      first !== undefined &&
      last !== undefined &&
      failed.length >= 3 &&
      last.at - first.at >= 2_000
    )
      outages.push({ since: first.at, until })
    failed = []
  }
  for (const sample of samples) {
    if (sample.up) close(sample.at)
    else failed.push(sample)
  }
  close(null)
  return outages
}

/** `12:00:05 up, 12:00:10 DOWN, …`: what a person wants to see when something is wrong with a device. */
export const describeSamples = (samples: readonly Sample[] = []): string =>
  samples.map(({ at, up }) => `${time(at)} ${up ? 'up' : 'DOWN'}`).join(', ') || 'no samples'

export const iso = (at: number | null): string | null =>
  at === null ? null : new Date(at).toISOString()

const time = (at: number): string => new Date(at).toISOString().slice(11, 23).replace('.000', '')
