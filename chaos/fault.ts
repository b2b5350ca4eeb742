import type { Manner } from '../lab/recorder.ts'

/** What is done to wardline itself or to what it leans on. Instants are milliseconds after the script's start. */
export type Fault = {
  readonly kind: FaultKind
  /** A component's name (`all`: everything at once); `network` or `receiver` where that is what fails. */
  readonly target: string
  readonly atMs: number
  readonly lastsMs: number
  /** Of a line: the store at its other end. */
  readonly store?: Store
  /** Of lost packets: connections from then stay mute for good, as where a firewall has forgotten them. */
  readonly forgets?: boolean
  /** Of a clock: how far it is set off meanwhile. */
  readonly stepMs?: number
  /** Of a receiver. */
  readonly manner?: Exclude<Manner, 'takes'>
}

/**
 * `kill`: SIGKILL, started again at the end. `freeze`: SIGSTOP to SIGCONT. `cut`: nothing passes between a service and a
 * store, and connections end with it. `drop`: its packets are lost, and nobody learns of it but by silence. `slow`: what passes is held up. `clock`: the service's clock is off. `disk`: no space is left. `receiver`: it
 * doesn't take what it is told. `blind`: the collectors' network is gone, canaries and all.
 */
export type FaultKind = (typeof FAULT_KINDS)[number]
export const FAULT_KINDS = [
  'kill',
  'freeze',
  'cut',
  'drop',
  'slow',
  'clock',
  'disk',
  'receiver',
  'blind',
] as const

export const STORES = ['victoria-metrics', 'redis'] as const
export type Store = (typeof STORES)[number]

/** How many there are of each service. */
export type Cluster = {
  readonly collectors: number
  readonly alertings: number
  /** One of each, in one process with its own stores: `wardline up`. */
  readonly together?: boolean
}

export const collectorNames = ({ collectors }: Cluster): string[] =>
  numbered('collector', collectors)
export const alertingNames = ({ alertings }: Cluster): string[] => numbered('alerting', alertings)

const numbered = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, place) => `${name}-${place + 1}`)

export const isCollector = (name: string): boolean => name.startsWith('collector-')

/** `collector-1 killed for 8 s`. */
export function describeFault({
  kind,
  target,
  lastsMs,
  store,
  stepMs = 0,
  manner,
  forgets,
}: Fault): string {
  const lasts = `for ${Math.round(lastsMs / 1000)} s`
  switch (kind) {
    case 'kill':
      return `${target} killed with -9, gone ${lasts}`
    case 'freeze':
      return `${target} stopped (SIGSTOP) ${lasts}`
    case 'cut':
      return `${target} cut off from ${store} ${lasts}`
    case 'drop':
      return `packets between ${target} and ${store} lost ${lasts}${forgets === true ? ', and its connections forgotten' : ''}`
    case 'slow':
      return `the line between ${target} and ${store} slow ${lasts}`
    case 'clock':
      return `the clock of ${target} ${Math.abs(stepMs) / 1000} s ${stepMs < 0 ? 'behind' : 'ahead'} ${lasts}`
    case 'disk':
      return `no space left on the disk of ${target} ${lasts}`
    case 'receiver':
      return `the receiver ${manner} ${lasts}`
    case 'blind':
      return `the network of the collectors gone ${lasts}`
  }
}
