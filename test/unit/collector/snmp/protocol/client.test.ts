import { describe, expect, test } from 'vitest'
import {
  type Rows,
  type WalkOptions,
  createClient,
  createPduLimits,
} from '../../../../../collector/snmp/protocol/client.ts'
import { SnmpError } from '../../../../../collector/snmp/protocol/error.ts'
import { compareOids } from '../../../../../collector/snmp/protocol/oid.ts'
import type { SnmpSession } from '../../../../../collector/snmp/protocol/session.ts'
import { TAG, type Varbind } from '../../../../../collector/snmp/protocol/varbind.ts'
import { Secret } from '../../../../../lib/secret.ts'

/** What was asked: of a GETBULK with its repetitions. */
type Asked = { operation: 'get' | 'next' | 'bulk'; oids: readonly string[]; repetitions: number }

/** Throws what the agent's session would reject with. */
type Oddity = (asked: Asked) => void

const tooBig = (most: number): Oddity => {
  return ({ oids, repetitions }) => {
    if (oids.length * repetitions > most) throw new SnmpError('too-big', 'too big')
  }
}

/** Tables of so many rows, and an agent that has them: what it is asked is kept in `asked`. */
function agentOf(
  rows: Record<string, number>,
  version: '1' | '2c' = '2c',
  odd: Oddity = () => {},
  deadlineAt = Infinity,
) {
  const mib = Object.entries(rows)
    .flatMap(([column, count]) => Array.from({ length: count }, (_, i) => `${column}.${i + 1}`))
    .sort(compareOids)
  const asked: Asked[] = []
  const cell = (oid: string | undefined): Varbind =>
    oid === undefined
      ? { oid: '9', type: TAG.endOfMibView, value: null }
      : { oid, type: TAG.integer, value: 1 }
  const after = (oid: string): Varbind => cell(mib.find((other) => compareOids(other, oid) > 0))
  function take(question: Asked): void {
    asked.push(question)
    odd(question)
  }
  const session: SnmpSession = {
    target: {
      address: '192.0.2.1',
      port: 161,
      credential: { version, community: new Secret('public') },
    },
    async get(oids) {
      take({ operation: 'get', oids, repetitions: 1 })
      return oids.map((oid) =>
        mib.includes(oid) ? cell(oid) : { oid, type: TAG.noSuchInstance, value: null },
      )
    },
    async getNext(oids) {
      take({ operation: 'next', oids, repetitions: 1 })
      return oids.map(after)
    },
    async getBulk(oids, repetitions) {
      take({ operation: 'bulk', oids, repetitions })
      return oids.map((oid) => {
        const cells: Varbind[] = []
        for (let i = 0; i < repetitions; i++) cells.push(after(cells.at(-1)?.oid ?? oid))
        return cells
      })
    },
    close() {},
  }
  const limits = createPduLimits()
  const client = createClient(session, {
    limits,
    asking: { tries: 2, waitMs: 1000, deadlineAt, counts: { pdus: 0, errors: 0 } },
  })
  async function walk(columns: readonly string[], options?: WalkOptions): Promise<Rows> {
    const found: Rows = new Map()
    await client.walkColumns(columns, found, options)
    return found
  }
  /** What was asked since the last look. */
  const news = (): string[] =>
    asked
      .splice(0)
      .map(({ operation, oids, repetitions }) =>
        operation === 'bulk' ? `${oids.length}×${repetitions}` : `${operation} ${oids.length}`,
      )
  return { client, session, limits, asked, walk, news }
}

const columns = (count: number): string[] => Array.from({ length: count }, (_, i) => `1.3.${i + 1}`)
const tableOf = (count: number, rows: number): Record<string, number> =>
  Object.fromEntries(columns(count).map((column) => [column, rows]))
const scalars = (count: number): string[] => columns(count).map((column) => `${column}.1`)

