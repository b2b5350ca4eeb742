import { readFile, readdir } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { texts, textsOf } from './modules.ts'

const root = new URL('../../../../api/page/', import.meta.url)
const en = await textsOf('en')
const ka = await textsOf('ka')

const names = await readdir(root, { recursive: true })
const sources = await Promise.all(
  names
    .filter((name) => name.endsWith('.js'))
    .map(async (name) => ({ name, source: await readFile(new URL(name, root), 'utf8') })),
)
const isThere = (key: string): boolean =>
  Object.hasOwn(en, key) || Object.hasOwn(en, `${key}.other`)

describe('the texts', () => {
  test('Georgian has every text that English has, and no other', () => {
    expect(Object.keys(ka).sort()).toEqual(Object.keys(en).sort())
  })

  test('a translation names the same values', () => {
    const namesIn = (text = ''): string[] => [...new Set(text.match(/\{\w+\}/g))].sort()
    const others = Object.keys(en).filter(
      (key) => namesIn(en[key]).join() !== namesIn(ka[key]).join(),
    )

    expect(others).toEqual([])
  })

  test('every text that the page asks for is there', () => {
    const asked = sources.flatMap(({ name, source }) =>
      [...source.matchAll(/\btext\(\s*'([\w.-]+)'/g)].map(([, key = '']) => ({ name, key })),
    )

    expect(asked.length).toBeGreaterThan(50)
    expect(asked.filter(({ key }) => !isThere(key))).toEqual([])
  })

  test('of texts that are asked for by a part of their key, the others begin alike', () => {
    const prefixes = sources.flatMap(({ source }) =>
      [...source.matchAll(/\btext\(\s*`([\w.]+)\$\{/g)].map(([, prefix = '']) => prefix),
    )
    const keys = Object.keys(en)

    expect(prefixes.filter((prefix) => !keys.some((key) => key.startsWith(prefix)))).toEqual([])
  })
})

describe('a text', () => {
  test('has its values filled in, numbers as the language writes them', () => {
    texts.useTexts('en', { some: '{part} of {whole}, {other}' })

    expect(texts.text('some', { part: 1_234, whole: 10_000 })).toBe('1,234 of 10,000, {other}')
  })

  test('has a form for one and a form for many', () => {
    texts.useTexts('en', { 'some.one': '{count} device', 'some.other': '{count} devices' })

    expect([1, 2].map((count) => texts.text('some', { count }))).toEqual(['1 device', '2 devices'])
  })

  test('that is not there is its key', () => {
    expect(texts.text('no.such')).toBe('no.such')
  })
})

test.each<[string | null, string[], string]>([
  ['ka', ['en'], 'ka'],
  ['xx', ['en'], 'en'],
  [null, ['de-DE', 'ka-GE', 'en'], 'ka'],
  [null, ['de'], 'en'],
])('chosen %j, the browser has %j: %s', (kept, preferred, language) => {
  expect(texts.wantedLanguage(kept, preferred)).toBe(language)
})
