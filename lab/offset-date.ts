/** A `Date` for a process whose clock is off: now is `offsetMs()` later; instants that are given are what they are. */
export function offsetDate(offsetMs: () => number): DateConstructor {
  const TrueDate = Date
  class OffsetDate extends TrueDate {
    constructor(...parts: readonly unknown[]) {
      if (parts.length === 0) super(TrueDate.now() + offsetMs())
      else super(...(parts as [number]))
    }
    static override now(): number {
      return TrueDate.now() + offsetMs()
    }
  }
  return OffsetDate as DateConstructor
}
