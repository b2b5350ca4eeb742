import { STALE_INTERVALS } from '../../lib/status.ts'
import { ageSeconds, isoOrNull, milliseconds } from '../device-json.ts'
import type { Delivery } from './csv.ts'
import type { ExplainJson } from './schema.ts'
import { sentencesOf } from './text.ts'
import type { Held, Verdict } from './verdict.ts'

/** A verdict as the API tells it. */
export function explainJson(verdict: Verdict): ExplainJson {
  const { device, at, state, confirmation, acknowledgement: given, evidence } = verdict
  return {
    device: device.id,
    name: device.name || device.id,
    at: iso(at),
    status: verdict.status,
    since: isoOrNull(verdict.since),
    recorded_status: evidence.recordedStatus,
    blind_since: isoOrNull(verdict.blindSince),
    late_from: isoOrNull(verdict.lateFrom),
    text: sentencesOf(verdict),
    ping: pingJson(verdict),
    confirmation: confirmation === null ? null : confirmationJson(confirmation),
    state: state === null ? null : { up: state.up, since: iso(state.since) },
    parents: verdict.parents.map(({ id, status, since }) => ({
      id,
      status,
      since: isoOrNull(status === 'unknown' || status === 'disabled' ? null : since),
    })),
    cause: [...verdict.causes],
    flapping: { active: verdict.isFlapping, score_percent: evidence.flappingScore },
    alerts: verdict.alerts.map(({ name, severity, state: is, activeAt, labels }) => ({
      alert: name,
      severity,
      state: is,
      active_at: isoOrNull(activeAt),
      labels: { ...labels },
    })),
    held: verdict.held.map(heldJson),
    acknowledgement:
      given === null
        ? null
        : {
            alert: given.labels['alertname'] ?? '',
            created_by: given.createdBy,
            comment: given.comment,
            at: iso(given.at),
            expires_at: isoOrNull(given.expiresAt),
            sticky: given.sticky,
          },
    notifications: evidence.deliveries.slice(-MOST_DELIVERIES).map(deliveryJson),
  }
}

const MOST_DELIVERIES = 100

function pingJson({ device, at, lastSampleAt, isStale, evidence }: Verdict): ExplainJson['ping'] {
  return {
    interval_seconds: device.ping.intervalMs / 1000,
    confirm: device.ping.confirm,
    samples: evidence.probes.map((probe) => ({
      at: iso(probe.at),
      up: probe.up,
      rtt_ms: probe.rttSeconds === null ? null : milliseconds(probe.rttSeconds),
      loss_ratio: probe.lossRatio,
      vantage: probe.vantage,
    })),
    last_sample_at: isoOrNull(lastSampleAt),
    sample_age_seconds: ageSeconds(lastSampleAt, at),
    stale_after_seconds: (STALE_INTERVALS * device.ping.intervalMs) / 1000,
    stale: isStale,
  }
}

function confirmationJson({
  needed,
  failures,
  firstFailedAt,
  confirmedAt,
  awaitedSites,
  isWhole,
}: NonNullable<Verdict['confirmation']>): ExplainJson['confirmation'] {
  return {
    needed,
    failures: isWhole ? failures : null,
    first_failed_at: iso(firstFailedAt),
    confirmed_at: isoOrNull(confirmedAt),
    awaited_sites: [...awaitedSites],
  }
}

const heldJson = ({ createdBy, until, ...held }: Held): ExplainJson['held'][number] => ({
  ...held,
  created_by: createdBy,
  until: isoOrNull(until),
})

const deliveryJson = ({ at, ...delivery }: Delivery): ExplainJson['notifications'][number] => ({
  at: iso(at),
  ...delivery,
})

const iso = (at: number): string => new Date(at).toISOString()
