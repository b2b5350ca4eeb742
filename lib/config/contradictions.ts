import { CANARY_DEVICE } from '../canary.ts'
import { parseListen } from '../listen-address.ts'
import { authFindings } from './auth.ts'
import { egressFindings } from './egress-checks.ts'
import { type Finding, show } from './explain.ts'
import { didYouMean } from './nearest.ts'
import { routingFindings } from './routing-checks.ts'
import type { Config } from './schema.ts'

/** What each value allows alone but not together. */
export function contradictions(config: Config): Finding[] {
  return [
    ...sharedNames(config),
    ...canaryReceiver(config),
    ...routingFindings(config),
    ...authFindings(config),
    ...egressFindings(config),
    ...(startsStores(config) ? sharedListens(config) : []),
  ]
}

function sharedNames({ receivers }: Config): Finding[] {
  const findings: Finding[] = []
  const names = new Map<string, number>()
  for (const [index, { name }] of receivers.entries()) {
    const first = names.get(name)
    if (first === undefined) names.set(name, index)
    else
      findings.push({
        path: ['receivers', index, 'name'],
        message: `${show(name)} is the name of receivers[${first}] already`,
      })
  }
  return findings
}

/** The canary's receiver is one of those that are configured, and none is called as its own. */
function canaryReceiver({ receivers, alerting: { canary } }: Config): Finding[] {
  const findings: Finding[] = []
  for (const [index, { name }] of receivers.entries()) {
    if (name !== CANARY_DEVICE) continue
    const message = `expected another name: ${show(name)} is wardline's own`
    findings.push({ path: ['receivers', index, 'name'], message })
  }
  const wanted = canary?.receiver
  if (wanted === undefined || receivers.some(({ name }) => name === wanted)) return findings
  const names = receivers.map(({ name }) => name)
  const message = `no receiver is called ${show(wanted)}${didYouMean(wanted, names)}`
  return [...findings, { path: ['alerting', 'canary', 'receiver'], message }]
}

/** With a store of wardline's own, all services run on this machine, by `wardline up`. */
const startsStores = ({ victoriametrics, redis }: Config): boolean =>
  victoriametrics.url === undefined || redis.url === undefined

/** Two that listen where only one can. With services on machines of their own that is no mistake. */
export function sharedListens(config: Config): Finding[] {
  const findings: Finding[] = []
  const seen: { key: string; listen: string }[] = []
  for (const key of ['victoriametrics', 'collector', 'alerting', 'api'] as const) {
    if (key === 'victoriametrics' && config.victoriametrics.url !== undefined) continue
    const { listen } = config[key]
    const other = seen.find((earlier) => overlap(earlier.listen, listen))
    if (other !== undefined)
      findings.push({
        path: [key, 'listen'],
        message: `${listen} is taken by ${other.key}.listen (${other.listen}) already: \`wardline up\` needs a port for each`,
      })
    seen.push({ key, listen })
  }
  return findings
}

/** Port 0 is any free one. */
function overlap(a: string, b: string): boolean {
  const [one, other] = [parseListen(a), parseListen(b)]
  if (one.port !== other.port || one.port === 0) return false
  const [host, otherHost] = [canonical(one.host), canonical(other.host)]
  return host === otherHost || covers(host, otherHost) || covers(otherHost, host)
}

/** `::` takes IPv4 in, too. */
const covers = (host: string, other: string): boolean =>
  host === '::' || (host === '0.0.0.0' && !other.includes(':'))

const canonical = (host: string): string => (host === 'localhost' ? '127.0.0.1' : host)
