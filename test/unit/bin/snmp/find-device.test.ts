import { expect, test } from 'vitest'
import { findDevice } from '../../../../bin/snmp/find-device.ts'
import { StartError } from '../../../../lib/start-error.ts'
import { device, inventoryOf } from '../../../fakes/inventory.ts'

const { current } = inventoryOf(
  device('r1', { name: 'Gori', address: '198.18.0.1' }),
  device('r2', { name: 'r1', address: '198.18.0.2', branch: 'Vake' }),
  device('r3', { name: 'Twin', address: '198.18.0.3', branch: 'Vake' }),
  device('r4', { name: 'Twin', address: '198.18.0.3', branch: '' }),
)

test.each([
  ['an id, though another device has that name', 'r1', 'r1'],
  ['a name', 'Gori', 'r1'],
  ['a name, whatever its case', 'gORI', 'r1'],
  ['an address', '198.18.0.2', 'r2'],
])('a device is found by %s', (_title, word, id) => {
  expect(findDevice(current, word).id).toBe(id)
})

test.each(['Twin', 'twin', '198.18.0.3'])('F5 %s are two: the candidates are listed', (word) => {
  const find = () => findDevice(current, word)

  expect(find).toThrow(StartError)
  expect(find).toThrow('  r3  Twin, 198.18.0.3, Vake\n  r4  Twin, 198.18.0.3')
})

test('what no device is called is refused, with the nearest that one is', () => {
  expect(() => findDevice(current, 'Gorri')).toThrow('did you mean "Gori"?')
  expect(() => findDevice(current, '203.0.113.77')).toThrow('no device of the inventory has')
})
