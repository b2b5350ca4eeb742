import { z } from 'zod'
import { configSchema, deviceSchema } from './schema.ts'

/** The JSON Schema of wardline.yaml, for editors: completion, hints and errors while typing. */
export function configJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(configSchema, { io: 'input' })
  const { $schema: _, ...device } = z.toJSONSchema(deviceSchema, { io: 'input' })
  const devices = schema.properties?.['inventory']
  if (typeof devices === 'object')
    Object.assign(devices.properties?.['devices'] ?? {}, { items: device })
  return { ...schema, title: 'wardline.yaml' }
}

// `node lib/config/json-schema.ts > docs/wardline.schema.json` renews the published one; a test says when it's due.
if (import.meta.main) process.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`)
