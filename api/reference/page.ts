import { html } from 'hono/html'
import type { OpenApi, Operation, Parameter, Schema } from '../openapi.ts'
import { exampleOf, referredTo } from './example.ts'
import { type Markup, prose, typeOf, valuesOf } from './words.ts'

type Entry = {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly operation: Operation
}

/** The reference as a page that needs no script: by subject, with an anchor for each endpoint and each schema. */
export function referencePage(document: OpenApi): Markup {
  const entries = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]): Entry => ({
      id: idOf(method, path),
      method,
      path,
      operation,
    })),
  )
  const subjects = Map.groupBy(entries, ({ operation }) => operation.tags?.[0] ?? 'Others')
  const schemas = Object.entries(document.components.schemas)
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>wardline API ${document.info.version}</title>
        <link rel="stylesheet" href="/api/docs/reference.css" />
      </head>
      <body>
        <a class="skip" href="#content">To the endpoints</a>
        <header>
          <h1>wardline API <small>${document.info.version}</small></h1>
          <p>${prose(document.info.description)}</p>
          <p>The same for programs: <a href="/api/openapi.json">openapi.json</a></p>
        </header>
        <nav aria-label="Endpoints">
          ${[...subjects].map(
            ([subject, own]) =>
              html`<h2>${subject}</h2>
                <ul>
                  ${own.map(
                    ({ id, method, path }) =>
                      html`<li>
                        <a href="#${id}"><span class="method">${method}</span> ${path}</a>
                      </li>`,
                  )}
                </ul>`,
          )}
          <h2><a href="#schemas">Schemas</a></h2>
        </nav>
        <main id="content">
          ${[...subjects].map(
            ([subject, own]) =>
              html`<section>
                <h2>${subject}</h2>
                ${own.map((entry) => endpoint(entry, document))}
              </section>`,
          )}
          <section id="schemas">
            <h2>Schemas</h2>
            ${schemas.map(
              ([name, schema]) =>
                html`<article id="schema-${name}">
                  <h3>${name}</h3>
                  <p>${prose(schema.description)}</p>
                  ${members(schema)}
                </article>`,
            )}
          </section>
        </main>
      </body>
    </html>`
}

const idOf = (method: string, path: string): string =>
  `${method}${path.replaceAll(/[^A-Za-z0-9]+/g, '-')}`.replace(/-$/, '')

function endpoint({ id, method, path, operation }: Entry, document: OpenApi): Markup {
  const { summary, description, parameters = [], requestBody, responses, security = [] } = operation
  const sent = Object.entries(requestBody?.content ?? {})
  const role = security.flatMap((ways) => Object.values(ways).flat())[0]
  return html`<article id="${id}">
    <h3>
      <a href="#${id}"><span class="method">${method}</span> <code>${path}</code></a>
    </h3>
    <p class="summary">${prose(summary)}</p>
    ${description === undefined ? '' : html`<p>${prose(description)}</p>`}
    ${role === undefined ? '' : html`<p>Takes the role <b>${role}</b>.</p>`}
    ${parameters.length === 0 ? '' : parameterTable(parameters)}
    ${sent.map(
      ([mediaType, { schema = {} }]) =>
        html`<h4>Body <small>${mediaType}</small></h4>
          ${members(schema)}`,
    )}
    <h4>Answers</h4>
    <table>
      ${headOf('Status', 'When', 'Body')}
      <tbody>
        ${Object.entries(responses).map(([status, answer]) => {
          const bodies = Object.entries(answer.content ?? {})
          return html`<tr>
            <th scope="row">${status}</th>
            <td>${prose(answer.description)}</td>
            <td>
              ${bodies.map(
                ([mediaType, { schema = {} }]) =>
                  html`${typeOf(schema)} <small>${mediaType}</small> `,
              )}
            </td>
          </tr>`
        })}
      </tbody>
    </table>
    <h4>Example</h4>
    <pre tabindex="0"><code>${curlOf(method, path, operation, document)}</code></pre>
    ${answerExample(operation, document)}
  </article>`
}

const headOf = (...columns: readonly string[]): Markup =>
  html`<thead>
    <tr>
      ${columns.map((column) => html`<th scope="col">${column}</th>`)}
    </tr>
  </thead>`

function parameterTable(parameters: readonly Parameter[]): Markup {
  return html`<h4>Parameters</h4>
    <table>
      ${headOf('Name', 'Is', 'Means')}
      <tbody>
        ${parameters.map(
          ({ name, in: place, required, description, schema }) =>
            html`<tr>
              <th scope="row">
                <code>${name}</code> <small>${place}${required === true ? ', needed' : ''}</small>
              </th>
              <td>${typeOf(schema)}</td>
              <td>${prose(description ?? schema.description)} ${valuesOf(schema)}</td>
            </tr>`,
        )}
      </tbody>
    </table>`
}

/** The members of an object, those of objects within it under their paths. */
function members(schema: Schema): Markup {
  const rows = membersOf(schema, '')
  if (rows.length === 0) return html`<p>${typeOf(schema)} ${valuesOf(schema)}</p>`
  return html`<table>
    ${headOf('Member', 'Is', 'Means')}
    <tbody>
      ${rows.map(
        ([path, member]) =>
          html`<tr>
            <th scope="row"><code>${path}</code></th>
            <td>${typeOf(member)}</td>
            <td>${prose(member.description)} ${valuesOf(member)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`
}

function membersOf(schema: Schema, prefix: string): [string, Schema][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
    const path = `${prefix}${name}`
    const inner = member.items === undefined ? member : member.items
    const below = member.items === undefined ? `${path}.` : `${path}[].`
    return [[path, member] as [string, Schema], ...membersOf(inner, below)]
  })
}

function curlOf(method: string, path: string, operation: Operation, document: OpenApi): string {
  const { parameters = [], requestBody } = operation
  const { schemas } = document.components
  const filled = parameters
    .filter((one) => one.in === 'path')
    .reduce(
      (url, { name, schema }) => url.replace(`{${name}}`, String(exampleOf(schema, schemas))),
      path,
    )
  const [body] = Object.values(requestBody?.content ?? {})
  const parts = [
    'curl',
    ...(method === 'get'
      ? []
      : [`-X ${method.toUpperCase()}`, '-H "Authorization: Bearer $TOKEN"']),
    ...(body?.schema === undefined
      ? []
      : [
          '-H "Content-Type: application/json"',
          `-d '${JSON.stringify(exampleOf(body.schema, schemas)).replaceAll("'", String.raw`'\''`)}'`,
        ]),
    `'http://127.0.0.1:5001${filled}'`,
  ]
  return parts.join(' ')
}

function answerExample({ responses }: Operation, document: OpenApi): Markup {
  const schema = Object.entries(responses)
    .filter(([status]) => status.startsWith('2'))
    .map(([, answer]) => answer.content?.['application/json']?.schema)
    .find((one) => one !== undefined)
  if (schema === undefined) return html``
  const { schemas } = document.components
  const resolved = schema.$ref === undefined ? schema : referredTo(schema.$ref, schemas)
  const example = JSON.stringify(exampleOf(resolved, schemas), null, 2)
  return html`<pre tabindex="0"><code>${example}</code></pre>`
}
