import { endianness } from 'node:os'
import { describe, expect, test } from 'vitest'
import { findCanaries } from '../../../../collector/blindness/canaries.ts'

/** As the kernel of this machine writes an address. */
const hex = (address: string): string => {
  const bytes = address.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0'))
  return (endianness() === 'LE' ? bytes.toReversed() : bytes).join('').toUpperCase()
}

const HEADER = 'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT'
const route = (destination: string, gateway: string, flags: string, mask: string): string =>
  ['eth0', hex(destination), hex(gateway), flags, 0, 0, 100, hex(mask), 0, 0, 0].join('\t')

const ZERO6 = '0'.repeat(32)
const route6 = (destination: string, length: string, hop: string, link = 'eth0'): string =>
  `${destination} ${length} ${ZERO6} 00 ${hop} 00000400 00000001 00000000 00000003     ${link}`

const nothing = { routes: '', routes6: '', resolvers: '', own: [] }

describe('canaries that are found', () => {
  test('the default gateway, and no other', () => {
    const routes = [
      HEADER,
      route('0.0.0.0', '192.0.2.1', '0003', '0.0.0.0'),
      route('198.51.100.0', '192.0.2.9', '0003', '255.255.255.0'),
      route('192.0.2.0', '0.0.0.0', '0001', '255.255.255.0'),
      route('0.0.0.0', '0.0.0.0', '0001', '0.0.0.0'),
      '',
    ].join('\n')
    expect(findCanaries({ ...nothing, routes })).toEqual(['192.0.2.1'])
  })

  test('that of IPv6, with its link where the address needs one', () => {
    const routes6 = [
      route6(ZERO6, '00', '20010db8000000000000000000000001'),
      route6(ZERO6, '00', 'fe800000000000000000000000000001', 'wlan0'),
      route6('20010db8000000000000000000000000', '40', ZERO6),
      route6(ZERO6, '00', ZERO6, 'lo'),
    ].join('\n')
    expect(findCanaries({ ...nothing, routes6 })).toEqual(['2001:db8::1', 'fe80::1%wlan0'])
  })

  test('the resolvers', () => {
    const resolvers =
      '# nameserver 192.0.2.99\nsearch example\nnameserver 192.0.2.53\n  nameserver\t2001:db8::53\n'
    expect(findCanaries({ ...nothing, resolvers })).toEqual(['192.0.2.53', '2001:db8::53'])
  })

  test('each once, without loopback and this machine itself: they answer whatever is lost', () => {
    const found = findCanaries({
      routes: `${HEADER}\n${route('0.0.0.0', '192.0.2.1', '0003', '0.0.0.0')}`,
      routes6: '',
      resolvers: [
        'nameserver 192.0.2.1',
        'nameserver 127.0.0.53',
        'nameserver ::1',
        'nameserver 192.0.2.7',
        'nameserver fe80::7%eth0',
        'nameserver not-an-address',
      ].join('\n'),
      own: ['192.0.2.7', 'fe80::7'],
    })
    expect(found).toEqual(['192.0.2.1'])
  })

  test('none where nothing is told', () => {
    expect(findCanaries(nothing)).toEqual([])
  })
})
