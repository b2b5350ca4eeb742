import { describe, expect, test } from 'vitest'
import { createPolicy } from '../../../../lib/egress/policy.ts'

const policyOf = (given: { allow?: string[]; deny?: string[] } = {}) =>
  createPolicy({ allow: [], deny: [], ...given })

const isOpen = (
  address: string,
  given: { allow?: string[]; deny?: string[] } = {},
  host = 'x.example',
) => policyOf(given).againstAddress(address, host) === null

describe('by itself', () => {
  test.each([
    '0.0.0.0',
    '0.1.2.3',
    '169.254.169.254',
    '169.254.170.2',
    '169.254.0.23',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    '224.0.0.1',
    '239.255.255.250',
    '255.255.255.255',
    '240.0.0.1',
    '::',
    'fe80::1',
    'fe80::1%eth0',
    'febf::1',
    'ff02::1',
    'fd00:ec2::254',
    'fd20:ce::254',
    // The same, written into IPv6.
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '::ffff:0:a9fe:a9fe',
    '::169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::a9fe:a9fe',
    '2002:a9fe:a9fe::1',
    '2001:0:a9fe:a9fe::1',
    '2001:0:cb00:7101:0:0:5601:5601',
  ])('nothing is sent to %s', (address) => {
    expect(isOpen(address)).toBe(false)
  })

  test.each([
    '127.0.0.1',
    '::1',
    '10.1.2.3',
    '192.168.0.1',
    '172.16.0.1',
    '100.64.0.1',
    'fd00::1',
    '198.18.0.1',
    '203.0.113.7',
    '2001:db8::1',
    '::ffff:10.0.0.1',
    '64:ff9b::cb00:7107',
    '2002:cb00:7107::1',
  ])('whatever is named may be at %s', (address) => {
    expect(isOpen(address)).toBe(true)
  })

  test.each([
    'metadata.google.internal',
    'Metadata.Google.Internal.',
    'metadata',
    'instance-data',
    '169.254.169.254',
    '[fe80::1]',
    '[::ffff:169.254.169.254]',
  ])('%s is refused as it is written', (host) => {
    expect(policyOf().againstHost(host)).not.toBeNull()
  })

  test.each(['hooks.example.com', 'metadata.example.com', '127.0.0.1', '[::1]', 'localhost'])(
    '%s may be asked for',
    (host) => {
      expect(policyOf().againstHost(host)).toBeNull()
    },
  )
})

describe('the configuration', () => {
  test('closes more', () => {
    expect(isOpen('10.0.0.1', { deny: ['10.0.0.0/8'] })).toBe(false)
    expect(isOpen('::ffff:10.0.0.1', { deny: ['10.0.0.0/8'] })).toBe(false)
    expect(isOpen('11.0.0.1', { deny: ['10.0.0.0/8'] })).toBe(true)
    expect(isOpen('2001:db8::1', { deny: ['2001:db8::1'] })).toBe(false)
  })

  test('opens what is closed by itself, in the range that it names', () => {
    expect(isOpen('169.254.169.254', { allow: ['169.254.169.254'] })).toBe(true)
    expect(isOpen('169.254.169.254', { allow: ['169.254.0.0/16'] })).toBe(true)
    expect(isOpen('169.254.169.253', { allow: ['169.254.169.254'] })).toBe(false)
    expect(isOpen('169.254.169.254', { allow: ['0.0.0.0/0'] })).toBe(false)
  })

  test('is decided by the narrowest range, and of two as narrow by deny', () => {
    const given = { allow: ['10.1.0.0/16'], deny: ['0.0.0.0/0', '10.1.7.0/24'] }
    expect(isOpen('203.0.113.7', given)).toBe(false)
    expect(isOpen('10.1.2.3', given)).toBe(true)
    expect(isOpen('10.1.7.1', given)).toBe(false)
    expect(isOpen('10.0.0.1', { allow: ['10.0.0.0/8'], deny: ['10.0.0.0/8'] })).toBe(false)
  })

  test('opens a name with whatever it resolves to of what deny closes, not with what is closed by itself', () => {
    const given = { allow: ['hooks.example.com'], deny: ['0.0.0.0/0', '::/0'] }
    expect(isOpen('203.0.113.7', given, 'hooks.example.com')).toBe(true)
    expect(isOpen('203.0.113.7', given, 'Hooks.Example.com.')).toBe(true)
    expect(isOpen('203.0.113.7', given, 'other.example.com')).toBe(false)
    expect(isOpen('169.254.169.254', given, 'hooks.example.com')).toBe(false)
  })

  test('closes and opens names, and with *. all below one', () => {
    const policy = policyOf({ allow: ['good.evil.example'], deny: ['*.evil.example'] })
    expect(policy.againstHost('www.evil.example')).not.toBeNull()
    expect(policy.againstHost('a.b.evil.example')).not.toBeNull()
    expect(policy.againstHost('evil.example')).toBeNull()
    expect(policy.againstHost('good.evil.example')).toBeNull()
    expect(policyOf({ allow: ['metadata'] }).againstHost('metadata')).toBeNull()
  })
})
