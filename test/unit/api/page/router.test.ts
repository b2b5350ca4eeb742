import { expect, test } from 'vitest'
import { movedTo, routeOf } from './modules.ts'

test.each([
  ['/', 'wall', {}],
  ['/devices', 'devices', {}],
  ['/devices/', 'devices', {}],
  ['/devices/a%2Fb%20c', 'device', { id: 'a/b c' }],
  ['/devices/100%', 'device', { id: '100%' }],
  ['/alerts', 'alerts', {}],
])('%s is the view %s', (path, name, params) => {
  expect(routeOf(path)).toEqual({ name, params })
})

test.each(['/nothing', '/devices/a/b', '/api/docs'])('%s is no view', (path) => {
  expect(routeOf(path)).toBeNull()
})

test.each([
  ['/', '?device=gori%2F12', '/devices/gori%2F12'],
  ['/', '?status=down&branch=Gori', '/devices?status=down&branch=Gori'],
  ['/', '?region=Guria', null],
  ['/devices', '?device=x', null],
])('a link to %s%s leads to %s', (pathname, search, to) => {
  expect(movedTo({ pathname, search })).toBe(to)
})
