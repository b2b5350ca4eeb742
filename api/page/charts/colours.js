/** Colours of canvases, from the page's custom properties: a canvas knows nothing of style sheets. */

/** On paper everything is ink, whatever the theme. */
const INK = {
  '--muted': '#555',
  '--line': '#bbb',
  '--accent': '#0b62c4',
  '--down': '#b3202a',
  '--unreachable': '#8a4708',
  '--unknown': '#6a45c2',
}
let isPrinting = false
/** What was asked for, resolved: a chart asks for a few colours many times. */
const known = new Map()

addEventListener('themechange', () => known.clear())
addEventListener('beforeprint', () => {
  isPrinting = true
})
addEventListener('afterprint', () => {
  isPrinting = false
})

/** The colour that `name` (`--accent`) stands for now. */
export function colour(name) {
  if (isPrinting && name in INK) return INK[name]
  let value = known.get(name)
  if (value === undefined) known.set(name, (value = resolved(name)))
  return value
}

/** The same, let through by `share` (0 to 1). */
export const tinted = (name, share) =>
  `color-mix(in srgb, ${colour(name)} ${share * 100}%, transparent)`

/** A property may hold `light-dark(…)`: only as the colour of something it is one. */
function resolved(name) {
  const probe = document.createElement('span')
  probe.style.color = `var(${name})`
  probe.hidden = true
  document.body.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}
