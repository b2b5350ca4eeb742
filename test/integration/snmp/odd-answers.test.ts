import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Rows } from '../../../collector/snmp/protocol/client.ts'
import { type Transport, openTransport } from '../../../collector/snmp/protocol/transport.ts'
import { TAG } from '../../../collector/snmp/protocol/varbind.ts'
import { ERROR_STATUS, type Value, encodeResponse } from '../../../lab/snmp-packet.ts'
import { type Behave, type Mib, binding, honestly, refusal } from './agent.ts'
import {
  COLUMNS,
  IF_NAME,
  IF_NUMBER,
  IF_OPER_STATUS,
  MIB,
  SYS_NAME,
  SYS_UP_TIME,
  facing,
} from './questions.ts'

let transport: Transport
beforeAll(async () => {
  transport = await openTransport(new AbortController().signal)
})
afterAll(() => transport[Symbol.asyncDispose]())

describe('values (E2)', () => {
  test.each([
    ['noSuchObject', { type: 'noSuchObject' }],
    ['noSuchInstance', { type: 'noSuchInstance' }],
    ['endOfMibView', { type: 'endOfMibView' }],
    ['NULL', { type: 'null' }],
  ] as [string, Value][])('%s is none, and the others are read', async (_what, value) => {
    await using setting = await facing(transport, (request, outcome) => {
      const bindings = [binding({ oid: SYS_UP_TIME, value }), ...outcome.bindings.slice(1)]
      return [{ packet: encodeResponse(request, { ...outcome, bindings }) }]
    })
    expect([...(await setting.get(SYS_UP_TIME, SYS_NAME)).keys()]).toEqual([SYS_NAME])
  })

  test('a Counter64 past 2^53 is the nearest double', async () => {
    const most = 2n ** 64n - 1n
    const of: Mib = [{ oid: SYS_UP_TIME, value: { type: 'counter64', value: most } }]
    await using setting = await facing(transport, honestly, { of })
    expect((await setting.get(SYS_UP_TIME)).get(SYS_UP_TIME)).toEqual({
      oid: SYS_UP_TIME,
      type: TAG.counter64,
      value: Number(most),
    })
  })

  test('at another OID than was asked for are none', async () => {
    await using setting = await facing(transport, (request, outcome) => {
      const other = binding({ oid: `${SYS_UP_TIME}.1`, value: { type: 'integer', value: 1 } })
      const bindings = [other, ...outcome.bindings.slice(1)]
      return [{ packet: encodeResponse(request, { ...outcome, bindings }) }]
    })
    expect([...(await setting.get(SYS_UP_TIME, SYS_NAME)).keys()]).toEqual([SYS_NAME])
  })
})

describe('tables (E2)', () => {
  test('of 10,000 rows are read whole', async () => {
    const rows = Array.from({ length: 10_000 }, (_, i) => i + 1)
    const of = COLUMNS.slice(0, 2).flatMap((column): Mib =>
      rows.map((row) => ({ oid: `${column}.${row}`, value: { type: 'integer', value: row } })),
    )
    await using setting = await facing(transport, honestly, {
      of,
      timeoutMs: 30_000,
      waitMs: 5_000,
    })
    const found = await setting.walk(COLUMNS.slice(0, 2))
    expect(found.size).toBe(10_000)
    expect(found.get('10000')?.map((cell) => cell?.value)).toEqual([10_000, 10_000])
  }, 40_000)

  test('end at the end of the MIB', async () => {
    const of = MIB.filter(({ oid }) => oid.startsWith(IF_OPER_STATUS))
    await using setting = await facing(transport, honestly, { of })
    expect((await setting.walk([IF_OPER_STATUS])).size).toBe(12)
  })

  test('are read whole where an answer is cut within a row', async () => {
    await using setting = await facing(transport, (request, outcome) => [
      { packet: encodeResponse(request, { ...outcome, bindings: outcome.bindings.slice(0, 7) }) },
    ])
    const rows = await setting.walk(COLUMNS)
    expect(rows.size).toBe(12)
    expect([...rows.values()].flat()).not.toContain(undefined)
  })

  test('of an agent that answers with no binding at all are empty', async () => {
    await using setting = await facing(transport, (request, outcome) => [
      { packet: encodeResponse(request, { ...outcome, bindings: [] }) },
    ])
    expect((await setting.walk(COLUMNS)).size).toBe(0)
    expect(setting.counts).toEqual({ pdus: 1, errors: 0 })
  })

  const column = (...rows: number[]): Behave => {
    return (request, outcome) => {
      const bindings = rows.map((row) =>
        binding({ oid: `${IF_OPER_STATUS}.${row}`, value: { type: 'integer', value: row } }),
      )
      return [{ packet: encodeResponse(request, { ...outcome, bindings }) }]
    }
  }

  test.each([
    ['goes in a circle', column(1, 2, 3)],
    ['repeats an OID', column(4, 4)],
    ['is out of order', column(5, 3, 4)],
  ])(
    'of an agent that %s are left after a few requests, with what was read',
    async (_w, behave) => {
      await using setting = await facing(transport, behave)
      const rows: Rows = new Map()
      await expect(setting.walk([IF_OPER_STATUS], rows)).rejects.toMatchObject({
        reason: 'protocol',
      })
      expect(rows.size).toBeGreaterThan(0)
      expect(setting.agent.requests.length).toBeLessThan(3)
    },
  )

  test('of an agent that is out of order are read where that is allowed, and end', async () => {
    await using setting = await facing(transport, column(5, 3, 4))
    const rows = await setting.walk([IF_OPER_STATUS], new Map(), { allowNonIncreasing: true })
    expect([...rows.keys()]).toEqual(['5', '3', '4'])
    expect(setting.agent.requests.length).toBeLessThan(4)
  })

  test('that always have one more row are left at the deadline', async () => {
    let row = 0
    await using setting = await facing(
      transport,
      (request, outcome) => column(++row)(request, outcome, 0),
      {
        timeoutMs: 500,
      },
    )
    const startedAt = performance.now()
    await expect(setting.walk([IF_OPER_STATUS])).rejects.toMatchObject({ reason: 'timeout' })
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })

  test('are read by GETNEXT where GETBULK gets no answer', async () => {
    await using setting = await facing(
      transport,
      (request, outcome, number) =>
        request.operation === 'get-bulk' ? [] : honestly(request, outcome, number),
      { waitMs: 50 },
    )
    expect((await setting.walk(COLUMNS)).size).toBe(12)
    const before = setting.agent.requests.length
    expect((await setting.walk(COLUMNS)).size).toBe(12)
    const again = setting.agent.requests.slice(before).map(({ request }) => request.operation)
    expect(new Set(again)).toEqual(new Set(['get-next']))
  })
})

