import { z } from '@hono/zod-openapi'

/** What the heads of routes about one device have in common. */

export const tags = ['Devices']

/** The version that a change is about: of another one it is a 412. */
export const ifMatch = z.object({
  'if-match': z
    .string()
    .optional()
    .meta({ description: 'The ETag of the version that was looked at' }),
})

export const jsonBody = <S extends z.ZodType>(schema: S) => ({
  content: { 'application/json': { schema } },
  required: true,
})
