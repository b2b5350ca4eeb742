import { Hono } from 'hono'
import type { ApiParts } from '../app.ts'
import { openApiOf } from '../openapi.ts'

export function openApiRoutes({ version }: ApiParts): Hono {
  const document = openApiOf(version)
  return new Hono().get('/openapi.json', (c) => c.json(document))
}
