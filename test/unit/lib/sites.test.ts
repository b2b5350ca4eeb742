import { describe, expect, test } from 'vitest'
import { COLLECTOR_INFO, areSeveral, readSites, siteOf } from '../../../lib/sites.ts'

const info = (vantage: string, site?: string) => ({
  labels: { __name__: COLLECTOR_INFO, vantage, ...(site === undefined ? {} : { site }) },
  value: 1,
  at: 0,
})

describe('the sites of collectors', () => {
  test.each([
    ['nobody says anything', [], false],
    ['one has no name', [info('c1')], false],
    ['two have none', [info('c1'), info('c2')], false],
    ['two are of one', [info('c1', 'tbilisi'), info('c2', 'tbilisi')], false],
    ['two are of two', [info('c1', 'tbilisi'), info('c2', 'batumi')], true],
    ['one has a name and another none', [info('c1', 'tbilisi'), info('c2')], true],
  ])('%s: several is %s', (_, vector, several) => {
    expect(areSeveral(readSites(vector))).toBe(several)
  })

  test('a vantage that says nothing is of the site without a name', () => {
    const sites = readSites([info('c1', 'tbilisi')])
    expect([siteOf(sites, 'c1'), siteOf(sites, 'c2'), siteOf(sites, undefined)]).toEqual([
      'tbilisi',
      '',
      '',
    ])
  })
})
