import { expect, test } from 'vitest'
import {
  type Delivery,
  readDeliveries,
  readProbes,
  withSharedMessages,
} from '../../../../api/explain/csv.ts'

test('what one probe measured is put together, oldest first, each probe once', () => {
  const csv = [
    '2000,1,ping_up,v1',
    '1000,0,ping_up,"a,\\"b"',
    '2000,0.0125,ping_rtt_seconds,v1',
    '2000,0,ping_loss_ratio,v1',
    '1000,1,ping_loss_ratio,"a,\\"b"',
    '2000,1,ping_up,v1',
    '3000,1,ping_loss_ratio,v1',
    'nonsense',
    '',
  ].join('\n')

  expect(readProbes(csv)).toEqual([
    { at: 1000, up: false, rttSeconds: null, lossRatio: 1, vantage: 'a,"b' },
    { at: 2000, up: true, rttSeconds: 0.0125, lossRatio: 0, vantage: 'v1' },
  ])
})

test('attempts to tell a receiver, oldest first; names may hold commas', () => {
  const csv = '2000,0.5,accepted,first notification,DeviceDown,noc\n1000,5,timeout,,,"night, all"\n'

  expect(readDeliveries(csv)).toEqual([
    { at: 1000, receiver: 'night, all', alert: '', result: 'timeout', reason: '', seconds: 5 },
    {
      at: 2000,
      receiver: 'noc',
      alert: 'DeviceDown',
      result: 'accepted',
      reason: 'first notification',
      seconds: 0.5,
    },
  ])
})

test('a first telling that no attempt names the device of was one about several devices', () => {
  const told = (at: number, changed: Partial<Delivery> = {}): Delivery => ({
    at,
    receiver: 'noc',
    alert: 'DeviceDown',
    result: 'accepted',
    reason: 'first notification',
    seconds: 0.1,
    ...changed,
  })
  const firsts = [told(1_000, { result: '', reason: '', seconds: 4 }), told(60_000, { result: '' })]
  expect(withSharedMessages([told(1_010)], firsts)).toEqual([
    told(1_010),
    told(60_000, { seconds: null }),
  ])
})
