/** Tells that something happened to a device, as a trap does: the loops probe it now, out of its turn. */
export type Pokes = {
  poke(deviceId: string): void
  /** Returns the way to stop it. */
  onPoke(listener: (deviceId: string) => void): () => void
}

export function createPokes(): Pokes {
  const listeners = new Set<(deviceId: string) => void>()
  return {
    poke(deviceId) {
      for (const listener of listeners) listener(deviceId)
    },
    onPoke(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
