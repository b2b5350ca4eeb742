import { expect, test } from 'vitest'
import { nearestName } from '../../../api/nearest-name.ts'

const NAMES = ['gori-12', 'batumi-router-1', '/api/v1/devices', '/api/v1/device-edits', 'core']

test.each([
  ['gori-1', 'gori-12'],
  ['goir-12', 'gori-12'],
  ['gori-99', null],
  ['batmui-ruoter-1', 'batumi-router-1'],
  ['batumi-switch-1', null],
  ['/api/v1/device', '/api/v1/devices'],
  ['/api/v1/nonsense', null],
  ['cor', null],
  ['corf', 'core'],
])('of %j is %j', (name, expected) => {
  expect(nearestName(name, NAMES)).toBe(expected)
})
