import { h } from '../core/dom.js'
import { text } from '../core/texts.js'

/** What is what in a chart: a sample of each line and of each shade that it has. */
export function legend({ series, shaded }) {
  const lines = series.filter(({ as }) => as !== 'edge')
  const band = series.find(({ as }) => as === 'edge')
  const kinds = [...new Set(shaded.map(({ kind }) => kind))]
  return [
    ...lines.map(({ label, colour, as = 'line', dash }) =>
      entry(label, {
        class: `swatch ${dash === undefined ? as : 'dashed'}`,
        style: { '--colour': `var(${colour})` },
      }),
    ),
    ...(band === undefined
      ? []
      : [
          entry(text('chart.band'), {
            class: 'swatch band',
            style: { '--colour': `var(${band.colour})` },
          }),
        ]),
    ...kinds.map((kind) => entry(text(`chart.${kind}`), { class: `swatch ${kind}` })),
  ]
}

const entry = (label, attributes) =>
  h('span', { class: 'legend-entry' }, h('span', { 'aria-hidden': 'true', ...attributes }), label)
