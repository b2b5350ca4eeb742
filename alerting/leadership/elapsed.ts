/**
 * A clock that never goes back, and goes on while the process is stopped or the machine asleep: the kernel's own clock
 * stands still in the second case, the wall's may be set in any. Of both the one that went further counts, so that a
 * lease is rather taken for over.
 */
export function createElapsed(
  monotonic: () => number = () => performance.now(),
  wall: () => number = () => Date.now(),
): () => number {
  let elapsed = 0
  let before = { monotonic: monotonic(), wall: wall() }
  return () => {
    const now = { monotonic: monotonic(), wall: wall() }
    elapsed += Math.max(0, now.monotonic - before.monotonic, now.wall - before.wall)
    before = now
    return elapsed
  }
}
