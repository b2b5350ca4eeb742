import type { Alert } from '../../../alerting/alert.ts'
import type { AlertRule, Rule, RuleGroup } from '../../../alerting/rule.ts'
import { START, type Simulation } from './simulation.ts'

export const SECOND = 1_000
export const MINUTE = 60_000

/** A rule over `load`, which a test writes. */
export const loadRule = (alert: string, more: Partial<AlertRule> = {}): AlertRule => ({
  alert,
  expr: 'last_over_time(load[20s]) > 5',
  annotations: { summary: ({ labels, value }) => `${labels['device']} has ${value}` },
  ...more,
})

export const fileGroup = (rules: readonly Rule[], more: Partial<RuleGroup> = {}): RuleGroup => ({
  name: 'load',
  file: 'load.yml',
  intervalMs: 15 * SECOND,
  rules,
  ...more,
})

/** Loads of devices every 15 s in [from, to), in ms after the start. */
export async function writeLoads(
  sim: Simulation,
  loads: Readonly<Record<string, number>>,
  from: number,
  to: number,
): Promise<void> {
  const samples = []
  for (let at = START + from; at < START + to; at += 15 * SECOND)
    for (const [device, load] of Object.entries(loads))
      samples.push({ measurement: '', labels: { device }, fields: { load }, at })
  await sim.write(samples)
}

const seconds = (at: number): number => (at - START) / SECOND

/** Alerts of groups from files: `Name device state since activeAt`, in seconds after the start. */
export const alertsOf = (sim: Simulation): string[] =>
  sim
    .view()
    .filter(({ group }) => group.file !== '')
    .flatMap(({ rules }) => rules)
    .flatMap(({ alerts }) => alerts)
    .map(inShort)
    .toSorted()

const inShort = ({ labels, state, activeAt, keepFiringSince }: Alert): string =>
  `${labels['alertname']} ${labels['device']} ${state} since ${seconds(activeAt)}` +
  (keepFiringSince === null ? '' : `, kept since ${seconds(keepFiringSince)}`)

/** What VictoriaMetrics shows of these alerts: `Name device state`. */
export const shown = async (sim: Simulation): Promise<string[]> =>
  (await sim.query('ALERTS{alertgroup="load"}'))
    .map(({ labels: { alertname, device, alertstate } }) => `${alertname} ${device} ${alertstate}`)
    .toSorted()
