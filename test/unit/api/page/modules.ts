/** The page's modules that touch no document, as the tests see them: they are plain JavaScript. */

export type Json = Record<string, unknown>
type Filter = {
  q: string
  status: Set<string>
  branch: string
  region: string
  type: string
  sort: string
  device: string | null
}
type Shown = { id: string; rtt_ms: number | null; status: string }
type Fleet = {
  devices: Map<string, Shown>
  load(list: Json[], asOf: number): void
  apply(event: { devices: Json[]; removed: string[] }, asOf: number): void
  applyFigures(list: Json[], asOf: number): void
  select(filter: Partial<Filter>): Shown[]
  values(field: string): string[]
  uplinks(branch: string): { name: string }[]
}

const page = (name: string): Promise<unknown> =>
  import(new URL(`../../../../api/page/${name}`, import.meta.url).href)

export const format = (await page('format.js')) as {
  duration(seconds: number): string
  rtt(ms: number | null): string
  percent(ratio: number | null, digits?: number): string
  loss(ratio: number | null): string
}
export const { createFleet } = (await page('fleet.js')) as { createFleet(): Fleet }
export const { readFilters, writeFilters } = (await page('filters.js')) as {
  readFilters(search: string): Filter
  writeFilters(filters: Filter): string
}
export const { assessTrust } = (await page('trust.js')) as {
  assessTrust(facts: { silentSeconds: number; isLinked: boolean; health: unknown; asOf: string }): {
    trust: string
    level: string
    text: string
  }
}
