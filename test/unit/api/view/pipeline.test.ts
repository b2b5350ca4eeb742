import { expect, test } from 'vitest'
import { readPipeline } from '../../../../api/view/pipeline.ts'
import { AT, point } from '../fleet-vectors.ts'

const own = (name: string, value: number, labels: Record<string, string> = {}) =>
  point(value, { __name__: `wardline_${name}`, instance: 'c1', ...labels })

test('a collector is its figures by kind, its loop and its ratio', () => {
  const { collectors } = readPipeline([
    own('collector_targets', 876, { kind: 'ping' }),
    own('collector_due', 88, { kind: 'ping' }),
    own('collector_in_flight', 40, { kind: 'ping' }),
    own('slots_missed_total', 3, { kind: 'ping' }),
    own('collector_targets', 478, { kind: 'snmp' }),
    own('slot_lag_seconds', 0.004, { kind: 'ping' }),
    own('slot_lag_seconds', 0.02, { kind: 'snmp' }),
    own('samples_stored_ratio', 0.9995),
    own('writer_buffer_bytes', 2_048),
    own('loop_last_success_timestamp_seconds', AT / 1000, { loop: 'ping' }),
    own('loop_last_success_timestamp_seconds', AT / 1000 + 9, { loop: 'writer' }),
  ])

  expect(collectors).toEqual([
    {
      name: 'c1',
      kinds: new Map([
        ['ping', { active: 40, reserved: 88, scheduled: 876, missed: 3 }],
        ['snmp', { active: 0, reserved: 0, scheduled: 478, missed: 0 }],
      ]),
      lagSeconds: 0.02,
      storedRatio: 0.9995,
      bufferBytes: 2_048,
      lastSuccessAt: AT,
    },
  ])
})

test('the fleet is stored as well as the worst collector stores', () => {
  const { storedRatio } = readPipeline([
    own('collector_targets', 5, { kind: 'ping' }),
    own('collector_targets', 5, { kind: 'ping', instance: 'c2' }),
    own('samples_stored_ratio', 1),
    own('samples_stored_ratio', 0.6, { instance: 'c2' }),
  ])

  expect(storedRatio).toBe(0.6)
})

test('a rule group is no collector; the one that makes statuses counts', () => {
  const pipeline = readPipeline([
    own('loop_last_success_timestamp_seconds', AT / 1000 - 9, { loop: 'group:availability' }),
    own('loop_last_success_timestamp_seconds', AT / 1000 - 2, { loop: 'group:quality' }),
    own('writer_buffer_bytes', 2_048, { instance: 'alerting' }),
    own('samples_stored_ratio', Number.NaN),
  ])

  expect(pipeline).toMatchObject({
    collectors: [],
    lastEvaluationAt: AT - 9_000,
    storedRatio: null,
  })
})
