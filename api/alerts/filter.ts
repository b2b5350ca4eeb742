import type { AlertJson } from './schema.ts'
import { haveWords, wordsOf } from './words.ts'

/** What of the alerts is asked for; undefined: any. */
export type AlertFilter = {
  readonly state: 'firing' | 'pending' | 'any'
  readonly severity?: readonly string[] | undefined
  readonly alert?: readonly string[] | undefined
  readonly device?: readonly string[] | undefined
  readonly branch?: readonly string[] | undefined
  readonly region?: readonly string[] | undefined
  /** Every word of it must occur in the alert's name, its device's id or name, its branch, region or a label. */
  readonly q: string
}

export function filterAlerts(alerts: readonly AlertJson[], filter: AlertFilter): AlertJson[] {
  const words = wordsOf(filter.q)
  return alerts.filter(
    (alert) =>
      (filter.state === 'any' || alert.state === filter.state) &&
      isOneOf(alert.severity, filter.severity) &&
      isOneOf(alert.alert, filter.alert) &&
      isOneOf(alert.device, filter.device) &&
      isOneOf(alert.branch, filter.branch) &&
      isOneOf(alert.region, filter.region) &&
      haveWords(textsOf(alert), words),
  )
}

/** '' asks for those without a value. */
const isOneOf = (value: string | null, wanted: readonly string[] | undefined): boolean =>
  wanted === undefined || wanted.includes(value ?? '')

const textsOf = ({ device_name, branch, region, labels }: AlertJson): (string | null)[] => [
  device_name,
  branch,
  region,
  ...Object.values(labels),
]
