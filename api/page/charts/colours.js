/** Colours of canvases, from the page's custom properties: a canvas knows nothing of style sheets. */

/** On paper everything is ink, whatever the theme. */
const INK = {
  '--text': '#111',
  '--muted': '#555',
  '--line': '#ccc',
  '--accent': '#0b62c4',
  '--down': '#b3202a',
  '--up': '#18794e',
  '--unreachable': '#8a4708',
  '--unknown': '#6a45c2',
}
let isPrinting = false
addEventListener('beforeprint', () => (isPrinting = true))
addEventListener('afterprint', () => (isPrinting = false))

/** The colour that `name` (`--accent`) stands for now. */
export function colour(name) {
  if (isPrinting && name in INK) return INK[name]
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim() || INK[name]
}

/** The same, let through by `share` (0 to 1). */
export const tinted = (name, share) => `color-mix(in srgb, ${colour(name)} ${share * 100}%, transparent)`
