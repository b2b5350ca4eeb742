import { expect, test } from 'vitest'
import { readSlowest, slowestQuery } from '../../../api/slowest.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { point } from './fleet-vectors.ts'

const { current } = inventoryOf(device('a'), device('b'), device('moved', { branch: 'new' }))
const all = { limit: 10, branch: null, region: null }
const of = (id: string, but = {}) => ({ device: id, branch: 'Vake', region: 'Tbilisi', ...but })
const poll = (seconds: number, labels: Record<string, string>) =>
  point(seconds, { __name__: 'snmp_poll_seconds', ...labels })

test('the slowest come first, with what else is known of their last poll', () => {
  const vector = [
    point(7, { __name__: 'snmp_pdus', ...of('b') }),
    poll(0.5, of('a')),
    poll(4.25, of('b')),
    point(1.5, of('b')),
  ]

  expect(readSlowest(vector, current)).toMatchObject([
    { device: 'b', poll_seconds: 4.25, mean_seconds: 1.5, pdus: 7, errors: null },
    { device: 'a', poll_seconds: 0.5, mean_seconds: null },
  ])
})

test('F4 a device that moved is told by the series of its branch of now', () => {
  const vector = [poll(9, of('moved')), poll(2, of('moved', { branch: 'new' }))]

  expect(readSlowest(vector, current)).toMatchObject([{ device: 'moved', poll_seconds: 2 }])
})

test('devices that left the inventory are not told', () => {
  expect(readSlowest([poll(9, of('gone'))], current)).toEqual([])
})

test('F1 the query names no device, and branches as they are written', () => {
  const branch = new Set(['Gori (old) "1"', '.*'])

  const query = slowestQuery({ ...all, branch }, 155_000)

  expect(query).toContain(String.raw`{branch=~"Gori \\(old\\) \"1\"|\\.\\*"}[155000ms]`)
  expect(slowestQuery(all, 155_000)).toContain('topk(10,')
})
