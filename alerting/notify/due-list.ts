/** Things that are due at an instant each; asking for the next one costs the same however many wait. */
export type DueList<T> = {
  /** Due at `at`, whenever it was due before; never at Infinity. */
  set(item: T, at: number): void
  /** When the next one is due; Infinity when none is. */
  next(): number
  /** One that is due by `at`, no longer in the list. */
  take(at: number): T | undefined
}

type Entry<T> = { readonly at: number; readonly item: T }

/** A binary heap; an entry that was replaced stays until its turn comes and is passed over then. */
export function createDueList<T>(): DueList<T> {
  const heap: Entry<T>[] = []
  const dueAt = new Map<T, number>()

  function prune(): Entry<T> | undefined {
    for (;;) {
      const [top] = heap
      if (top === undefined || dueAt.get(top.item) === top.at) return top
      pop(heap)
    }
  }

  return {
    set(item, at) {
      if (dueAt.get(item) === at) return
      if (at === Infinity) {
        dueAt.delete(item)
        return
      }
      dueAt.set(item, at)
      push(heap, { at, item })
    },
    next: () => prune()?.at ?? Infinity,
    take(at) {
      const top = prune()
      if (top === undefined || top.at > at) return undefined
      pop(heap)
      dueAt.delete(top.item)
      return top.item
    },
  }
}

function push<T>(heap: Entry<T>[], entry: Entry<T>): void {
  let index = heap.push(entry) - 1
  while (index > 0) {
    const parent = (index - 1) >> 1
    if (!swapIfLater(heap, parent, index)) return
    index = parent
  }
}

function pop<T>(heap: Entry<T>[]): void {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  heap[0] = last
  for (let index = 0; ;) {
    const left = 2 * index + 1
    const right = left + 1
    const child = (heap[right]?.at ?? Infinity) < (heap[left]?.at ?? Infinity) ? right : left
    if (child >= heap.length || !swapIfLater(heap, index, child)) return
    index = child
  }
}

function swapIfLater<T>(heap: Entry<T>[], above: number, below: number): boolean {
  const [one, other] = [heap[above], heap[below]]
  if (one === undefined || other === undefined || one.at <= other.at) return false
  heap[above] = other
  heap[below] = one
  return true
}
