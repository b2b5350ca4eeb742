import { describe, expect, test } from 'vitest'
import type { Evidence } from '../../../../api/explain/ask.ts'
import { explainJson } from '../../../../api/explain/json.ts'
import { type ExplainJson, explainSchema } from '../../../../api/explain/schema.ts'
import { judge } from '../../../../api/explain/verdict.ts'
import type { Alert } from '../../../../api/view/alerts.ts'
import { type Decided, NOTHING_DECIDED } from '../../../../lib/decisions/decided.ts'
import type { Device } from '../../../../lib/inventory.ts'
import { device, inventoryOf } from '../../../fakes/inventory.ts'
import { AT } from '../fleet-vectors.ts'
import { reasonsOf, texts, textsOf } from '../page/modules.ts'
import { evidence, probe } from './evidence.ts'

const [en, ka] = await Promise.all([textsOf('en'), textsOf('ka')])

const router = device('R1')
const edge = device('E1', { parents: ['R1'] })

const ago = (seconds: number): number => AT - seconds * 1_000
const states = (of: Record<string, [up: boolean, secondsAgo: number]>): Evidence['states'] =>
  new Map(Object.entries(of).map(([id, [up, seconds]]) => [id, { up, since: ago(seconds) }]))
const newest = (of: Record<string, number>): Evidence['newest'] =>
  new Map(Object.entries(of).map(([id, seconds]) => [id, ago(seconds)]))

const deviceDown = (of = 'E1'): Alert => ({
  name: 'DeviceDown',
  severity: 'critical',
  state: 'firing',
  device: of,
  activeAt: ago(49),
  labels: { alertname: 'DeviceDown', severity: 'critical', device: of },
  held: [],
})

/** Checked by its schema on the way. */
function explain(
  of: Device,
  given: Partial<Evidence>,
  decided: Partial<Decided> = {},
  ...others: Device[]
): ExplainJson {
  const inventory = inventoryOf(of, ...others).current
  const verdict = judge(of, inventory, evidence(given), { ...NOTHING_DECIDED, ...decided })
  const told = explainSchema.parse(explainJson(verdict))
  expectTranslated(told)
  return told
}