describe('an agent that refuses (E2)', () => {
  const refusing =
    (status: number, index: number): Behave =>
    (request) => [{ packet: encodeResponse(request, refusal(request, status, index)) }]

  test.each([
    ['authorizationError', 16, 'auth'],
    ['noAccess', 6, 'auth'],
    ['genErr', ERROR_STATUS.genErr, 'agent'],
    ['a status that there is none of', 99, 'agent'],
    ['tooBig for one OID', ERROR_STATUS.tooBig, 'too-big'],
  ])('with %s fails at once, and is told apart from a silent one', async (_w, status, reason) => {
    await using setting = await facing(transport, refusing(status, 0))
    await expect(setting.get(SYS_UP_TIME)).rejects.toMatchObject({ reason })
    expect(setting.agent.requests).toHaveLength(1)
  })

  test('says what it blames', async () => {
    await using setting = await facing(transport, refusing(ERROR_STATUS.genErr, 2))
    await expect(setting.get(SYS_UP_TIME, SYS_NAME)).rejects.toMatchObject({ oid: SYS_NAME })
  })

  test('what is too big for it is asked for less until it answers, and everything is read', async () => {
    await using setting = await facing(transport, (request, outcome, number) =>
      outcome.bindings.length > 4
        ? refusing(ERROR_STATUS.tooBig, 0)(request, outcome, number)
        : honestly(request, outcome, number),
    )
    const oids = MIB.slice(0, 5).map(({ oid }) => oid)
    expect((await setting.get(...oids)).size).toBe(5)
    expect((await setting.walk([...COLUMNS, `${IF_NAME}8`])).size).toBe(12)
    expect(setting.counts.errors).toBe(0)
  })
})

describe('v1 (E2)', () => {
  test('an OID that is missing does not cost the others', async () => {
    await using setting = await facing(transport, honestly, { version: '1' })
    const values = await setting.get(SYS_UP_TIME, '1.3.6.1.2.1.1.99.0', IF_NUMBER)
    expect([...values.keys()]).toEqual([SYS_UP_TIME, IF_NUMBER])
  })

  test('an agent that does not say which OID is missing is asked for each by itself, once', async () => {
    await using setting = await facing(
      transport,
      (request) => [
        { packet: encodeResponse(request, refusal(request, ERROR_STATUS.noSuchName, 0)) },
      ],
      { version: '1' },
    )
    expect((await setting.get(SYS_UP_TIME, IF_NUMBER)).size).toBe(0)
    expect(setting.agent.requests.map(({ request }) => request.oids.length)).toEqual([2, 1, 1])
  })

  test('tables are read, to where the MIB ends', async () => {
    const of = MIB.filter(({ oid }) => !oid.startsWith('1.3.6.1.2.1.31.1.1.1.18'))
    await using setting = await facing(transport, honestly, { version: '1', of })
    const rows = await setting.walk([IF_OPER_STATUS, '1.3.6.1.2.1.31.1.1.1.15'])
    expect(rows.size).toBe(12)
    const operations = setting.agent.requests.map(({ request }) => request.operation)
    expect(new Set(operations)).toEqual(new Set(['get-next']))
  })
})
