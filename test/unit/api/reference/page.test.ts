import { beforeAll, expect, test } from 'vitest'
import type { OpenApi } from '../../../../api/openapi.ts'
import { referencePage } from '../../../../api/reference/page.ts'
import { inventoryOf } from '../../../fakes/inventory.ts'
import { emptyVectors } from '../fleet-vectors.ts'
import { standOver } from '../stand.ts'

let page: Response
let text: string
let document: OpenApi
beforeAll(async () => {
  const { app } = await standOver(inventoryOf(), emptyVectors)
  page = await app.request('/api/docs')
  text = await page.text()
  document = (await (await app.request('/api/openapi.json')).json()) as OpenApi
})

test('every endpoint and every schema has its place, and each link on the page leads somewhere', () => {
  const ids = new Set([...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))
  const links = [...text.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id)

  for (const path of Object.keys(document.paths)) expect(text).toContain(`<code>${path}</code>`)
  for (const name of Object.keys(document.components.schemas)) {
    expect(ids.has(`schema-${name}`), name).toBe(true)
  }
  expect(links.filter((id) => !ids.has(id))).toEqual([])
})

test('it tells parameters with their values, answers, an example and the command that asks for it', () => {
  expect(text).toContain('curl &#39;http://127.0.0.1:5001/api/v1/devices/gori-12&#39;')
  expect(text).toContain('<code>unreachable</code>')
  expect(text).toContain('&quot;down_since&quot;: &quot;2026-11-22T09:45:01.000Z&quot;')
  expect(text).toMatch(/<th scope="row">404<\/th>/)
})

test('nothing runs on it and nothing comes from elsewhere', () => {
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(text).not.toMatch(/<script|style=|\son\w+=/)
  expect(text.match(/(?:src|href)="(?!#|\/api\/)[^"]*"/g)).toBeNull()
})

test('a text of a schema is told as text', async () => {
  const hostile: OpenApi = {
    openapi: '3.1.1',
    info: { title: 'x', version: '<b>1</b>' },
    paths: {
      '/api/<i>': {
        get: {
          summary: '<script>alert(1)</script> and `code`',
          responses: { 200: { description: '"&<>' } },
        },
      },
    },
    components: { schemas: {} },
  }

  const written = String(await referencePage(hostile))

  expect(written).not.toMatch(/<script>|<b>|<i>/)
  expect(written).toContain('<code>code</code>')
})