describe('a table', () => {
  test('is asked for side by side, as many rows at once as fill a packet', async () => {
    const { walk, news } = agentOf(tableOf(10, 12))
    expect((await walk(columns(10))).size).toBe(12)
    expect(news()).toEqual(['10×6', '10×6', '10×6'])
  })

  test('of one column is asked for by 25 rows', async () => {
    const { walk, news } = agentOf(tableOf(1, 30))
    expect((await walk(columns(1))).size).toBe(30)
    expect(news()).toEqual(['1×25', '1×25'])
  })

  test('is never asked for more rows at once than its module says', async () => {
    const { walk, news } = agentOf(tableOf(1, 8))
    await walk(columns(1), { maxRepetitions: 5 })
    expect(news()).toEqual(['1×5', '1×5'])
  })

  test('of many columns is read twelve columns at a time', async () => {
    const { walk, news } = agentOf(tableOf(30, 2))
    const rows = await walk(columns(30))
    expect(rows.get('2')?.every((cell) => cell?.value === 1)).toBe(true)
    expect(news()).toEqual(['12×5', '12×5', '6×10'])
  })

  test('of 10,000 rows is read whole (E2)', async () => {
    const { walk } = agentOf({})
    const { walk: walkBig } = bigAgent(10_000)
    expect((await walk(columns(1))).size).toBe(0)
    expect((await walkBig(['1.3.1'])).size).toBe(10_000)
  })

  test('that does not end is left (E2)', async () => {
    const { walk } = bigAgent(Infinity)
    await expect(walk(['1.3.1'])).rejects.toMatchObject({
      reason: 'protocol',
      message: expect.stringContaining("doesn't end"),
    })
  })

  test('over v1 is asked for by GETNEXT, and ends where the agent says noSuchName', async () => {
    const { walk, news } = agentOf(tableOf(2, 3), '1', ({ oids }) => {
      const oid = oids.find((one) => one.endsWith('2.3'))
      if (oid !== undefined) throw new SnmpError('no-such-name', 'no such name', { oid })
    })
    expect((await walk(columns(2))).size).toBe(3)
    expect(news()).toEqual(['next 2', 'next 2', 'next 2', 'next 2', 'next 1'])
  })

  test('over v1 ends also where the agent does not tell which column it means', async () => {
    const { walk } = agentOf(tableOf(2, 3), '1', ({ oids }) => {
      if (oids.some((one) => one.endsWith('2.3'))) throw new SnmpError('no-such-name', 'no such')
    })
    const rows = await walk(columns(2))
    expect([...rows.values()].every((cells) => cells.every((cell) => cell?.value === 1))).toBe(true)
  })
})

/** One column of so many rows, which are made up as they are asked for. */
function bigAgent(rows: number) {
  const made = agentOf({})
  const next = (oid: string): Varbind => {
    const row = Number(oid.split('.')[3] ?? 0) + 1
    return row > rows
      ? { oid: '1.3.2', type: TAG.endOfMibView, value: null }
      : { oid: `1.3.1.${row}`, type: TAG.integer, value: row }
  }
  made.session.getBulk = async ([oid = ''], repetitions) => {
    const cells: Varbind[] = []
    for (let i = 0; i < repetitions; i++) cells.push(next(cells.at(-1)?.oid ?? oid))
    return [cells]
  }
  return made
}

describe('an agent with small packets (tooBig, E2)', () => {
  test('is asked for half as much until it fits, and at the next walk from there', async () => {
    const { walk, news } = agentOf(tableOf(4, 5), '2c', tooBig(20))
    expect((await walk(columns(4))).size).toBe(5)
    expect(news()).toEqual(['4×16', '4×8', '4×4', '4×4'])
    await walk(columns(4))
    expect(news()).toEqual(['4×4', '4×4'])
  })

  test('is asked for fewer columns where not even one row fits, and goes on where it was', async () => {
    const { walk, news } = agentOf(tableOf(6, 2), '2c', tooBig(2))
    const rows = await walk(columns(6))
    expect([...rows.values()].flat().filter((cell) => cell !== undefined)).toHaveLength(12)
    expect(news().slice(0, 6)).toEqual(['6×10', '6×5', '6×2', '6×1', '3×1', '1×1'])
  })

  test('that has no room for one cell is a failure', async () => {
    const { walk } = agentOf(tableOf(2, 2), '2c', tooBig(0))
    await expect(walk(columns(2))).rejects.toMatchObject({ reason: 'too-big' })
  })

  test('is tried with more again, slowly', async () => {
    const { walk, news } = agentOf(tableOf(4, 3), '2c', tooBig(20))
    await walk(columns(4))
    news()
    for (let poll = 0; poll < 40; poll++) await walk(columns(4))
    const sizes = news()
    expect(sizes.filter((what, i) => what !== sizes[i - 1])).toEqual(['4×4', '4×5', '4×6', '4×3'])
    expect(sizes.indexOf('4×5')).toBeGreaterThan(15)
  })

  test('gets its GETs in parts that fit', async () => {
    const { client, news } = agentOf(tableOf(20, 1), '2c', tooBig(7))
    expect((await client.get(scalars(20))).size).toBe(20)
    expect(news()).toEqual(['get 20', 'get 10', 'get 5', 'get 5', 'get 5', 'get 5'])
    await client.get(scalars(5))
    expect(news()).toEqual(['get 5'])
  })
})

