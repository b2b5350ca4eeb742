import { readFile, readdir } from 'node:fs/promises'
import { expect, test } from 'vitest'

const page = await readFile(new URL('../../../docs/redis.md', import.meta.url), 'utf8')
const folder = new URL('../../integration/redis/', import.meta.url)
const tests = await Promise.all(
  (await readdir(folder)).map((name) => readFile(new URL(name, folder), 'utf8')),
)
const section = page.split('## What becomes of it')[1]?.split('\n## ')[0] ?? ''
const rows = section
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| Redis …'))
  .map((line) => line.split('|').map((cell) => cell.trim()))

test('the page says of a dozen failures what becomes of wardline', () => {
  expect(rows.length).toBeGreaterThanOrEqual(12)
})

test.each(rows.map((cells) => [cells[1] ?? '', cells.at(-2) ?? '']))(
  'what the page says of a Redis that %s has a test',
  (_, cell) => {
    const titles = [...cell.matchAll(/`([^`]+)`/g)].map(([, title = '']) => title)
    expect(titles).not.toEqual([])
    for (const title of titles) {
      const isTest = tests.some((text) => text.includes(`'${title}'`))
      expect(isTest, `a test called ${title}`).toBe(true)
    }
  },
)
