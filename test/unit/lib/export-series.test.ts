import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { linesOf, readSeries } from '../../../lib/export-series.ts'

const T0 = 1_795_321_194_000
const lineOf = (values: readonly (number | null)[], device = 'r1'): Buffer =>
  Buffer.from(
    JSON.stringify({
      metric: { __name__: 'device_state_up', device },
      values,
      timestamps: values.map((_, index) => T0 + index * 1000),
    }),
  )

describe('a series of an export', () => {
  test('is told in runs of equal values, whose stamps are read where they are wanted', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(0, 1, -1, 10, 0.5, null), { minLength: 1, maxLength: 40 }),
        fc.string(),
        (values, device) => {
          const series = readSeries(lineOf(values, device))
          const told = series
            .runs()
            .flatMap(({ value, count }) =>
              Array.from({ length: count }, () => (Number.isNaN(value) ? null : value)),
            )
          expect(told).toEqual(values)
          expect(series.labels['device']).toBe(device)
          expect(series.count).toBe(values.length)
          expect(series.stampAt(values.length - 1)).toBe(T0 + (values.length - 1) * 1000)
        },
      ),
    )
  })

  test('a label that looks like the rest of the line is a label', () => {
    const device = '},"values":[1],"timestamps":[1]}'

    expect(readSeries(lineOf([1, 1, 0], device))).toMatchObject({ labels: { device }, count: 3 })
  })

  test.each(['', '{"error":"no"}', '{"metric":{},"values":[1],"timestamps":[12]}'])(
    '%j is none',
    (text) => {
      expect(() => readSeries(Buffer.from(text))).toThrow('expected an exported series')
    },
  )
})

test('lines are the same wherever a body is cut into parts', async () => {
  const lines = ['one', 'two two', 'კარგი', '4']
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(7), { minLength: 1 }), async (sizes) => {
      const body = Buffer.from(`${lines.join('\n')}\n`)
      async function* parts(): AsyncGenerator<Uint8Array> {
        let start = 0
        for (let turn = 0; start < body.length; turn++) {
          const end = start + 1 + (sizes[turn % sizes.length] ?? 0)
          yield body.subarray(start, end)
          start = end
        }
      }
      const read: string[] = []
      for await (const line of linesOf(parts())) read.push(line.toString())
      expect(read).toEqual(lines)
    }),
  )
})
