import { systemClock } from '../../../lib/clock.ts'
import type { ReceiverConfig } from '../../../lib/config/receivers.ts'
import type { Labels } from '../../../lib/labels.ts'
import { StartError } from '../../../lib/start-error.ts'
import { execute } from '../../template/execute.ts'
import { FUNCTIONS } from '../../template/functions.ts'
import { parseTemplate } from '../../template/parse.ts'
import { TemplateError } from '../../template/template-error.ts'
import { type GoMap, type Value, durationOf } from '../../template/value.ts'
import type { NotifiedAlert, Notification } from '../notification.ts'
import { alertBody } from './alert-body.ts'
import type { Compose } from './chat.ts'
import type { Externals } from './externals.ts'
import { type Message, headingOf, linkOf, messageOf, oneLine } from './message.ts'
import { PLAIN, bodyOf } from './markup.ts'
import { common } from './webhook.ts'

/** The built-in text that `.Text` gives a template. */
const MOST_OF_TEXT = 10_000

/** A message is about what was found: it asks nothing more. */
const KNOWN = {
  functions: new Map([...FUNCTIONS].filter(([name]) => name !== 'query')),
  variables: [],
}

type Render = (dot: Value, at: number) => string

/** What a receiver says: the built-in texts, or the user's templates of them. Throws StartError where one is wrong. */
export function createCompose(receiver: ReceiverConfig, externals: Externals): Compose {
  const { name, templates, time_zone } = receiver
  const title = compile(templates.title, `receiver ${name}: templates.title`, externals)
  const text = compile(templates.text, `receiver ${name}: templates.text`, externals)
  const { clock = systemClock, externalUrl, log } = externals
  let isTold = false

  return (notification) => {
    const message = messageOf(notification, { externalUrl, timeZone: time_zone })
    if (title === null && text === null) return message
    const dot = dotOf(notification, message, name, externals)
    try {
      return {
        ...message,
        ...(title === null ? {} : { title: oneLine(title(dot, clock.now())) || message.title }),
        ...(text === null ? {} : { text: text(dot, clock.now()).trim() }),
      }
    } catch (error) {
      // An outage is told whatever a template does.
      if (!(error instanceof TemplateError)) throw error
      if (!isTold)
        log?.warn(
          { receiver: name, reason: error.message },
          'a template of a receiver fails: its messages have the built-in text',
        )
      isTold = true
      return message
    }
  }
}

function compile(
  source: string | undefined,
  where: string,
  { externalUrl }: Pick<Externals, 'externalUrl'>,
): Render | null {
  if (source === undefined) return null
  try {
    const tree = parseTemplate(source, KNOWN)
    const query = (): Value => null
    return (dot, at) => execute(source, tree, dot, [], { at, externalUrl, query })
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    throw new StartError(`${where}: expected a Go template: ${error.message}`, { cause: error })
  }
}

/** Alertmanager's data, and what the built-in texts are made of. */
function dotOf(
  notification: Notification,
  message: Message,
  receiver: string,
  externals: Externals,
): Value {
  const { alerts, at, groupLabels, routeLabels, reason, truncatedAlerts } = notification
  const told = alerts.map((alert) => ({
    isFiring: alert.endsAt === 0,
    value: alertValue(alert, at, externals),
  }))
  const bodies = alerts.map((alert) => alertBody(alert, externals))
  return {
    kind: 'struct',
    type: 'notify.Data',
    fields: {
      Receiver: receiver,
      Status: message.isResolved ? 'resolved' : 'firing',
      Reason: reason,
      Severity: message.severity,
      Title: message.title,
      Text: bodyOf(message, PLAIN, MOST_OF_TEXT),
      Link: message.link,
      Alerts: told.map(({ value }) => value),
      Firing: told.filter(({ isFiring }) => isFiring).map(({ value }) => value),
      Resolved: told.filter(({ isFiring }) => !isFiring).map(({ value }) => value),
      TruncatedAlerts: BigInt(truncatedAlerts),
      GroupLabels: mapOf(groupLabels),
      RouteLabels: mapOf(routeLabels),
      CommonLabels: mapOf(common(bodies.map(({ labels }) => labels))),
      CommonAnnotations: mapOf(common(bodies.map(({ annotations }) => annotations))),
      ExternalURL: externals.externalUrl,
    },
  }
}

function alertValue(alert: NotifiedAlert, at: number, externals: Externals): Value {
  const { status, labels, annotations, generatorURL, fingerprint } = alertBody(alert, externals)
  const { activeAt, startsAt, endsAt } = alert
  return {
    kind: 'struct',
    type: 'notify.Alert',
    fields: {
      Status: status,
      Heading: headingOf(alert),
      Link: linkOf(alert, externals),
      Labels: mapOf(labels),
      Annotations: mapOf(annotations),
      Value: alert.value,
      ActiveAt: { kind: 'time', at: activeAt },
      StartsAt: { kind: 'time', at: startsAt },
      EndsAt: { kind: 'time', at: endsAt },
      Duration: durationOf((endsAt === 0 ? at : endsAt) - activeAt),
      GeneratorURL: generatorURL,
      Fingerprint: fingerprint,
    },
  }
}

const mapOf = (entries: Labels): GoMap => ({ kind: 'map', of: 'string', entries })
