import { createHash } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
import { extname } from 'node:path'
import { Hono } from 'hono'
import { hasTag } from '../answer.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Nothing comes from elsewhere, nothing inline runs, nobody frames it. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

type PageFile = { readonly text: string; readonly type: string; readonly tag: string }

/** The live page: the files of api/page, read once. */
export async function loadPage(): Promise<ReadonlyMap<string, PageFile>> {
  const directory = new URL('../page/', import.meta.url)
  const files = new Map<string, PageFile>()
  for (const name of await readdir(directory)) {
    const type = TYPES[extname(name)]
    if (type === undefined) continue
    const text = await readFile(new URL(name, directory), 'utf8')
    const tag = `W/"${createHash('sha256').update(text).digest('base64url').slice(0, 16)}"`
    files.set(name === 'index.html' ? '/' : `/page/${name}`, { text, type, tag })
  }
  return files
}

export function pageRoutes(files: ReadonlyMap<string, PageFile>): Hono {
  const app = new Hono()
  for (const [path, { text, type, tag }] of files) {
    app.get(path, (c) => {
      c.header('ETag', tag)
      c.header('Cache-Control', 'no-cache')
      c.header('Content-Security-Policy', POLICY)
      if (hasTag(c.req.header('if-none-match'), tag)) return c.body(null, 304)
      return c.body(text, 200, { 'content-type': type })
    })
  }
  return app
}
