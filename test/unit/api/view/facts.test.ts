import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type View, buildView } from '../../../../api/view/build.ts'
import { createFleetFacts } from '../../../../api/view/facts.ts'
import type { Vectors } from '../../../../api/view/vectors.ts'
import { BLIND, BLIND_SINCE } from '../../../../lib/blindness.ts'
import { SPOOL_FROM } from '../../../../lib/lateness.ts'
import { device, inventoryOf } from '../../../fakes/inventory.ts'
import { AT, point, pollPoints, vectorsOf } from '../fleet-vectors.ts'

const snmp = { intervalMs: 60_000, modules: [], credentials: [] } as never
const R1 = device('r1', { snmp })
const R2 = device('r2', { parents: ['r1'] })
const R3 = device('r3')
const BOTH = inventoryOf(R1, R2).current
const OTHERS = inventoryOf(R2, R3).current

const ago = fc.integer({ min: 0, max: 90_000 })
const orNot = <T>(given: fc.Arbitrary<T>) => fc.option(given, { nil: undefined })
const told = (id: string) =>
  fc.record({
    id: fc.constant(id),
    up: orNot(fc.boolean()),
    sinceAgo: ago,
    sampleAgo: orNot(ago),
    rtt: orNot(fc.constantFrom(0.001, 0.2)),
    loss: orNot(fc.constantFrom(0, 0.5, 1)),
    vantage: fc.constantFrom('hq', 'dc'),
  })
const step = fc.record({
  devices: fc.tuple(told('r1'), told('r2'), told('r3')),
  poll: orNot(fc.record({ up: fc.boolean(), ago })),
  isBlind: fc.boolean(),
  isLate: fc.boolean(),
  inventory: fc.constantFrom(BOTH, OTHERS),
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

function vectorsAt({ devices, poll, isBlind, isLate }: Step): Vectors {
  const given = devices.map(({ vantage, up, sampleAgo, rtt, loss, ...rest }) => ({
    ...rest,
    labels: { vantage },
    ...(up === undefined ? {} : { up }),
    ...(sampleAgo === undefined ? {} : { sampleAgo }),
    ...(rtt === undefined ? {} : { rtt }),
    ...(loss === undefined ? {} : { loss }),
  }))
  const mark = (name: string, value: number) => point(value, { __name__: name, vantage: 'dc' })
  return {
    ...vectorsOf(...given),
    ...(poll === undefined ? {} : pollPoints('r1', poll)),
    own: [
      ...(isBlind ? [mark(BLIND, 1), mark(BLIND_SINCE, AT / 1_000 - 60)] : []),
      ...(isLate ? [mark(SPOOL_FROM, AT / 1_000 - 60)] : []),
    ],
  }
}

const shown = ({ rows, blind }: View) => ({ rows, blind })

test('views that follow one another in one table of facts say what each would by itself', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 2, maxLength: 6 }), (steps) => {
      const facts = createFleetFacts()
      let before: View | null = null
      for (const each of steps) {
        const vectors = vectorsAt(each)
        const seen = new Map([['r2', AT - 500_000]])
        const more = { before, facts }
        before = buildView(each.inventory, vectors, seen, AT, new Map(), more)
        expect(shown(before)).toEqual(shown(buildView(each.inventory, vectors, seen, AT)))
      }
    }),
  )
})
