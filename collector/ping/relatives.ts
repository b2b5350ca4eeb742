import type { Device, InventorySource } from '../../lib/inventory.ts'
import { ancestorsOf, childrenOf } from '../../lib/inventory/relatives.ts'
import type { AskedAs, Others } from '../share/others.ts'
import type { Burst } from './burst.ts'

/** What lay behind a device that is back is asked over so many seconds: by then it answers, or is down itself. */
const AFTER_PARENT_PROBES = 3

/** Asks whom an outcome makes worth asking: here those of this collector, and of the others theirs. */
export type Relatives = Disposable & {
  /**
   * The cause of an outage may lie above: all that the device is reached through is asked at once, as each level by itself
   * would take seconds. What answers is reached, so what it is reached through may be back, and what lies behind it too.
   */
  ask(device: Device, up: boolean, now: number): void
  /** Hands on what the others are asked. */
  tell(): void
}

export function createRelatives({
  fleet,
  own,
  burst,
  others,
  now,
}: {
  /** All devices, whoever probes them. */
  fleet: Pick<InventorySource, 'current'>
  /** Those that are probed here. */
  own: Pick<InventorySource, 'current'>
  burst: Pick<Burst, 'isFailing' | 'request'>
  others?: Others | undefined
  now: () => number
}): Relatives {
  const waiting = new Map<string, AskedAs>()

  function request(id: string, as: AskedAs, at: number): void {
    if (fleet.current.get(id)?.enabled !== true) return
    if (!own.current.has(id)) {
      if (waiting.get(id) !== 'cause') waiting.set(id, as)
    } else if (as === 'cause') burst.request(id, at)
    else if (burst.isFailing(id)) burst.request(id, at, as === 'behind' ? AFTER_PARENT_PROBES : 1)
  }

  const stop = others?.onAsk(({ device, as }) => {
    if (as !== 'trap' && own.current.has(device)) request(device, as, now())
  })

  return {
    ask(device, up, at) {
      for (const id of ancestorsOf(device, fleet.current)) request(id, up ? 'above' : 'cause', at)
      if (!up) return
      for (const { id } of childrenOf(fleet.current).get(device.id) ?? []) request(id, 'behind', at)
    },
    tell() {
      if (waiting.size === 0) return
      others?.ask([...waiting].map(([device, as]) => ({ device, as })))
      waiting.clear()
    },
    [Symbol.dispose]: () => stop?.(),
  }
}