/** What the page says in another language from the facts has the same instants, and a text for each sentence. */
function expectTranslated(told: ExplainJson): void {
  const instantsOf = (sentences: readonly string[]): string[] =>
    [...sentences.join('\n').matchAll(/(\d{4}-\d\d-\d\dT)?(\d\d:\d\d:\d\d)Z/g)]
      .map(([, date = told.at.slice(0, 11), time = '']) => date + time)
      .sort()
  for (const [language, all] of [
    ['de', en],
    ['ka', ka],
  ] as const) {
    texts.useTexts(language, all)
    const sentences = reasonsOf(told)
    expect(instantsOf(sentences)).toEqual(instantsOf(told.text))
    expect(sentences.filter((each) => /why\.|held\.|\{|undefined|null/.test(each))).toEqual([])
  }
  texts.useTexts('en', en)
  expect(reasonsOf(told)).toEqual(told.text)
}

const outage = {
  states: states({ E1: [false, 49] }),
  newest: newest({ E1: 9 }),
  probes: [probe(59, 0.01), probe(49), probe(48), probe(47), probe(9)],
}

describe('the status and its reason', () => {
  test('up: since when, and the probe that says so', () => {
    const told = explain(edge, {
      states: states({ E1: [true, 3_600] }),
      newest: newest({ E1: 4 }),
      probes: [probe(14, 0.002), probe(4, 0.0012)],
    })

    expect(told).toMatchObject({ status: 'up', since: '2026-11-22T11:00:00.000Z' })
    expect(told.confirmation).toBeNull()
    expect(told.text).toEqual([
      'Up since 11:00:00Z: the probe of 11:59:56Z was answered in 1.2 ms.',
    ])
  })

  test('down: how many probes failed since when, and which one confirmed it', () => {
    const told = explain(device('E1'), outage)

    expect(told).toMatchObject({ status: 'down', since: '2026-11-22T11:59:11.000Z' })
    expect(told.text).toEqual([
      'No answer to 4 probes since 11:59:11Z (49s).',
      'The probe of 11:59:13Z confirmed it: 3 in a row that fail are an outage.',
    ])
  })

  test('unknown while its collector is blind: since when, and what it was before (C13)', () => {
    const told = explain(edge, {
      states: states({ E1: [true, 3_600] }),
      newest: newest({ E1: 4 }),
      blind: new Map([['E1', ago(14)]]),
      probes: [probe(24, 0.002), probe(14), probe(4)],
    })

    expect(told).toMatchObject({ status: 'unknown', since: null })
    expect(told.text).toEqual([
      'Unknown: monitoring is blind. Of collector v1 no canary answers since 11:59:46Z: it has lost its network, and what it is not answered says nothing of the device.',
      'Before that it was up since 11:00:00Z.',
    ])
  })

  test('an outage of another day is told with its date, and not by a count that nobody made', () => {
    const told = explain(device('E1'), {
      ...outage,
      states: states({ E1: [false, 86_449] }),
      isWhole: false,
    })

    expect(told.confirmation).toMatchObject({ failures: null })
    expect(told.text[0]).toBe('No answer since 2026-11-21T11:59:11Z (1d).')
  })

  test('up while probes fail that are no outage yet', () => {
    const told = explain(device('E1'), {
      states: states({ E1: [true, 3_600] }),
      newest: newest({ E1: 1 }),
      probes: [probe(12, 0.01), probe(2), probe(1)],
    })

    expect(told.status).toBe('up')
    expect(told.text.at(-1)).toBe(
      'No answer to 2 probes since 11:59:58Z: 3 in a row are an outage.',
    )
  })

  test('up where another site has not asked it since', () => {
    const told = explain(device('E1'), {
      states: states({ E1: [true, 3_600] }),
      newest: newest({ E1: 1 }),
      probes: [probe(12, 0.01, 'v2'), probe(3), probe(2), probe(1)],
      lookout: { sites: new Map([['v2', 'batumi']]), blindSince: new Map() },
    })

    expect(told.confirmation).toMatchObject({ confirmed_at: null, awaited_sites: ['batumi'] })
    expect(told.text.at(-1)).toBe(
      'No answer to 3 probes since 11:59:57Z: 3 in a row are an outage once each site had one of them. batumi had none yet.',
    )
  })

  test('unreachable: the parent that is the cause', () => {
    const told = explain(
      edge,
      {
        ...outage,
        states: states({ E1: [false, 49], R1: [false, 52] }),
        newest: newest({ E1: 9, R1: 2 }),
      },
      {},
      router,
    )

    expect(told).toMatchObject({
      status: 'unreachable',
      parents: [{ id: 'R1', status: 'down', since: '2026-11-22T11:59:08.000Z' }],
      cause: ['R1'],
    })
    expect(told.text.slice(-2)).toEqual([
      'Unreachable rather than down: everything it is reached through is down (R1: down since 11:59:08Z).',
      'The cause is R1.',
    ])
  })

  test('down although its parent is up, which is told; one that left the inventory too', () => {
    const told = explain(
      device('E1', { parents: ['R1', 'gone'] }),
      {
        ...outage,
        states: states({ E1: [false, 49], R1: [true, 500] }),
        newest: newest({ E1: 9, R1: 2 }),
      },
      {},
      router,
    )

    expect(told.status).toBe('down')
    expect(told.parents[1]).toEqual({ id: 'gone', status: null, since: null })
    expect(told.text.at(-1)).toBe(
      'Reached through R1: up; gone, which the inventory does not have.',
    )
  })

  test.each<[string, Partial<Evidence>, string]>([
    ['never sampled', {}, 'Unknown: no ping sample of it in the 24 h before.'],
    [
      'stale',
      { newest: newest({ E1: 60 }), states: states({ E1: [true, 900] }) },
      'Unknown: the newest ping sample is of 11:59:00Z, 1m before; after 25s nothing is known any more.',
    ],
    [
      'without a state',
      { newest: newest({ E1: 1 }) },
      'Unknown: it is sampled, but no state is kept yet: too few probes, or alerting does not run.',
    ],
  ])('unknown: %s', (_, given, text) => {
    const told = explain(edge, given)

    expect(told).toMatchObject({ status: 'unknown', since: null })
    expect(told.text).toEqual([text])
  })

  test('disabled: nothing else is said of it', () => {
    const told = explain(device('E1', { enabled: false }), { ...outage, alerts: [deviceDown()] })

    expect(told).toMatchObject({ status: 'disabled', since: null, alerts: [] })
    expect(told.text).toEqual([
      'Disabled in the inventory: it is not probed, and nothing is told of it.',
    ])
  })

  test('an instant before the outage was confirmed says so', () => {
    const told = explain(device('E1'), {
      states: states({ E1: [false, 1] }),
      newest: newest({ E1: 0 }),
      probes: [probe(11, 0.01), probe(1), probe(0)],
      recordedStatus: 'up',
    })

    expect(told).toMatchObject({ status: 'down', recorded_status: 'up' })
    expect(told.text).toContain(
      'It was confirmed after this instant: 3 in a row that fail are an outage.',
    )
  })
})

describe('who was told', () => {
  test('each receiver, when, how long it took, why; a failure with its reason', () => {
    const delivery = { alert: 'DeviceDown', at: ago(45), reason: 'first notification' }
    const told = explain(device('E1'), {
      ...outage,
      alerts: [deviceDown()],
      deliveries: [
        { ...delivery, receiver: 'noc', result: 'accepted', seconds: 0.12 },
        { ...delivery, receiver: 'chat', result: 'timeout', seconds: 5 },
      ],
    })

    expect(told.notifications).toHaveLength(2)
    expect(told.text.slice(-3)).toEqual([
      'DeviceDown (critical) fires since 11:59:11Z.',
      'noc was told of DeviceDown (first notification) at 11:59:15Z: accepted in 120 ms.',
      'The message to chat of DeviceDown (first notification) at 11:59:15Z ended with: timeout, after 5000 ms.',
    ])
  })

  test('nobody, while an alert fires', () => {
    expect(explain(device('E1'), { ...outage, alerts: [deviceDown()] }).text.at(-1)).toBe(
      'Nobody was told yet.',
    )
  })

  test('nobody because of a silence: whose, until when, and why', () => {
    const silence = {
      id: 's-1',
      matchers: [],
      startsAt: ago(100),
      endsAt: AT + 60_000,
      createdBy: 'alice',
      comment: 'line work',
      updatedAt: ago(100),
    }
    const told = explain(
      device('E1'),
      {
        ...outage,
        alerts: [deviceDown()],
        held: [{ alert: 'DeviceDown', by: 'silence', cause: 's-1' }],
      },
      { silences: [silence] },
    )

    expect(told.held).toEqual([
      {
        alert: 'DeviceDown',
        by: 'silence',
        cause: 's-1',
        name: null,
        created_by: 'alice',
        comment: 'line work',
        until: '2026-11-22T12:01:00.000Z',
      },
    ])
    expect(told.text).toContain(
      'DeviceDown is held back by silence s-1 by alice, until 12:01:00Z: "line work".',
    )
  })

  test('nobody because of a maintenance window: its name and its end', () => {
    const window = {
      id: 'w-1',
      name: 'night',
      matchers: [],
      schedule: { kind: 'once', startsAt: ago(600), endsAt: AT + 600_000 } as const,
      createdBy: 'bob',
      comment: '',
      updatedAt: ago(600),
    }
    const held = [{ alert: 'DeviceDown', by: 'maintenance', cause: 'night' }]

    expect(explain(device('E1'), { ...outage, held }, { windows: [window] }).text).toContain(
      'DeviceDown is held back by maintenance window night by bob, until 12:10:00Z.',
    )
  })

  test.each([
    ['parent', 'R1', 'DeviceDown is held back by the outage of R1.'],
    ['flapping', '', 'DeviceDown is held back by flapping.'],
    ['time-interval', 'nights', 'DeviceDown is held back by time interval nights.'],
    ['silence', 'forgotten', 'DeviceDown is held back by silence forgotten.'],
  ])('nobody because of %s', (by, cause, text) => {
    const held = [{ alert: 'DeviceDown', by, cause }]

    expect(explain(device('E1'), { ...outage, held }).text).toContain(text)
  })

  test('an acknowledgement counts for its occurrence, or longer when it is sticky', () => {
    const alert = deviceDown()
    const given = {
      id: '0'.repeat(16),
      labels: alert.labels,
      startsAt: ago(49),
      createdBy: 'bob',
      comment: 'on it',
      at: ago(20),
      expiresAt: null,
      sticky: false,
    }
    const of = (
      acknowledgement: typeof given | (Omit<typeof given, 'expiresAt'> & { expiresAt: number }),
    ) =>
      explain(device('E1'), { ...outage, alerts: [alert] }, { acknowledgements: [acknowledgement] })
        .acknowledgement

    expect(of(given)).toMatchObject({ alert: 'DeviceDown', created_by: 'bob', sticky: false })
    expect(of({ ...given, startsAt: ago(9_000) })).toBeNull()
    expect(of({ ...given, startsAt: ago(9_000), sticky: true, expiresAt: AT + 1 })).not.toBeNull()
    expect(of({ ...given, expiresAt: AT })).toBeNull()
    expect(of({ ...given, at: AT + 1 })).toBeNull()
    expect(of({ ...given, labels: { alertname: 'DeviceDown', device: 'E2' } })).toBeNull()
  })

  test('flapping: the score, and whether it counts as that', () => {
    const flapping: Alert = { ...deviceDown(), name: 'DeviceFlapping', severity: 'warning' }

    expect(explain(device('E1'), { ...outage, flappingScore: 12.34 }).text).toContain(
      'It does not flap: its score is 12.3 %.',
    )
    const told = explain(device('E1'), { ...outage, flappingScore: 42, alerts: [flapping] })
    expect(told.flapping).toEqual({ active: true, score_percent: 42 })
    expect(told.text).toContain('It flaps: its score is 42 %.')
  })
})
