import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { fleet } from './fleet.ts'

/** Every dashboard by the name of its file in dashboards/. */
export const DASHBOARDS: Readonly<Record<string, () => Dashboard>> = { 'fleet.json': fleet }

/** The text of a dashboard's file: the same for the same source. */
export const render = (dashboard: Dashboard): string => `${JSON.stringify(dashboard, null, 2)}\n`
