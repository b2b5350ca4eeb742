import { type ReceiverConfig, kindOf } from '../../../lib/config/receivers.ts'
import type { Notify, Receiver } from '../notification.ts'
import { createAlertmanager } from './alertmanager.ts'
import { createDiscord } from './discord.ts'
import { createEmail } from './email.ts'
import type { Externals } from './externals.ts'
import { createOpsgenie } from './opsgenie.ts'
import { createPagerDuty } from './pagerduty.ts'
import { createSlack } from './slack.ts'
import { createTeams } from './teams.ts'
import { createTelegram } from './telegram.ts'
import { createCompose } from './templates.ts'
import { createWebhook } from './webhook.ts'

export type { Exchange, Externals } from './externals.ts'

const REPEAT_MS = 4 * 3_600_000
const GROUP_BY = ['alertname', 'device']

/** Alertmanager groups by itself: what it gets is only divided, so that one change doesn't send the whole fleet. */
const ALERTMANAGER = { refreshMs: 60_000, groupBy: ['alertname', 'branch'] }

/** A receiver as the notifier uses it. Throws StartError where a template can't be read. */
export function receiverOf(config: ReceiverConfig, externals: Externals): Receiver {
  const { name, send_resolved, retry_for, max_alerts } = config
  const isAlertmanager = config.alertmanager !== undefined
  const repeatMs = config.repeat_interval ?? (isAlertmanager ? ALERTMANAGER.refreshMs : REPEAT_MS)
  return {
    name,
    notify: notifyOf(config, repeatMs, externals),
    // To Alertmanager the end of an alert is a part of it: whom to tell is its own business.
    sendResolved: send_resolved || isAlertmanager,
    retryForMs: retry_for,
    maxAlerts: isAlertmanager ? 0 : max_alerts,
    updatesInPlace: config.send_updates ?? editsInPlace(config),
    groupBy: config.group_by ?? (isAlertmanager ? ALERTMANAGER.groupBy : GROUP_BY),
    repeatMs,
    ...(isAlertmanager ? { refreshMs: repeatMs } : {}),
  }
}

function notifyOf(config: ReceiverConfig, repeatMs: number, externals: Externals): Notify {
  const { name } = config
  const compose = createCompose(config, externals)
  const { kind, settings } = kindOf(config)
  switch (kind) {
    case 'webhook':
      return createWebhook(name, settings, externals)
    case 'alertmanager':
      return createAlertmanager(name, settings, repeatMs, externals)
    case 'slack':
      return createSlack(settings, compose, externals)
    case 'teams':
      return createTeams(settings, compose, externals)
    case 'telegram':
      return createTelegram(settings, compose, externals)
    case 'discord':
      return createDiscord(settings, compose, externals)
    case 'pagerduty':
      return createPagerDuty(name, settings, compose, externals)
    case 'opsgenie':
      return createOpsgenie(name, settings, compose, externals)
    case 'email':
      return createEmail(name, settings, compose, externals)
  }
}

/** Where the message that was told can be changed; elsewhere an update would be one more page. */
const editsInPlace = ({
  slack,
  telegram,
  discord,
  pagerduty,
  opsgenie,
  alertmanager,
}: ReceiverConfig): boolean =>
  slack?.bot_token !== undefined ||
  [telegram, discord, pagerduty, opsgenie, alertmanager].some((given) => given !== undefined)
