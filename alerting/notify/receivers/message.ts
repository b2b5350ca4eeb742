import { humanizeDuration } from '../../../lib/duration.ts'
import type { Labels } from '../../../lib/labels.ts'
import type { NotifiedAlert, Notification } from '../notification.ts'
import { common } from './webhook.ts'

/** One alert in the words of a message. */
export type Item = {
  readonly isResolved: boolean
  /** What it is about; short. */
  readonly heading: string
  /** Cause, device, since when and how long, what lies behind it. */
  readonly lines: readonly string[]
  readonly link: string
}

/** A notification as people read it, before any markup. */
export type Message = {
  readonly isResolved: boolean
  /** The worst of those that fire, else of all. */
  readonly severity: string
  readonly title: string
  /** A user's own text, in place of the items. */
  readonly text: string | null
  /** Those that fire first. */
  readonly items: readonly Item[]
  /** How many more there are than `items` holds. */
  readonly more: number
  readonly link: string
}

export type MessageOptions = { readonly externalUrl: string; readonly timeZone: string }

/** More than any receiver has room for. */
const MOST_ITEMS = 1_000
const MOST_OF_HEADING = 250
const MOST_OF_CAUSE = 1_000

/** The built-in texts. All durations end at the notification's own instant: each try of it reads the same. */
export function messageOf(notification: Notification, options: MessageOptions): Message {
  const { alerts, at, truncatedAlerts } = notification
  const firing = alerts.filter(({ endsAt }) => endsAt === 0)
  const resolved = alerts.filter(({ endsAt }) => endsAt !== 0)
  const ordered = [...firing, ...resolved]
  const [first] = ordered
  return {
    isResolved: firing.length === 0,
    severity: worst(firing.length === 0 ? resolved : firing),
    title: cut(titleOf(notification, firing, resolved), MOST_OF_HEADING),
    text: null,
    items: ordered.slice(0, MOST_ITEMS).map((alert) => itemOf(alert, at, options)),
    more: truncatedAlerts + Math.max(0, ordered.length - MOST_ITEMS),
    link: alerts.length === 1 && first !== undefined ? linkOf(first, options) : options.externalUrl,
  }
}

function titleOf(
  { groupLabels, alerts, reason, at, truncatedAlerts }: Notification,
  firing: readonly NotifiedAlert[],
  resolved: readonly NotifiedAlert[],
): string {
  const [only, ...others] = alerts
  if (only !== undefined && others.length === 0 && truncatedAlerts === 0) {
    if (only.endsAt !== 0) return `Resolved after ${lasted(only, at)}: ${headingOf(only)}`
    const title = [headingOf(only), behindOf(only)].filter(Boolean).join(': ')
    return reason === 'repeat interval elapsed' ? `Still, for ${lasted(only, at)}: ${title}` : title
  }
  const what = scopeOf(
    Object.keys(groupLabels).length > 0 ? groupLabels : common(alerts.map(({ labels }) => labels)),
  )
  const counts = [
    firing.length === 0 ? '' : problems(firing.length + truncatedAlerts),
    resolved.length === 0 ? '' : `${resolved.length} resolved`,
  ]
  return [counts.filter(Boolean).join(', '), what].filter(Boolean).join(': ')
}

/** `DeviceDown, Vake, Tbilisi` */
const scopeOf = (labels: Labels): string =>
  oneLine(
    ['alertname', 'device', 'branch', 'region'].flatMap((name) => labels[name] ?? []).join(', '),
  )

const problems = (count: number): string => (count === 1 ? '1 problem' : `${count} problems`)

function itemOf(alert: NotifiedAlert, at: number, options: MessageOptions): Item {
  const { annotations, activeAt, endsAt } = alert
  const time = (instant: number): string => formatInstant(instant, options.timeZone)
  const span =
    endsAt === 0
      ? `Since ${time(activeAt)}: for ${lasted(alert, at)}`
      : `From ${time(activeAt)} to ${time(endsAt)}: ${lasted(alert, at)}`
  const cause = endsAt === 0 ? (annotations['description'] ?? '').trim() : ''
  return {
    isResolved: endsAt !== 0,
    heading: cut(headingOf(alert), MOST_OF_HEADING),
    lines: [cut(cause, MOST_OF_CAUSE), placeOf(alert), span, behindOf(alert)].filter(Boolean),
    link: linkOf(alert, options),
  }
}