describe('an agent that does not bear GETBULK', () => {
  const refuses =
    (reason: 'timeout' | 'agent', heals = Infinity): Oddity =>
    ({ operation }) => {
      if (operation === 'bulk' && heals-- > 0) throw new SnmpError(reason, 'not to GETBULK')
    }

  test.each(['timeout', 'agent'] as const)(
    'is read by GETNEXT, and the walks after it too (%s)',
    async (reason) => {
      const { walk, news } = agentOf(tableOf(2, 2), '2c', refuses(reason))
      expect((await walk(columns(2))).size).toBe(2)
      expect(news()).toEqual(['2×25', 'next 2', 'next 2', 'next 2'])
      await walk(columns(2))
      expect(news()).toEqual(['next 2', 'next 2', 'next 2'])
    },
  )

  test('is tried with GETBULK now and then, and then is asked by it for good', async () => {
    const { walk, asked } = agentOf(tableOf(2, 2), '2c', refuses('agent', 2))
    const bulks: number[] = []
    for (let poll = 0; poll < 20; poll++) {
      await walk(columns(2))
      if (asked.splice(0).some(({ operation }) => operation === 'bulk')) bulks.push(poll)
    }
    expect(bulks).toEqual([0, 6, 17, 18, 19])
  })

  test('nor GETNEXT is a failure, and nothing is learned of GETBULK', async () => {
    const { walk, news, limits } = agentOf(tableOf(2, 2), '2c', () => {
      throw new SnmpError('timeout', 'silent')
    })
    await expect(walk(columns(2))).rejects.toMatchObject({ reason: 'timeout' })
    expect(news()).toEqual(['2×25', 'next 2'])
    expect(limits.getNextWalks).toBe(0)
  })
})

describe('an agent that is silent to a long answer', () => {
  test('is asked for less at once, in the same walk', async () => {
    let isSilent = false
    const { walk, news } = agentOf(tableOf(2, 30), '2c', ({ repetitions }) => {
      if (isSilent && repetitions > 15) throw new SnmpError('timeout', 'silent')
    })
    await walk(columns(2))
    news()
    isSilent = true
    expect((await walk(columns(2))).size).toBe(30)
    expect(news()).toEqual(['2×25', '2×12', '2×12', '2×12'])
  })

  test('is left when it is silent to the shorter one as well', async () => {
    let isSilent = false
    const { walk, news } = agentOf(tableOf(2, 30), '2c', () => {
      if (isSilent) throw new SnmpError('timeout', 'silent')
    })
    await walk(columns(2))
    news()
    isSilent = true
    await expect(walk(columns(2))).rejects.toMatchObject({ reason: 'timeout' })
    expect(news()).toEqual(['2×25', '2×12'])
  })

  test('is never asked for very little because of that: few bindings have no long answer', async () => {
    let isSilent = false
    const { walk, limits } = agentOf(tableOf(12, 48), '2c', () => {
      if (isSilent) throw new SnmpError('timeout', 'silent')
    })
    await walk(columns(12))
    isSilent = true
    for (let poll = 0; poll < 10; poll++) await walk(columns(12)).catch(() => {})
    expect(limits.bindings).toBe(5)
  })
})

