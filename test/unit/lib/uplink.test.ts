import { describe, expect, test } from 'vitest'
import { type UplinkState, summarizeUplinks, uplinkState } from '../../../lib/uplink.ts'

describe('the state of one uplink', () => {
  test.each<[string, number | null, number | null, boolean, UplinkState]>([
    ['up', 1, 1, true, 'up'],
    ['down', 2, 1, true, 'down'],
    ['testing', 3, 1, true, 'unknown'],
    ['the agent does not know', 4, 1, true, 'unknown'],
    ['dormant: waits to be dialled', 5, 1, true, 'up'],
    ['its module is not there', 6, 1, true, 'down'],
    ['the layer below is down', 7, 1, true, 'down'],
    ['switched off by a person', 2, 2, true, 'admin_down'],
    ['switched off a moment ago, and still up', 1, 2, true, 'admin_down'],
    ['an agent without ifAdminStatus', 2, null, true, 'down'],
    ['an agent without ifOperStatus', null, 1, true, 'unknown'],
    ['a value that RFC 2863 has not', 9, 1, true, 'unknown'],
    ['C12 SNMP silent, whatever was last read', 2, 1, false, 'unknown'],
    ['SNMP silent, and it was switched off before', 2, 2, false, 'unknown'],
  ])('%s', (_title, oper, admin, isFresh, state) => {
    expect(uplinkState({ oper, admin, isFresh })).toBe(state)
  })
})

describe('the uplinks of a branch', () => {
  test.each<[UplinkState[], string]>([
    [[], 'none'],
    [['up', 'up'], 'ok'],
    [['down', 'up'], 'degraded'],
    [['down', 'unknown'], 'degraded'],
    [['down', 'up', 'admin_down'], 'degraded'],
    [['down', 'down'], 'down'],
    [['down', 'admin_down'], 'down'],
    [['up', 'admin_down'], 'admin_down'],
    [['admin_down', 'admin_down'], 'admin_down'],
    [['unknown', 'unknown'], 'unknown'],
    [['up', 'unknown'], 'unknown'],
    [['unknown', 'admin_down'], 'unknown'],
  ])('%j are %s', (states, summary) => {
    expect(summarizeUplinks(states)).toBe(summary)
    expect(summarizeUplinks(states.toReversed())).toBe(summary)
  })

  test('C12 the five situations of two uplinks are five outcomes', () => {
    const situations: UplinkState[][] = [
      ['down', 'up'],
      ['up', 'down'],
      ['down', 'down'],
      ['admin_down', 'up'],
      ['unknown', 'unknown'],
    ]
    const outcomes = situations.map((states) => [summarizeUplinks(states), ...states].join(' '))

    expect(new Set(outcomes).size).toBe(situations.length)
    expect(new Set(situations.map(summarizeUplinks))).toEqual(
      new Set(['degraded', 'down', 'admin_down', 'unknown']),
    )
  })
})