/** A heading is a link or a subject, which a line break would end. */
export const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()

export function headingOf({
  labels,
  annotations,
}: Pick<NotifiedAlert, 'labels' | 'annotations'>): string {
  const { summary = '', title = '' } = annotations
  const name = [labels['alertname'] ?? 'Alert', labels['device']].filter(Boolean).join(': ')
  return oneLine(summary) || oneLine(title) || oneLine(name)
}

/** `Device Vake router (router-1), 198.18.0.1; branch Vake, region Tbilisi` */
function placeOf({ labels, annotations }: NotifiedAlert): string {
  const { device = '', branch = '', region = '' } = labels
  const name = annotations['device_name'] ?? ''
  const known = name === '' || name === device ? device : `${name} (${device})`
  const address = annotations['address'] ?? ''
  const what = [known === '' ? '' : `Device ${known}`, address === device ? '' : address]
  const where = [branch === '' ? '' : `branch ${branch}`, region === '' ? '' : `region ${region}`]
  return [what, where]
    .map((parts) => parts.filter(Boolean).join(', '))
    .filter(Boolean)
    .join('; ')
}

/** What an outage takes with it, unless the rule's own text says so. */
function behindOf({ annotations }: NotifiedAlert): string {
  const count = Number(annotations['unreachable'] ?? '')
  if (!(count > 0)) return ''
  const own = [annotations['summary'], annotations['description']]
  if (own.some((text) => text?.includes('unreachable'))) return ''
  return `${count} ${count === 1 ? 'device' : 'devices'} unreachable behind it`
}

const lasted = ({ activeAt, endsAt }: NotifiedAlert, at: number): string =>
  humanizeDuration((endsAt === 0 ? at : endsAt) - activeAt)

export function linkOf(
  { labels, annotations }: Pick<NotifiedAlert, 'labels' | 'annotations'>,
  { externalUrl }: { readonly externalUrl: string },
): string {
  const base = externalUrl.replace(/\/$/, '')
  const { link = '' } = annotations
  // Some receivers refuse a message for a link that is none: what a rule wrote is read as a browser would.
  if (/^https?:\/\//.test(link) && URL.canParse(link)) return new URL(link).href
  if (link.startsWith('/')) return `${base}${link}`
  const device = labels['device'] ?? ''
  return device === '' ? externalUrl : `${base}/?device=${encodeURIComponent(device)}`
}

const SEVERITIES = ['critical', 'error', 'warning', 'info']

function worst(alerts: readonly NotifiedAlert[]): string {
  const given = alerts.map(({ labels }) => labels['severity'] ?? '')
  return SEVERITIES.find((severity) => given.includes(severity)) ?? given[0] ?? ''
}

/** `2026-03-29 00:59:58 UTC`, whatever the machine's own zone. */
export function formatInstant(at: number, timeZone: string): string {
  const parts = formatIn(timeZone).formatToParts(at)
  const of = (type: Intl.DateTimeFormatPartTypes): string =>
    parts.find((part) => part.type === type)?.value ?? ''
  const date = `${of('year')}-${of('month')}-${of('day')}`
  return `${date} ${of('hour')}:${of('minute')}:${of('second')} ${of('timeZoneName')}`
}

/** Made once for each zone of the configuration: that takes far longer than formatting. */
const formats = new Map<string, Intl.DateTimeFormat>()

function formatIn(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  })
  formats.set(timeZone, format)
  return format
}

/** At most so many UTF-16 units, never half a character. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text
  const end = most - 1
  const splits = /[\ud800-\udbff]/.test(text[end - 1] ?? '')
  return `${text.slice(0, splits ? end - 1 : end)}…`
}
