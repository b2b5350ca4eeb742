import { expect, test } from 'vitest'
import { applyDisplayHint } from '../../../../../collector/snmp/values/display-hint.ts'

const hex = (text: string): Buffer => Buffer.from(text, 'hex')

test.each([
  ['1d.1d.1d.1d', 'c0a80101', '192.168.1.1'],
  ['1d.1d.1d.1d%4d', 'c0a8010100000003', '192.168.1.1%3'],
  ['1x:', '001a2b3c4d5e', '00:1A:2B:3C:4D:5E'],
  [
    '2x:2x:2x:2x:2x:2x:2x:2x',
    '20010db8000000000000000000000001',
    '2001:0DB8:0000:0000:0000:0000:0000:0001',
  ],
  ['2d-1d-1d,1d:1d:1d.1d,1a1d:1d', '07e80210173b3b092b021e', '2024-2-16,23:59:59.9,+2:30'],
  ['255a', '48656c6c6f', 'Hello'],
  ['255t', 'c3bc', 'ü'],
  ['1t', 'c3bc', 'ü'],
  ['*1x:/1x:', '02aabb01cc', 'AA:BB/01:CC'],
  ['1o ', '08ff', '10 377'],
  ['8d', 'ffffffffffffffff', '18446744073709551615'],
])('%s of %s is %s', (hint, octets, text) => {
  expect(applyDisplayHint(hint, hex(octets))).toBe(text)
})

test.each([
  ['no octets', '1d', ''],
  ['no format', '1', '00'],
  ['an unknown format', '1z', '00'],
  ['no length', 'd', '00'],
  ['a hint for integers', 'd-2', '00'],
  ['nothing', '', '00'],
  ['a number of more than eight octets', '9d', '000000000000000001'],
  ['a format that takes nothing, for ever', '1d0d', '0001'],
])('%s has no form', (_what, hint, octets) => {
  expect(applyDisplayHint(hint, hex(octets))).toBeUndefined()
})
