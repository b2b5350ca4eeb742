import fc from 'fast-check'
import { expect, it, test } from 'vitest'
import { substitute } from '../../../../lib/config/environment.ts'

const environment = { HOST: 'vm', PORT: '8428', EMPTY: '', TRICKY: 'a${HOST}$1$&' }

test.each([
  ['http://${HOST}:${PORT}/', 'http://vm:8428/'],
  ['$HOST costs $5 {x}', '$HOST costs $5 {x}'],
  ['$${HOST}', '${HOST}'],
  ['${TRICKY}', 'a${HOST}$1$&'],
])('%s becomes %s', (text, filled) => {
  expect(substitute({ list: [text] }, environment)).toEqual({
    value: { list: [filled] },
    findings: [],
  })
})

test.each([
  ['${NOT_SET}', 'the environment variable NOT_SET is not set: set it before wardline starts'],
  ['${EMPTY}', 'the environment variable EMPTY is not set: set it before wardline starts'],
  [
    '${HOST:-x}',
    'expected ${NAME} with the name of an environment variable; write $${ for a plain ${',
  ],
  ['${HOST', 'expected ${NAME} with the name of an environment variable; write $${ for a plain ${'],
])('%s is told with its place', (text, message) => {
  expect(substitute({ a: [{ b: text }] }, environment).findings).toEqual([
    { path: ['a', 0, 'b'], message },
  ])
})

it('leaves every text without ${ alone', () => {
  fc.assert(
    fc.property(
      fc.string().filter((text) => !text.includes('${')),
      (text) => {
        expect(substitute(text, environment)).toEqual({ value: text, findings: [] })
      },
    ),
  )
})
