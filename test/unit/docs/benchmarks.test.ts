import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../../..')
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

/** Loading the file would run it. */
const measurements = [
  ...read('bench/run.ts').matchAll(/^ {2}'?([a-z-]+)'?: \w+ as Measurement,$/gm),
].map(([, name = '']) => name)
const page = read('docs/benchmarks.md')

test('measurements are found', () => expect(measurements).toContain('vm-away'))

test.each(measurements)('%s has a row that says what it measures, and a command', (name) => {
  expect(page).toMatch(new RegExp(`^\\| \`${name}\` \\|`, 'm'))
  expect(page).toMatch(new RegExp(`npm run bench -- ${name}( |$)`, 'm'))
})
