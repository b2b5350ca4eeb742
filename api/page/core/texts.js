import { readKept } from './kept.js'

/** All words of the page, of one language at a time: texts/<language>.json. */

/** Languages on offer, each by its own name. */
export const LANGUAGES = { en: 'English', ka: 'ქართული' }

let words = {}
let language = 'en'
let plurals = new Intl.PluralRules('en')
let numbers = new Intl.NumberFormat('en')

/** What was chosen here; else the first of the browser's languages that is on offer; else English. */
export function wantedLanguage(kept = readKept('language'), preferred = navigator.languages) {
  if (kept !== null && Object.hasOwn(LANGUAGES, kept)) return kept
  return (
    preferred.map((tag) => tag.split('-')[0]).find((tag) => Object.hasOwn(LANGUAGES, tag)) ?? 'en'
  )
}

export async function loadTexts(name) {
  const response = await fetch(new URL(`../texts/${name}.json`, import.meta.url))
  if (!response.ok) throw new Error(`the texts of ${name}: ${response.status}`)
  useTexts(name, await response.json())
}

export function useTexts(name, all) {
  language = name
  words = all
  plurals = new Intl.PluralRules(name)
  numbers = new Intl.NumberFormat(name)
}

export const currentLanguage = () => language

/**
 * The text of a key, its `{names}` filled in. With a `count`, the key's plural form (`key.one`, `key.other`). Numbers
 * are written as the language writes them.
 */
export function text(key, values = {}) {
  const found =
    words[key] ?? words[`${key}.${plurals.select(values.count ?? 0)}`] ?? words[`${key}.other`]
  // A key without a text shows itself: it is seen, and nothing breaks.
  if (found === undefined) return key
  return found.replaceAll(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name]
    return value === undefined
      ? whole
      : typeof value === 'number'
        ? numbers.format(value)
        : String(value)
  })
}

/** A number as the language writes it. */
export const count = (number) => numbers.format(number)
