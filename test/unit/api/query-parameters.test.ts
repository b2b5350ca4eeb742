import { expect, test } from 'vitest'
import { Problem } from '../../../api/problem.ts'
import {
  anyKnown,
  anyOf,
  freeText,
  oneOf,
  readParameters,
  wholeNumber,
} from '../../../api/query-parameters.ts'

const parameters = {
  status: anyOf(['up', 'down', 'unknown']),
  branch: anyKnown(() => ['Vake', 'Gori, old', '']),
  range: oneOf(['1h', '6h'], '6h'),
  q: freeText,
  limit: wholeNumber({ min: 1, max: 100 }, null),
}
const read = (query: string) => readParameters(`http://host/path${query}`, parameters)

test('nothing asked is the defaults', () => {
  expect(read('')).toEqual({ status: null, branch: null, range: '6h', q: '', limit: null })
})

test('several values come with commas or repeated; a name may hold a comma', () => {
  const query = '?status=up,down&status=unknown&branch=Gori%2C+old&branch=&range=1h&q=+a+&limit=7'

  expect(read(query)).toEqual({
    status: ['up', 'down', 'unknown'],
    branch: new Set(['Gori, old', '']),
    range: '1h',
    q: 'a',
    limit: 7,
  })
})

test.each([
  [
    '?stats=up',
    'stats',
    'unknown parameter stats, did you mean status?; valid ones: status, branch',
  ],
  [
    '?status=dwn',
    'status',
    'status: unknown value "dwn", did you mean down?; valid ones: up, down',
  ],
  ['?status=', 'status', 'status: unknown value ""'],
  ['?branch=Vaka', 'branch', 'branch: unknown value "Vaka", did you mean Vake?'],
  ['?range=2h', 'range', 'valid ones: 1h, 6h'],
  ['?range=1h&range=6h', 'range', 'given 2 times'],
  ['?limit=0', 'limit', 'expected a whole number from 1 to 100, got "0"'],
  ['?limit=1e3', 'limit', 'got "1e3"'],
  ['?__proto__=x', '__proto__', 'unknown parameter __proto__'],
])('%s is a 400 that says what is valid', (query, parameter, message) => {
  const refused = () => read(query)

  expect(refused).toThrow(Problem)
  expect(refused).toThrow(message)
  expect(refused).toThrow(
    expect.objectContaining({ status: 400, extra: expect.objectContaining({ parameter }) }),
  )
})
