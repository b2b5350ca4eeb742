import type { Labels } from '../../../lib/labels.ts'
import { fingerprint } from '../../../lib/fingerprint.ts'
import type { NotifiedAlert } from '../notification.ts'
import type { Externals } from './externals.ts'

/** An alert as Alertmanager's webhook body and its API have it. */
export type AlertBody = {
  readonly status: 'firing' | 'resolved'
  readonly labels: Labels
  readonly annotations: Labels
  readonly startsAt: string
  /** Year 1 while it fires. */
  readonly endsAt: string
  readonly generatorURL: string
  readonly fingerprint: string
}

export function alertBody(
  { labels, annotations, startsAt, endsAt }: NotifiedAlert,
  { externalUrl, externalLabels }: Pick<Externals, 'externalUrl' | 'externalLabels'>,
): AlertBody {
  const all = { ...externalLabels, ...labels }
  return {
    status: endsAt === 0 ? 'firing' : 'resolved',
    labels: all,
    annotations,
    startsAt: new Date(startsAt).toISOString(),
    endsAt: endsAt === 0 ? '0001-01-01T00:00:00Z' : new Date(endsAt).toISOString(),
    generatorURL: generatorUrl(labels, externalUrl),
    fingerprint: fingerprint(all),
  }
}

/** The page of what an alert is about. */
export function generatorUrl({ device }: Labels, externalUrl: string): string {
  const base = externalUrl.replace(/\/$/, '')
  return device === undefined ? externalUrl : `${base}/?device=${encodeURIComponent(device)}`
}
