import { identityLabels } from '../../lib/inventory.ts'
import type { Labels } from '../../lib/labels.ts'
import type { EvaluationContext, Result, RuleGroup, TextContext } from '../rule.ts'
import { deviceLink, deviceName } from './text.ts'
import { type Branch, type BranchUplink, createUplinkWatch } from './uplink-watch.ts'

/** What a branch reaches the rest by: one uplink of several lost, or all of them. */
export function uplinkRules(intervalMs: number): RuleGroup {
  const watch = createUplinkWatch()
  /** The branches of the last evaluation, for the texts of its alerts. */
  let known: readonly Branch[] = []
  /** Since when the alerts are that the last evaluation gave, by uplink: what lasts is the same one. */
  let lasting: ReadonlyMap<string, number> = new Map()

  async function uplinksLost(context: EvaluationContext): Promise<Result[]> {
    known = await watch.read(context)
    const now = new Map<string, number>()
    const results: Result[] = []
    for (const { summary, uplinks } of known) {
      if (summary !== 'degraded') continue
      for (const uplink of uplinks.filter(isDown)) {
        const key = JSON.stringify([uplink.device.id, uplink.name, uplink.interface])
        const since = lasting.get(key) ?? aloneSince(uplink, uplinks) ?? context.at
        now.set(key, since)
        results.push(lostResult(uplink, since))
      }
    }
    lasting = now
    return results
  }

  async function branchUplinksDown(context: EvaluationContext): Promise<Result[]> {
    known = await watch.read(context)
    return known
      .filter(({ summary }) => summary === 'down')
      .map((branch) => branchResult(branch, context))
  }

  const uplinksOf = ({ labels }: TextContext): readonly BranchUplink[] =>
    known.find(({ branch, region, uplinks }) =>
      branch === ''
        ? uplinks.some(({ device }) => device.id === labels['device'])
        : branch === labels['branch'] && region === (labels['region'] ?? ''),
    )?.uplinks ?? []
  const uplinkOf = (context: TextContext): BranchUplink | undefined =>
    uplinksOf(context).find(
      ({ device, name, interface: port }) =>
        device.id === context.labels['device'] &&
        name === context.labels['uplink'] &&
        port === context.labels['interface'],
    )

  return {
    name: 'uplinks',
    file: '',
    intervalMs,
    rules: [
      {
        alert: 'UplinkLost',
        severity: 'warning',
        expr: uplinksLost,
        annotations: {
          summary: (context) =>
            `${placeOf(context)} lost its uplink ${context.labels['uplink'] ?? ''}`,
          description(context) {
            const lost = uplinkOf(context)
            const up = uplinksOf(context).filter(({ state }) => state === 'up')
            const rest = up.length === 0 ? '' : `still up: ${up.map(({ name }) => name).join(', ')}`
            return [lost === undefined ? '' : sentenceOf(lost), rest].filter(Boolean).join('; ')
          },
          down_since: (context) => toIso(uplinkOf(context)?.since ?? context.activeAt),
          device_name: deviceName,
          link: deviceLink,
        },
      },
      {
        alert: 'BranchUplinksDown',
        severity: 'critical',
        expr: branchUplinksDown,
        annotations: {
          summary: (context) => `${placeOf(context)} has lost all its uplinks`,
          description: (context) => uplinksOf(context).map(sentenceOf).join('; '),
          uplinks: (context) =>
            uplinksOf(context)
              .filter(isDown)
              .map(({ name }) => name)
              .join(', '),
          down_since: ({ activeAt }) => toIso(activeAt),
          device_name: (context) => (context.device === undefined ? '' : deviceName(context)),
          link: (context) =>
            context.labels['device'] === undefined
              ? `/?branch=${encodeURIComponent(context.labels['branch'] ?? '')}`
              : deviceLink(context),
        },
      },
    ],
  }
}

const isDown = ({ state }: BranchUplink): boolean => state === 'down'

/**
 * Since when an uplink is the one that is lost, and others are not: its loss, or the return of the first other one
 * that was lost as well meanwhile. Null where that isn't known.
 */
function aloneSince(uplink: BranchUplink, all: readonly BranchUplink[]): number | null {
  const { since } = uplink
  if (since === null) return null
  const others = all.filter(({ state }) => state === 'up').map((other) => other.since ?? -Infinity)
  const first = Math.min(...others)
  return others.length > 0 && first > since ? first : since
}

function lostResult({ device, name, interface: port }: BranchUplink, since: number): Result {
  const labels = { ...identityLabels(device), uplink: name, interface: port }
  return { labels, value: since / 1000, at: since, since }
}

/** Cut off since the last of its uplinks was lost, or was switched off while the others were. */
function branchResult({ branch, region, uplinks }: Branch, { at }: EvaluationContext): Result {
  const stamps = uplinks.map(({ since }) => since)
  const since = stamps.every((stamp) => stamp !== null) ? Math.max(...stamps) : null
  const devices = new Set(uplinks.map(({ device }) => device.id))
  const [only] = devices
  const labels: Labels = {
    branch,
    region,
    ...(devices.size === 1 && only !== undefined ? { device: only } : {}),
  }
  return { labels, value: uplinks.length, at, ...(since === null ? {} : { since }) }
}

const placeOf = (context: TextContext): string => context.labels['branch'] || deviceName(context)

/** `isp-a (wan1 of Vake router) is down since 2026-03-29T00:59:58.000Z` */
function sentenceOf({ name, interface: port, device, state, since }: BranchUplink): string {
  const what = state === 'admin_down' ? 'is switched off' : 'is down'
  const from = since === null ? '' : ` since ${toIso(since)}`
  return `${name} (${port} of ${device.name === '' ? device.id : device.name}) ${what}${from}`
}

const toIso = (at: number): string => new Date(at).toISOString()
