import { keep, readKept } from './kept.js'

/** Light, dark, or as the system has it. */

export const THEMES = ['system', 'light', 'dark']

export const theme = () => readKept('theme') ?? 'system'

/** Charts draw with colours of their own and redraw at the event `themechange` of the window. */
export function setTheme(name) {
  keep('theme', name === 'system' ? null : name)
  if (name === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = name
  dispatchEvent(new Event('themechange'))
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () =>
  dispatchEvent(new Event('themechange')),
)
