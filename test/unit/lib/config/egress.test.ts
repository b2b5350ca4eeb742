import { expect, test } from 'vitest'
import { egressSchema } from '../../../../lib/config/egress.ts'

test.each([
  '10.0.0.0/8',
  '10.1.2.3',
  'fd00::/8',
  '2001:db8::1',
  'hooks.example.com',
  'localhost',
  '*.example.com',
])('%s is a place', (place) => {
  expect(egressSchema.safeParse({ allow: [place] }).success).toBe(true)
})

test.each([
  '10.0.0.0/33',
  '10.0.0.0/',
  '10.0.0/8',
  '010.0.0.1',
  '10.0.0.256',
  '2852039166',
  '0xa9fea9fe',
  'http://example.com',
  'example.com:80',
  '*',
  'a..b',
  '',
])('%j is none: the message says what is', (place) => {
  const { error } = egressSchema.safeParse({ deny: [place] })
  expect(error?.issues.map(({ message }) => message)).toEqual([
    expect.stringContaining('expected an address, a range such as 10.0.0.0/8'),
  ])
})
