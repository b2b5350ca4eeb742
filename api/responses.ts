import type { z } from 'zod'
import { problemSchema } from './schemas.ts'

// The answers that many endpoints share, as their routes describe them.

export const refusal = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemSchema } },
})

export const json = <S extends z.ZodType>(description: string, schema: S) => ({
  description,
  content: { 'application/json': { schema } },
})

const unavailable = refusal("The fleet's status can't be told now, or too much is asked")
const badRequest = refusal('A parameter or a value that there is not')

/** Told from a view: whoever has this very view gets a 304. */
export const fromView = <S extends z.ZodType>(description: string, schema: S) => ({
  200: json(description, schema),
  304: { description: 'The view that the client has, by its `If-None-Match`' },
  400: badRequest,
  503: unavailable,
})

/** Asked for when it is read. */
export const asked = <S extends z.ZodType>(description: string, schema: S) => ({
  200: json(description, schema),
  400: badRequest,
  503: unavailable,
})

export const noDevice = { 404: refusal('No such device; the nearest id is named') }
