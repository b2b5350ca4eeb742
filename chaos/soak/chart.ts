import { FIGURES, type Figure, type JudgedTrack } from './figures.ts'

export type SoakReport = {
  readonly title: string
  readonly startedAt: number
  readonly endedAt: number
  readonly tracks: readonly JudgedTrack[]
}

const [WIDTH, HEIGHT] = [900, 200]
const MARGIN = { left: 60, right: 10, top: 10, bottom: 24 }
const COLOURS = [
  '#1f6feb',
  '#d29922',
  '#2da44e',
  '#cf222e',
  '#8250df',
  '#57606a',
  '#bf3989',
  '#0a7ea4',
]

/** A page that needs nothing else: a chart for each figure, a line for each process. */
export function chartOf(report: SoakReport): string {
  const components = [...new Set(report.tracks.map(({ component }) => component))]
  const charts = (Object.keys(FIGURES) as Figure[]).map((figure) =>
    section(report, figure, components),
  )
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>${escape(report.title)}</title>
<style>
body { font: 14px/1.4 system-ui, sans-serif; margin: 2rem auto; max-width: ${WIDTH}px; color: #1f2328; }
svg { width: 100%; height: auto; } text { font-size: 11px; fill: #57606a; } h2 { font-size: 1rem; margin: 1.5rem 0 0; }
.key span { margin-right: 1rem; } .key i { display: inline-block; width: 1em; height: 3px; vertical-align: middle; margin-right: .4em; }
.grows { color: #cf222e; font-weight: 600; }
</style>
<h1>${escape(report.title)}</h1>
<p>${iso(report.startedAt)} to ${iso(report.endedAt)}</p>
${charts.join('\n')}
</html>
`
}

function section(report: SoakReport, figure: Figure, components: readonly string[]): string {
  const { title, unit, divisor } = FIGURES[figure]
  const tracks = report.tracks.filter((track) => track.figure === figure)
  if (tracks.length === 0) return ''
  const most =
    Math.max(...tracks.flatMap(({ readings }) => readings.map(({ value }) => value))) / divisor || 1
  const x = (at: number) =>
    MARGIN.left +
    ((at - report.startedAt) / Math.max(1, report.endedAt - report.startedAt)) *
      (WIDTH - MARGIN.left - MARGIN.right)
  const y = (value: number) =>
    HEIGHT - MARGIN.bottom - (value / divisor / most) * (HEIGHT - MARGIN.top - MARGIN.bottom)
  const colour = (component: string) => COLOURS[components.indexOf(component) % COLOURS.length]
  const lines = tracks.map(({ component, readings }) => {
    const points = readings.map(({ at, value }) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`)
    return `<polyline fill="none" stroke="${colour(component)}" stroke-width="1.5" points="${points.join(' ')}"/>`
  })
  const marks = [0, 0.5, 1].map((share) => {
    const height = y(share * most * divisor)
    return `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${height}" y2="${height}" stroke="#d0d7de"/><text x="${MARGIN.left - 6}" y="${height + 4}" text-anchor="end">${figureText(share * most)}</text>`
  })
  const keys = tracks.map(({ component, growth, grows }) => {
    const values =
      growth === null
        ? ''
        : ` ${figureText(growth.early / divisor)} → ${figureText(growth.late / divisor)}`
    return `<span${grows ? ' class="grows"' : ''}><i style="background:${colour(component)}"></i>${escape(component)}${values}${grows ? ' grows' : ''}</span>`
  })
  return `<h2>${title}${unit === '' ? '' : `, ${unit}`}</h2>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">${marks.join('')}${lines.join('')}
<text x="${MARGIN.left}" y="${HEIGHT - 6}">${iso(report.startedAt)}</text><text x="${WIDTH - MARGIN.right}" y="${HEIGHT - 6}" text-anchor="end">${iso(report.endedAt)}</text></svg>
<p class="key">${keys.join('')}</p>`
}

const figureText = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value.toPrecision(2)
const iso = (at: number): string => new Date(at).toISOString().slice(0, 19).replace('T', ' ')
const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
