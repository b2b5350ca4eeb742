/** What the demo's host side tells its inner side, which runs in a network namespace where that is allowed. */
export type DemoPlan = {
  readonly devices: number
  readonly seed: string
  readonly speed: number
  /** Absolute. */
  readonly dataDir: string
  /** Where the page is for a browser on the host. */
  readonly port: number
  /** `loopback`: no namespace is to be had, the reason says why. */
  readonly network: 'namespace' | { readonly loopback: string }
  /** Streams that come in by a unix socket and go on to a port in there. */
  readonly doors: readonly Door[]
  /** Ports of the host that are taken, so that nothing is behind them. */
  readonly closed: readonly string[]
}

export type Door = { readonly socket: string; readonly port: number }

/** The services' own ports, which they have in a namespace. */
export const PORTS = { api: 5001, victoriaMetrics: 8428, alerting: 5003 } as const

/** Of the agents where 161 can't be had. */
export const LOOPBACK_SNMP_PORT = 16_161

export const TRUTH_FILE = 'truth.jsonl'
export const LOG_FILE = 'wardline.log'
