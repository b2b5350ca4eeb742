import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Silence } from '../../../../lib/decisions/silence.ts'
import {
  ALERTS,
  CONFIGS,
  HOUR,
  MINUTE,
  type Manner,
  RECEIVERS,
  type ReceiverName,
} from './promise-config.ts'
import { SEED } from '../../../seed.ts'
import { type World, createWorld } from './promise-world.ts'

type Step = (world: World) => void | Promise<void>

/** A step and its words, for the history that a failure prints. */
const named = (words: string, step: Step): Step & { toString(): string } =>
  Object.assign((world: World) => step(world), { toString: () => words })

const alert = fc.nat({ max: ALERTS.length - 1 })
const receiver = fc.constantFrom(...RECEIVERS)
const labels = fc.constantFrom(
  { name: 'device', value: 'a' },
  { name: 'branch', value: 'Saburtalo' },
  { name: 'alertname', value: 'RouterDown' },
)
const manner = fc.constantFrom<Manner>(
  'well',
  'well',
  'failing',
  'refusing',
  'mute',
  'deaf',
  'overloaded',
)
const soon = fc.integer({ min: 1_000, max: 3 * HOUR })

const silence = (at: number, matcher: { name: string; value: string }, ms: number): Silence => ({
  id: `s${at}`,
  matchers: [{ ...matcher, isRegex: false, isEqual: true }],
  startsAt: at,
  endsAt: at + ms,
  createdBy: 'ann',
  comment: '',
  updatedAt: at,
})

const ofAlerts: fc.Arbitrary<Step> = fc
  .tuple(fc.constantFrom('fire', 'fire', 'end', 'anew', 'forget', 'revise'), alert)
  .map(([what, index]) => named(`${what}(${index})`, (world) => world[what as 'fire'](index)))

const ofPeople: fc.Arbitrary<Step> = fc.oneof(
  fc
    .tuple(labels, soon)
    .map(([matcher, ms]) =>
      named(`silence(${matcher.value}, ${ms})`, (world) =>
        world.decide((at, { silences }) => ({ silences: [...silences, silence(at, matcher, ms)] })),
      ),
    ),
  fc.constant(
    named('unsilence()', (world) =>
      world.decide((_, { silences }) => ({ silences: silences.slice(1) })),
    ),
  ),
  fc.tuple(labels, soon).map(([matcher, ms]) =>
    named(`maintain(${matcher.value}, ${ms})`, (world) =>
      world.decide((at, { windows }) => {
        const { matchers, ...rest } = silence(at, matcher, ms)
        const schedule = { kind: 'once' as const, startsAt: at + MINUTE, endsAt: at + MINUTE + ms }
        return { windows: [...windows, { ...rest, name: `w${at}`, matchers, schedule }] }
      }),
    ),
  ),
  fc
    .tuple(alert, fc.boolean())
    .map(([index, sticky]) =>
      named(`acknowledge(${index}, ${sticky})`, (world) => world.acknowledge(index, sticky)),
    ),
)

const ofTopology: fc.Arbitrary<Step> = fc.oneof(
  fc
    .subarray(['r1', 'a', 'b'])
    .map((names) => named(`cutOff(${names.join()})`, (world) => world.cutOff(...names))),
  fc
    .constantFrom('r1', 'a', 'b')
    .map((name) => named(`leave(${name})`, (world) => world.leave(name))),
)

const ofFate: fc.Arbitrary<Step> = fc.oneof(
  fc
    .tuple(receiver, manner)
    .map(([name, how]) =>
      named(`behave(${name}, ${how})`, (world) => world.behave(name as ReceiverName, how)),
    ),
  fc.constant(named('stop()', (world) => world.stop())),
  fc.nat({ max: 8 }).map((steps) => named(`die(${steps})`, (world) => world.die(steps))),
  fc.nat({ max: 8 }).map((steps) => named(`freeze(${steps})`, (world) => world.freeze(steps))),
  fc.constant(named('wake()', (world) => world.wake())),
  alert.map((index) => named(`loseRedis(${index})`, (world) => world.loseRedis(index))),
  fc
    .nat({ max: CONFIGS.length - 1 })
    .map((config) => named(`changeConfig(${config})`, (world) => world.changeConfig(config))),
)

const ofTime: fc.Arbitrary<Step> = fc.oneof(
  fc.constant(named('evaluate()', (world) => world.evaluate())),
  fc
    .constantFrom(2_000, 20_000, 3 * MINUTE, 11 * MINUTE, HOUR)
    .map((ms) => named(`wait(${ms})`, (world) => world.wait(ms))),
)

const history = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: ofAlerts },
    { weight: 2, arbitrary: ofPeople },
    { weight: 2, arbitrary: ofTopology },
    { weight: 3, arbitrary: ofFate },
    { weight: 6, arbitrary: ofTime },
  ),
  { minLength: 10, maxLength: 80 },
)

const runs = Number(process.env['RUNS'] ?? 150)

describe('through any history of outages, silences, windows, acknowledgements, flaps, outages before a device, devices that leave, restarts, deaths, leaders that stand still and wake up, receivers in trouble and other routes,', () => {
  test(
    `what is told is told once and ended once, in order; nothing that is held is told, and all else is (C3, C10, C11); seed ${SEED}`,
    { timeout: 120_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(history, async (steps) => {
          const world = createWorld()
          try {
            for (const step of steps) {
              await step(world)
              expect(world.problems()).toEqual([])
            }
            await world.wake()
            await world.settleDown()
            expect(world.problems()).toEqual([])
            const known = world.known()
            expect(world.expected().filter((one) => !known.includes(one))).toEqual([])

            for (const index of ALERTS.keys()) world.end(index)
            await world.settleDown()
            expect(world.problems()).toEqual([])
            expect(world.known()).toEqual([])
          } finally {
            await world.close()
          }
        }),
        { numRuns: runs },
      )
    },
  )
})
