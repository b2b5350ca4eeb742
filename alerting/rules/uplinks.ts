import { identityLabels } from '../../lib/inventory.ts'
import type { Labels } from '../../lib/labels.ts'
import type { EvaluationContext, Result, RuleGroup, TextContext } from '../rule.ts'
import { deviceLink, deviceName } from './text.ts'
import { type Branch, type BranchUplink, createUplinkWatch } from './uplink-watch.ts'

/** What a branch reaches the rest by: one uplink of several lost, or all of them. */
export function uplinkRules(intervalMs: number): RuleGroup {
  const watch = createUplinkWatch()
  /** The branches of the last evaluation that has alerts, for their texts. */
  let lost: ReadonlyMap<string, Branch> = new Map()

  async function readLost(context: EvaluationContext): Promise<readonly Branch[]> {
    const branches = await watch.read(context)
    lost = new Map(branches.map((branch) => [placeKey(branch), branch]))
    return branches
  }

  // In the order of the rules: the first one reads, the other takes what it read.
  async function uplinksLost(context: EvaluationContext): Promise<Result[]> {
    const branches = await readLost(context)
    return branches
      .filter(({ summary }) => summary === 'degraded')
      .flatMap(({ uplinks }) => uplinks.filter(isDown).map((uplink) => lostResult(uplink, context)))
  }

  async function branchUplinksDown(context: EvaluationContext): Promise<Result[]> {
    const branches = await readLost(context)
    return branches
      .filter(({ summary }) => summary === 'down')
      .map((branch) => branchResult(branch, context))
  }

  const branchOf = ({ labels, device }: TextContext): Branch | undefined =>
    lost.get(
      placeKey({
        branch: labels['branch'] ?? '',
        uplinks: device ? [{ device }] : [],
        region: labels['region'] ?? '',
      }),
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
          description: (context) =>
            `${context.labels['uplink'] ?? ''} (${context.labels['interface'] ?? ''} of ${deviceName(context)})` +
            ` is down since ${toIso(context.activeAt)}${othersOf(context, branchOf(context))}`,
          down_since: ({ activeAt }) => toIso(activeAt),
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
          description: (context) =>
            (branchOf(context)?.uplinks ?? []).map((uplink) => sentenceOf(uplink)).join('; '),
          uplinks: (context) =>
            (branchOf(context)?.uplinks ?? [])
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

function lostResult(uplink: BranchUplink, { at }: EvaluationContext): Result {
  const { device, name, since } = uplink
  return {
    labels: { ...identityLabels(device), uplink: name, interface: uplink.interface },
    value: (since ?? at) / 1000,
    at,
    ...(since === null ? {} : { since }),
  }
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

function placeKey({
  branch,
  region,
  uplinks,
}: {
  readonly branch: string
  readonly region: string
  readonly uplinks: readonly { readonly device: { readonly id: string } }[]
}): string {
  return JSON.stringify(branch === '' ? [uplinks[0]?.device.id] : [region, branch])
}

const placeOf = (context: TextContext): string => context.labels['branch'] || deviceName(context)

/** `isp-a (wan1 of Vake router) is down since 2026-03-29T00:59:58.000Z` */
function sentenceOf({ name, interface: port, device, state, since }: BranchUplink): string {
  const what = state === 'admin_down' ? 'is switched off' : 'is down'
  const from = since === null ? '' : ` since ${toIso(since)}`
  return `${name} (${port} of ${device.name === '' ? device.id : device.name}) ${what}${from}`
}

function othersOf({ labels }: TextContext, branch: Branch | undefined): string {
  const up = (branch?.uplinks ?? []).filter(
    ({ name, state }) => state === 'up' && name !== labels['uplink'],
  )
  return up.length === 0 ? '' : `; still up: ${up.map(({ name }) => name).join(', ')}`
}

const toIso = (at: number): string => new Date(at).toISOString()
