import type { Labels } from '../../../lib/labels.ts'

/** A stored series as VictoriaMetrics hands it out: every sample, stamps in Unix milliseconds. */
export type Exported = {
  readonly labels: Labels
  readonly points: readonly (readonly [at: number, value: number | null])[]
}

/** All that is stored of the series that match, with nothing between the disk and the test. */
export async function exported(vmUrl: string, match: string): Promise<Exported[]> {
  const response = await fetch(`${vmUrl}/api/v1/export`, {
    method: 'POST',
    body: new URLSearchParams({
      'match[]': match,
      start: '0',
      end: '4102444800',
      reduce_mem_usage: '1',
    }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`export of ${match}: ${response.status} ${text}`)
  type Row = { metric: Labels; values: (number | null)[]; timestamps: number[] }
  const rows = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row)
  return [...Map.groupBy(rows, ({ metric }) => JSON.stringify(metric)).values()].map((blocks) => ({
    labels: blocks[0]?.metric ?? {},
    points: blocks
      .flatMap(({ values, timestamps }) =>
        timestamps.map((at, index) => [at, values[index] ?? null] as const),
      )
      .toSorted(([a], [b]) => a - b)
      // Stored twice it is the same sample still, until VictoriaMetrics merges its parts.
      .filter(
        ([at, value], place, all) => at !== all[place - 1]?.[0] || value !== all[place - 1]?.[1],
      ),
  }))
}
