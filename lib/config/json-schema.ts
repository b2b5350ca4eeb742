import { z } from 'zod'
import { configSchema, deviceSchema } from './schema.ts'

/** The JSON Schema of wardline.yaml, for editors: completion, hints and errors while typing. */
export function configJsonSchema(): Record<string, unknown> {
  const schema = asWritten(configSchema)
  const { $schema: _, ...device } = asWritten(deviceSchema)
  const devices = schema.properties?.['inventory']
  if (typeof devices === 'object')
    Object.assign(devices.properties?.['devices'] ?? {}, { items: device })
  return { ...schema, title: 'wardline.yaml' }
}

/** Of what one writes. A key is required where nothing in its place is refused: texts that are read leniently look optional to zod. */
const asWritten = (schema: z.ZodType) =>
  z.toJSONSchema(schema, {
    io: 'input',
    override({ zodSchema, jsonSchema }) {
      const { def } = zodSchema._zod
      if (def.type !== 'object') return
      const required = Object.entries((def as z.core.$ZodObjectDef).shape)
        .filter(([, value]) => !z.safeParse(value, undefined).success)
        .map(([key]) => key)
      if (required.length > 0) jsonSchema.required = required
      else delete jsonSchema.required
    },
  })

// `node lib/config/json-schema.ts > docs/wardline.schema.json` renews the published one; a test says when it's due.
if (import.meta.main) process.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`)
