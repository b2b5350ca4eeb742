import type { Schema } from '../openapi.ts'

type Schemas = Readonly<Record<string, Schema>>

/** Refers to itself no further than this. */
const DEEPEST = 8

/** A value that the schema takes: its own example where it has one. */
export function exampleOf(schema: Schema, schemas: Schemas, depth = 0): unknown {
  const { examples, enum: words, default: otherwise } = schema
  if (examples?.[0] !== undefined) return examples[0]
  if (otherwise !== undefined) return otherwise
  if (words?.[0] !== undefined) return words[0]
  if (depth > DEEPEST) return null
  const inner = (one: Schema): unknown => exampleOf(one, schemas, depth + 1)
  if (schema.$ref !== undefined) return inner(referredTo(schema.$ref, schemas))
  if (schema.allOf !== undefined) return Object.assign({}, ...schema.allOf.map(inner)) as unknown
  const [first] = schema.oneOf ?? schema.anyOf ?? []
  if (first !== undefined) return inner(first)
  if (typesOf(schema).includes('null') && typesOf(schema).length > 1 && depth > 3) return null
  switch (typesOf(schema)[0]) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([name, member]) => [name, inner(member)]),
      )
    case 'array':
      if (schema.prefixItems !== undefined) return schema.prefixItems.map(inner)
      // Lists within lists are empty where they may be.
      if (schema.items === undefined || (depth > 2 && !schema.minItems)) return []
      return [inner(schema.items)]
    case 'integer':
    case 'number':
      return schema.minimum ?? 1
    case 'boolean':
      return true
    case 'string':
      return schema.format === 'date-time' ? '2026-11-22T09:45:01.000Z' : '…'
    case 'null':
    case undefined:
    default:
      return null
  }
}

export const typesOf = ({ type }: Schema): readonly string[] =>
  type === undefined ? [] : typeof type === 'string' ? [type] : type

export const nameOf = (ref: string): string => ref.split('/').at(-1) ?? ref

export const referredTo = (ref: string, schemas: Schemas): Schema => schemas[nameOf(ref)] ?? {}
