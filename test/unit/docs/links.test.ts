import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../../..')
const documents = globSync('**/*.md', {
  cwd: ROOT,
  exclude: ['node_modules', 'data', 'test-results', 'coverage'],
})

/** What `[text](target)`, `![image](target)` and `[name]: target` lead to, outside of code. */
function linksOf(text: string): string[] {
  const prose = text.replace(/^```.*?^```/gms, '').replace(/`[^`\n]*`/g, '')
  return [
    ...prose.matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g),
    ...prose.matchAll(/^\[[^\]]+\]:\s*(\S+)/gm),
  ].map(([, target = '']) => target)
}

test('there are documents, and links in them', () => {
  expect(documents).toContain('docs/configuration.md')
  expect(linksOf('[a](b.md) `[c](d.md)` [e](f.md "h")\n[i]: j.md')).toEqual([
    'b.md',
    'f.md',
    'j.md',
  ])
})

test.each(documents)('every file that %s links to is there', (document) => {
  const missing = linksOf(readFileSync(join(ROOT, document), 'utf8'))
    .filter((target) => !/^([a-z]+:|#)/.test(target))
    .map((target) => decodeURIComponent(target.replace(/#.*$/, '')))
    .filter((path) => !existsSync(join(ROOT, dirname(document), path)))
  expect(missing).toEqual([])
})

/** As GitHub makes anchors of headings. */
function anchorsOf(text: string): Set<string> {
  const seen = new Map<string, number>()
  const headings = text.replace(/^```.*?^```/gms, '').matchAll(/^#{1,6} (.+)$/gm)
  return new Set(
    [...headings].map(([, heading = '']) => {
      const anchor = heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replace(/\s/g, '-')
      const count = seen.get(anchor) ?? 0
      seen.set(anchor, count + 1)
      return count === 0 ? anchor : `${anchor}-${count}`
    }),
  )
}

test.each(documents)('every section that %s links to is there', (document) => {
  const missing = linksOf(readFileSync(join(ROOT, document), 'utf8')).filter((target) => {
    const [, path = '', anchor = ''] = /^([^#:]*)#(.+)$/.exec(target) ?? []
    if (anchor === '' || !/^$|\.md$/.test(path)) return false
    const file = join(ROOT, path === '' ? document : join(dirname(document), path))
    return existsSync(file) && !anchorsOf(readFileSync(file, 'utf8')).has(anchor)
  })
  expect(missing).toEqual([])
})
