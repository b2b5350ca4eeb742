import { readFile, readdir } from 'node:fs/promises'
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard'
import type { Dataquery } from '@grafana/grafana-foundation-sdk/prometheus'
import { describe, expect, test } from 'vitest'
import { DASHBOARDS, render } from '../../../grafana/catalog.ts'

const FILES = new URL('../../../grafana/dashboards/', import.meta.url)

test('every committed dashboard is one that is generated', async () => {
  expect(await readdir(FILES)).toEqual(Object.keys(DASHBOARDS))
})

describe.each(Object.entries(DASHBOARDS))('%s', (file, make) => {
  const dashboard = make()
  const all = dashboard.panels ?? []
  const panels = all.filter((panel): panel is Panel => panel.type !== 'row')
  const queries = panels.flatMap((panel) =>
    (panel.targets ?? []).map((target) => {
      const query = target as Dataquery
      return { panel: `${panel.title} (${query.refId})`, expr: query.expr, query }
    }),
  )

  test('is committed as it is generated; `npm run grafana` writes it', async () => {
    expect(await readFile(new URL(file, FILES), 'utf8')).toBe(render(dashboard))
  })

  test('is the same text each time', () => {
    expect(render(make())).toBe(render(make()))
  })

  test.each(panels)('$title says what it shows, in which unit', ({ description, fieldConfig }) => {
    expect(description).toMatch(/^[A-Z].{20,}\.$/)
    expect(fieldConfig?.defaults.unit).toMatch(/\w/)
  })

  test.each(panels)('$title asks the data source that the reader chose', (panel) => {
    const asked = [panel, ...(panel.targets ?? [])].map((of) => (of as Dataquery).datasource)
    expect(new Set(asked.map((ref) => `${ref?.type} ${ref?.uid}`))).toEqual(
      new Set(['prometheus ${datasource}']),
    )
  })

  test('panels have titles and ids of their own', () => {
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length)
    expect(panels.every(({ title }) => (title ?? '').length > 1)).toBe(true)
  })

  test('panels fill the grid without overlap', () => {
    const cells = all.flatMap(({ gridPos }) => {
      const { x = 0, y = 0, w = 0, h = 0 } = gridPos ?? {}
      expect(x + w).toBeLessThanOrEqual(24)
      return Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`)
    })
    expect(new Set(cells).size).toBe(cells.length)
  })

  // A bare selector looks five minutes back: it would show what is long over.
  test.each(queries)('$panel names the window of every selector', ({ expr }) => {
    const selector =
      /\b(?:ping|snmp|device|wardline)_\w+(?:\{[^}]*\})?|\b(?:if[A-Z]\w+(?=\{)|ALERTS)(?:\{[^}]*\})?/g
    const selectors = [...expr.matchAll(selector)]
    expect(selectors).not.toEqual([])
    const bare = selectors.filter((found) => expr[found.index + found[0].length] !== '[')
    expect(bare.map(([text]) => text)).toEqual([])
  })

  test.each(queries)('$panel decides nothing by ping_up', ({ expr }) => {
    expect(expr).not.toMatch(/\bping_up\b/)
  })

  test('devices lead to their page in wardline', () => {
    const links = [...render(dashboard).matchAll(/"url": "(\$\{wardline:raw\}\/[^"]*)"/g)]
    expect(new Set(links.map(([, url]) => url))).toEqual(
      new Set([
        '${wardline:raw}/?q=${__data.fields.device:percentencode}',
        '${wardline:raw}/?q=${__field.labels.device:percentencode}',
      ]),
    )
  })
})
