import { format, inspect } from 'node:util'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import { Secret } from '../../../lib/secret.ts'

it('is shown by nothing that prints, and told to the one who asks (E4)', () => {
  const secret = new Secret('hunter2')
  const lines: string[] = []
  pino({}, { write: (line: string) => lines.push(line) }).info({ secret, deep: { list: [secret] } })
  const shown = [
    String(secret),
    `${secret}`,
    JSON.stringify({ secret }),
    inspect({ a: { b: { c: secret } } }, { depth: 9, showHidden: true }),
    format('%s %o %j', secret, secret, secret),
    ...lines,
  ].join('\n')
  expect(shown).not.toContain('hunter2')
  expect(shown).toContain('<secret>')
  expect(secret.reveal()).toBe('hunter2')
})
