import { html } from 'hono/html'
import type { Schema } from '../openapi.ts'
import { nameOf, typesOf } from './example.ts'

export type Markup = ReturnType<typeof html>

/** What a value may be, in words; a name leads to its schema. */
export function typeOf(schema: Schema): Markup {
  if (schema.$ref !== undefined) {
    const name = nameOf(schema.$ref)
    return html`<a href="#schema-${name}">${name}</a>`
  }
  const either = schema.oneOf ?? schema.anyOf ?? schema.allOf
  if (either !== undefined) return joined(either.map(typeOf), ' or ')
  const types = typesOf(schema)
  const words = types.map((type) =>
    type === 'array' ? html`list of ${typeOf(schema.items ?? {})}` : html`${wordOf(type, schema)}`,
  )
  return words.length === 0 ? html`anything` : joined(words, ' or ')
}

function wordOf(type: string, { format }: Schema): string {
  if (type === 'string') return format === 'date-time' ? 'time' : 'text'
  return type
}

/** The values that it may have, and what it is when it isn't given. */
export function valuesOf(schema: Schema): Markup {
  const { minimum, maximum, default: otherwise } = schema
  const words = (schema.enum ?? schema.items?.enum ?? []).filter((word) => word !== null)
  const bounds = [
    minimum === undefined ? '' : `from ${minimum}`,
    maximum === undefined ? '' : `to ${maximum}`,
  ]
  return html`${
    words.length === 0
      ? ''
      : html`<div class="values">
          ${joined(
            words.map((word) => html`<code>${String(word)}</code>`),
            ' ',
          )}
        </div>`
  }
  ${bounds.join('') === '' ? '' : html`<div>${bounds.join(' ').trim()}</div>`}
  ${
    otherwise === undefined || otherwise === ''
      ? ''
      : html`<div>unless given: <code>${String(otherwise)}</code></div>`
  }`
}

/** A text in which backticks mark code. */
export const prose = (text = ''): Markup =>
  html`${text
    .split('`')
    .map((part, index) => (index % 2 === 0 ? part : html`<code>${part}</code>`))}`

const joined = (parts: readonly Markup[], between: string): Markup =>
  html`${parts.flatMap((part, index) => (index === 0 ? [part] : [between, part]))}`
