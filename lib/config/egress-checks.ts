import { createPolicy } from '../egress/policy.ts'
import type { Secret } from '../secret.ts'
import type { Finding } from './explain.ts'
import { kindOf } from './receivers.ts'
import type { Config } from './schema.ts'

type Place = { readonly path: readonly PropertyKey[]; readonly host: string }

/** Addresses that nothing is sent to, as they are written: told at the start rather than when an alert comes. */
export function egressFindings(config: Config): Finding[] {
  const policy = createPolicy(config.egress)
  return placesOf(config).flatMap(({ path, host }) => {
    const why = policy.againstHost(host)
    if (why === null) return []
    // The host itself may be a part of a secret.
    const message = `its host is ${why}: nothing is sent there unless egress.allow has it`
    return [{ path, message }]
  })
}

function placesOf({ receivers, alerting, auth }: Config): Place[] {
  const places = receivers.flatMap((receiver, index) => {
    const { kind, settings } = kindOf(receiver)
    const path = ['receivers', index, kind]
    if (kind === 'email') return [{ path: [...path, 'host'], host: settings.host }]
    if (kind === 'alertmanager')
      return settings.urls.flatMap((url, i) => placeOf([...path, 'urls', i], url))
    const urls: Readonly<Record<string, string | Secret | undefined>> = {
      ...('url' in settings && { url: settings.url }),
      ...('webhook_url' in settings && { webhook_url: settings.webhook_url }),
      ...('api_url' in settings && { api_url: settings.api_url }),
    }
    return Object.entries(urls).flatMap(([key, url]) => placeOf([...path, key], url))
  })
  return [
    ...places,
    ...alerting.rule_files.flatMap((file, i) =>
      /^https?:/.test(file) ? placeOf(['alerting', 'rule_files', i], file) : [],
    ),
    ...placeOf(['alerting', 'heartbeat', 'url'], alerting.heartbeat?.url),
    ...placeOf(['alerting', 'heartbeat', 'fail_url'], alerting.heartbeat?.fail_url),
    ...placeOf(['auth', 'oidc', 'issuer'], auth.oidc?.issuer),
  ]
}

function placeOf(path: readonly PropertyKey[], url: string | Secret | undefined): Place[] {
  const text = typeof url === 'object' ? url.reveal() : url
  const parsed = text === undefined ? null : URL.parse(text)
  return parsed === null ? [] : [{ path, host: parsed.hostname }]
}
