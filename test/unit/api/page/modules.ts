import { readFile } from 'node:fs/promises'

/** The page's modules that touch no document, as the tests see them: they are plain JavaScript. */

export type Json = Record<string, unknown>
type Filter = {
  q: string
  status: Set<string>
  /** Null: any; '': those without one. */
  branch: string | null
  region: string | null
  type: string | null
  sort: string
}
type Shown = { id: string; rtt_ms: number | null; status: string }
export type Fleet = {
  devices: Map<string, Shown>
  isLoaded: boolean
  told: readonly unknown[] | null
  tell(branches: readonly unknown[] | null): void
  counts(): Record<string, number>
  load(list: readonly unknown[], asOf: number): void
  apply(event: { devices: Json[]; removed: string[] }, asOf: number): Shown[]
  applyFigures(list: Json[], asOf: number): void
  select(filter: Partial<Filter>): Shown[]
  values(field: string): string[]
  lacks(field: string): boolean
}
export type Branch = {
  branch: string
  status: string
  lost: number
  total: number
  handled: string | null
  isNew: boolean
  downSince: number | null
  lines: string
  regions: Set<string>
  uplinks: { name: string }[]
}
type Tile = { name: string; width: number; height: number }
type Size = { trouble: Tile; well: Tile; fits: boolean }
type Screen = { width: number; height: number }

const page = (name: string): Promise<unknown> =>
  import(new URL(`../../../../api/page/${name}`, import.meta.url).href)

export const format = (await page('core/format.js')) as {
  duration(seconds: number): string
  rtt(ms: number | null): string
  percent(ratio: number | null, digits?: number): string
  loss(ratio: number | null): string
  bits(perSecond: number | null): string
  bytes(number: number | null): string
}
export const texts = (await page('core/texts.js')) as {
  useTexts(language: string, all: Record<string, string>): void
  text(key: string, values?: Json): string
  wantedLanguage(kept: string | null, preferred: string[]): string
}
export const { createFleet } = (await page('core/fleet.js')) as { createFleet(): Fleet }
export const { readFilters, writeFilters } = (await page('core/filters.js')) as {
  readFilters(search: string): Filter
  writeFilters(filters: Filter, at?: string | null): string
}
export const { assessTrust } = (await page('core/trust.js')) as {
  assessTrust(facts: {
    silentSeconds: number
    link: string
    health: unknown
    blind?: { devices: number; reason: string }[]
  }): {
    trust: string
    level: string
    key: string
    reasons: string[]
    blind: unknown[]
  }
}
export const { routeOf, movedTo } = (await page('core/router.js')) as {
  routeOf(path: string): { name: string; params: Record<string, string> } | null
  movedTo(place: { pathname: string; search: string }): string | null
}
export const { branchesOf, branchesTold, sortByTrouble } = (await page('core/branches.js')) as {
  branchesOf(devices: Iterable<unknown>, now: number): Branch[]
  branchesTold(told: readonly unknown[], now: number): Branch[]
  sortByTrouble(branches: Branch[]): Branch[]
}
export const { fitTiles, fitGroups } = (await page('views/wall/fit.js')) as {
  fitTiles(of: Screen & { trouble: number; well: number }): Size
  fitGroups(groups: { trouble: number; well: number }[], screen: Screen): Size
}
export const { reasonsOf } = (await page('views/device/reasons.js')) as {
  reasonsOf(answer: unknown): string[]
}
export const { DAYS: ALERT_DAYS } = (await page('views/alerts/filters.js')) as { DAYS: string[] }

/** The texts of a language, as the page fetches them. */
export async function textsOf(language: string): Promise<Record<string, string>> {
  const file = new URL(`../../../../api/page/texts/${language}.json`, import.meta.url)
  return JSON.parse(await readFile(file, 'utf8')) as Record<string, string>
}

/** A device as the list tells it. */
export const device = (id: string, but: Json = {}): Json => ({
  id,
  name: id,
  address: '198.18.0.1',
  branch: 'Vake',
  region: null,
  type: 'router',
  tags: [],
  status: 'up',
  since: '2026-11-22T10:00:00.000Z',
  rtt_ms: 5,
  loss_ratio: 0,
  uplinks: [],
  maintenance: null,
  acknowledged: null,
  ...but,
})
