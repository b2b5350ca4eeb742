import type { MODULE_METRICS } from './modules.ts'
import type { OWN_METRICS } from './own.ts'

type Own = typeof OWN_METRICS
type Modules = typeof MODULE_METRICS

/** Every metric that wardline writes, those of its built-in SNMP modules included. */
export type MetricName = keyof Own | keyof Modules

/** The labels of a metric. */
export type LabelsOf<Name extends MetricName> = Name extends keyof Own
  ? Own[Name][number]
  : Name extends keyof Modules
    ? Modules[Name][number] | 'device' | 'branch' | 'region'
    : never
