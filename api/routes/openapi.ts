import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi'
import { hasTag } from '../answer.ts'
import { type ApiEnv, createEndpoints } from '../endpoint.ts'
import type { OpenApi } from '../openapi.ts'
import { referencePage } from '../reference/page.ts'

/** Nothing runs, nothing comes from elsewhere, nobody frames it. */
const POLICY =
  "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const tags = ['Reference']

const documentRoute = createRoute({
  method: 'get',
  path: '/openapi.json',
  tags,
  summary: 'The description of this interface',
  responses: {
    200: {
      description: 'OpenAPI 3.1',
      content: { 'application/json': { schema: z.looseObject({ openapi: z.string() }) } },
    },
    304: { description: 'The description that the client has, by its `If-None-Match`' },
  },
})

const html = (description: string, mediaType: string) => ({
  200: { description, content: { [mediaType]: { schema: z.string() } } },
})

const referenceRoute = createRoute({
  method: 'get',
  path: '/docs',
  tags,
  summary: 'The same as a page',
  responses: html('For people', 'text/html'),
})

const styleRoute = createRoute({
  method: 'get',
  path: '/docs/reference.css',
  tags,
  summary: 'How the page looks',
  responses: html('A style sheet', 'text/css'),
})

const tagOf = (document: OpenApi): string =>
  `W/"${createHash('sha256').update(JSON.stringify(document)).digest('base64url').slice(0, 16)}"`

/** The document is asked for when every route is there. */
export function openApiRoutes(describe: () => OpenApi): OpenAPIHono<ApiEnv> {
  let made: OpenApi | undefined
  let documentTag: string | undefined
  const document = (): OpenApi => (made ??= describe())
  const style = readFile(new URL('../reference/reference.css', import.meta.url), 'utf8')

  return createEndpoints()
    .openapi(documentRoute, (c) => {
      const tag = (documentTag ??= tagOf(document()))
      c.header('ETag', tag)
      c.header('Cache-Control', 'no-cache')
      if (hasTag(c.req.header('if-none-match'), tag)) return c.body(null, 304)
      return c.json({ ...document() }, 200)
    })
    .openapi(referenceRoute, (c) => {
      c.header('Content-Security-Policy', POLICY)
      c.header('Cache-Control', 'no-cache')
      return c.html(referencePage(document()))
    })
    .openapi(styleRoute, async (c) => {
      c.header('Cache-Control', 'no-cache')
      return c.body(await style, 200, { 'content-type': 'text/css; charset=utf-8' })
    })
}