test('a question that the deadline cuts short says nothing about its length', async () => {
  const { client, walk, news, limits } = agentOf(
    tableOf(20, 48),
    '2c',
    ({ operation, oids }) => {
      if (operation === 'bulk' || oids.length > 6) throw new SnmpError('timeout', 'no time left')
    },
    performance.now(),
  )
  limits.bulkWorks = true
  await client.get(scalars(6))
  await expect(client.get(scalars(20))).rejects.toMatchObject({ reason: 'timeout' })
  await expect(walk(columns(2))).rejects.toMatchObject({ reason: 'timeout' })
  expect(news()).toEqual(['get 6', 'get 20', '2×25'])
  expect(limits).toMatchObject({ getOids: 20, getMost: 20, bindings: 64, bulkRefusals: 0 })
})

describe('single values', () => {
  test('that an agent does not have are missing', async () => {
    const { client } = agentOf(tableOf(2, 1))
    expect([...(await client.get(['1.3.1.1', '1.3.9.0'])).keys()]).toEqual(['1.3.1.1'])
  })

  test('at an OID that was not asked for are none, in another order they are', async () => {
    const { client, session } = agentOf({})
    const cell = (oid: string): Varbind => ({ oid, type: TAG.integer, value: 1 })
    session.get = async () => [cell('1.3.2.0'), cell('1.3.1.0'), cell('1.3.7.0')]
    const values = await client.get(['1.3.1.0', '1.3.2.0', '1.3.3.0'])
    expect([...values.keys()].toSorted()).toEqual(['1.3.1.0', '1.3.2.0'])
  })

  test('are asked for with the same arrays each time, which the session has encoded', async () => {
    const { client, asked } = agentOf(tableOf(30, 1))
    const oids = scalars(30)
    await client.get(oids)
    await client.get(oids)
    const [first, second, third, fourth] = asked.map((question) => question.oids)
    expect(third).toBe(first)
    expect(fourth).toBe(second)
  })

  test('that a v1 agent lacks cost a request once, and are asked for again now and then', async () => {
    const { client, news } = agentOf(tableOf(3, 1), '1', ({ oids }) => {
      if (oids.includes('1.3.2.1')) throw new SnmpError('no-such-name', 'none', { oid: '1.3.2.1' })
    })
    expect([...(await client.get(scalars(3))).keys()]).toEqual(['1.3.1.1', '1.3.3.1'])
    expect(news()).toEqual(['get 3', 'get 2'])
    for (let poll = 0; poll < 20; poll++) await client.get(scalars(3))
    expect(news().filter((what) => what === 'get 3')).toHaveLength(1)
  })

  test('of a v1 agent that does not say which one it lacks are asked for in halves until that shows', async () => {
    const { client, news } = agentOf(tableOf(8, 1), '1', ({ oids }) => {
      if (oids.includes('1.3.2.1')) throw new SnmpError('no-such-name', 'none')
    })
    const values = await client.get(scalars(8))
    expect([...values.keys()]).toEqual(scalars(8).filter((oid) => oid !== '1.3.2.1'))
    expect(news()).toEqual(['get 8', 'get 4', 'get 2', 'get 1', 'get 1', 'get 6'])
    await client.get(scalars(8))
    expect(news()).toEqual(['get 7'])
  })

  test('of an agent that is silent to many at once are asked for in halves', async () => {
    const { client, news } = agentOf(tableOf(20, 1), '2c', ({ oids }) => {
      if (oids.length > 8) throw new SnmpError('timeout', 'silent')
    })
    await client.get(scalars(3))
    expect((await client.get(scalars(20))).size).toBe(20)
    expect(news()).toEqual(['get 3', 'get 20', 'get 10', 'get 5', 'get 5', 'get 5', 'get 5'])
    for (let poll = 0; poll < 50; poll++) await client.get(scalars(6))
    expect(news().filter((what) => what === 'get 6')).toHaveLength(0)
  })

  test('of an agent that is silent to everything are a failure after one question', async () => {
    const { client, news } = agentOf(tableOf(20, 1), '2c', () => {
      throw new SnmpError('timeout', 'silent')
    })
    await expect(client.get(scalars(20))).rejects.toMatchObject({ reason: 'timeout' })
    expect(news()).toEqual(['get 20'])
  })
})
