import { describe, expect, it, test } from 'vitest'
import { addressProblem, canonicalAddress, embeddedAddress } from '../../../lib/address.ts'

describe('addressProblem', () => {
  test.each([
    '10.0.0.1',
    '2001:db8::1',
    'fe80::1%eth0',
    'core-1',
    'core_1.example.net',
    'core-1.example.net.',
    '4g-router',
    'მთავარი.გე',
    'a'.repeat(63),
  ])('%s may be an address', (address) => {
    expect(addressProblem(address)).toBeNull()
  })

  const expected = 'expected an IP address or a host name, got'
  test.each([
    ['10.0.0.1 -', `${expected} "10.0.0.1 -", did you mean 10.0.0.1?`],
    ['10.0.0.1/24', `${expected} "10.0.0.1/24", did you mean 10.0.0.1?`],
    ['10.0.0.1:161', `${expected} "10.0.0.1:161", did you mean 10.0.0.1?`],
    ['http://10.0.0.1/', `${expected} "http://10.0.0.1/", did you mean 10.0.0.1?`],
    ['router (10.0.0.1)', `${expected} "router (10.0.0.1)", did you mean 10.0.0.1?`],
    ['10.0.0', `${expected} "10.0.0"`],
    ['10.0.0.300', `${expected} "10.0.0.300"`],
    ['1.2.3.4.5', `${expected} "1.2.3.4.5"`],
    ['10.000.001.1', `${expected} "10.000.001.1": write the numbers without leading zeros`],
    ['-f', `${expected} "-f"`],
    ['a b', `${expected} "a b"`],
    ['core..net', `${expected} "core..net"`],
    ['a'.repeat(64), `${expected} "${'a'.repeat(64)}"`],
    ['0.0.0.0', 'expected the address of one device, got the unspecified address 0.0.0.0'],
    ['224.0.0.5', 'expected the address of one device, got the multicast address 224.0.0.5'],
    ['::', 'expected the address of one device, got the unspecified address ::'],
  ])('%s is refused', (address, message) => {
    expect(addressProblem(address)).toBe(message)
  })
})

it('one address in several spellings has one canonical text', () => {
  const spellings = ['2001:DB8:0::1', '2001:db8::1', '2001:0db8:0:0:0:0:0:1']
  expect(new Set(spellings.map(canonicalAddress)).size).toBe(1)
  expect(canonicalAddress('Core-1.Example.net.')).toBe(canonicalAddress('core-1.example.net'))
})

test.each([
  ['Switch 10.0.0.1', '10.0.0.1'],
  ['10.0.0.1-old', '10.0.0.1'],
  ['v1.2.3.4.5', null],
  ['1.2.3.999', null],
  ['Switch', null],
])('the address inside of %j is %j', (text, address) => {
  expect(embeddedAddress(text)).toBe(address)
})
