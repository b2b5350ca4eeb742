import { createHash } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
import { extname } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { type Context, Hono } from 'hono'
import { hasTag, takesGzip } from '../answer.ts'
import { Problem } from '../problem.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
}

/** Nothing comes from elsewhere, nothing inline runs, nobody frames it. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

/** Where a view is: the same document for each, and its script reads the path. */
export const VIEWS = [
  '/',
  '/devices',
  '/devices/:id',
  '/alerts',
  '/silences',
  '/maintenance',
  '/reports',
  '/collectors',
  '/audit',
  '/login',
  '/account',
]

/** What of packages the page uses, and the name that it has there. */
const VENDORED: Readonly<Record<string, string>> = {
  'vendor/uplot.js': 'uplot/dist/uPlot.esm.js',
  'vendor/uplot.css': 'uplot/dist/uPlot.min.css',
}

const compress = promisify(gzip)

const FOREVER = 'public, max-age=31536000, immutable'

export type PageFile = { readonly text: string; readonly type: string }

/** The live page: its files by name, and one tag for all of them. */
export type Page = {
  readonly files: ReadonlyMap<string, PageFile>
  readonly tag: string
}

/** The files of api/page, read once. */
export async function loadPage(): Promise<Page> {
  const root = new URL('../page/', import.meta.url)
  const files = new Map<string, PageFile>()
  const found = await readdir(root, { recursive: true })
  for (const name of found.map((each) => each.replaceAll('\\', '/')).sort()) {
    const type = TYPES[extname(name)]
    if (type !== undefined)
      files.set(name, { text: await readFile(new URL(name, root), 'utf8'), type })
  }
  for (const [name, of] of Object.entries(VENDORED)) {
    const text = await readFile(new URL(import.meta.resolve(of)), 'utf8')
    files.set(name, { text, type: TYPES[extname(name)] ?? '' })
  }
  files.set('styles.css', { text: allStyles(files), type: TYPES['.css'] ?? '' })
  const hash = createHash('sha256')
  for (const [name, { text }] of files) hash.update(`${name}\n${text}\n`)
  return { files, tag: hash.digest('base64url').slice(0, 16) }
}

/**
 * The page at each of its paths, and its files below `/page/`. Those that the page asks for have its tag in their
 * address (`/page/~<tag>/main.js`): a browser keeps them for good, and asks for others once the page changed.
 */
export function pageRoutes(page: Page): Hono {
  const { files, tag } = page
  const app = new Hono()
  const etag = `W/"${tag}"`
  const shown = documentOf(page)
  const packed = new Map<PageFile, Promise<Uint8Array<ArrayBuffer>>>()

  for (const path of VIEWS) {
    app.get(path, (c) => {
      c.header('Content-Security-Policy', POLICY)
      return answer(c, shown)
    })
  }
  app.get('/page/*', (c) => {
    const [, asked, name = ''] = /^\/page\/(?:~([\w-]+)\/)?(.*)$/.exec(c.req.path) ?? []
    const file = name === 'index.html' ? undefined : files.get(name)
    if (file === undefined) throw new Problem(404, 'Not found', `nothing is at ${c.req.path}`)
    // A page that is still open asks for parts of an earlier one: it gets those of today, and keeps none of them.
    return answer(c, file, asked === tag)
  })
  return app

  async function answer(c: Context, file: PageFile, isForever = false): Promise<Response> {
    c.header('ETag', etag)
    c.header('Cache-Control', isForever ? FOREVER : 'no-cache')
    if (hasTag(c.req.header('if-none-match'), etag)) return c.body(null, 304)
    c.header('Vary', 'Accept-Encoding')
    c.header('Content-Type', file.type)
    if (!takesGzip(c)) return c.body(file.text)
    c.header('Content-Encoding', 'gzip')
    return c.body(await pack(file))
  }

  /** Compressed once, as small as it gets. */
  function pack(file: PageFile): Promise<Uint8Array<ArrayBuffer>> {
    let made = packed.get(file)
    if (made === undefined) packed.set(file, (made = compress(file.text, { level: 9 })))
    return made
  }
}

/** The page where it has no view: it says so, and leads home. */
export function pageOfNothing(page: Page): (c: Context) => Response {
  const { text, type } = documentOf(page)
  return (c) => {
    c.header('Content-Security-Policy', POLICY)
    c.header('Cache-Control', 'no-store')
    return c.body(text, 404, { 'content-type': type })
  }
}

/** The document of every view, its files under their tag. */
function documentOf({ files, tag }: Page): PageFile {
  const document = files.get('index.html')
  if (document === undefined) throw new Error('api/page/index.html is missing')
  const text = document.text
    .replace('<!-- modules -->', preloads(files))
    .replaceAll('"/page/', `"/page/~${tag}/`)
  return { ...document, text }
}

/** Every style sheet in one: those that the others build upon first, then each view's. */
function allStyles(files: Page['files']): string {
  const first = ['css/base.css', 'css/shell.css', 'vendor/uplot.css']
  const others = [...files.keys()].filter((name) => name.endsWith('.css') && !first.includes(name))
  return [...first, ...others].map((name) => files.get(name)?.text).join('\n')
}

/** What the first view is made of, named at once: modules that import each other would be fetched turn by turn. */
function preloads(files: Page['files']): string {
  const wanted = new Set(['main.js', 'views/wall.js'])
  for (const name of wanted) {
    for (const [, path = ''] of files.get(name)?.text.matchAll(/ from '(\.[^']+)'/g) ?? []) {
      wanted.add(new URL(path, `file:///${name}`).pathname.slice(1))
    }
  }
  return [...wanted]
    .map((name) => `<link rel="modulepreload" href="/page/${name}" />`)
    .join('\n    ')
}
