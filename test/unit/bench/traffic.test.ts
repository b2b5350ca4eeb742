import { expect, test } from 'vitest'
import { parseSnmp } from '../../../bench/frozen/traffic.ts'

test('echoes and datagrams are read by name, wherever a kernel has them', () => {
  const text = [
    'Ip: Forwarding OutRequests',
    'Ip: 1 9',
    'Icmp: InMsgs InEchos OutMsgs OutEchos OutEchoReps',
    'Icmp: 262 125 256 131 125',
    'IcmpMsg: InType0 OutType8',
    'IcmpMsg: 128 131',
    'Udp: InDatagrams NoPorts InErrors OutDatagrams',
    'Udp: 7 0 0 35719010',
    'UdpLite: InDatagrams NoPorts InErrors OutDatagrams',
    'UdpLite: 0 0 0 0',
  ].join('\n')
  expect(parseSnmp(text)).toEqual({ echoes: 131, datagrams: 35_719_010 })
})

test('what a kernel does not count is not taken for none', () => {
  expect(parseSnmp('Icmp: InMsgs\nIcmp: 1').echoes).toBeNaN()
})
