import { setImmediate } from 'node:timers'

/** Work that stops now and then: each `yield` is a place where others may run. */
export type Sliced<T> = Generator<undefined, T, undefined>

/** How long all such work together keeps everybody else waiting. */
const TURN_MS = 0.5

// One turn at a time in the whole process: ten readers' lists, each in pieces, would else be one piece of ten.
const waiting: (() => void)[] = []
let endsAt = 0
/** Whether a turn was begun since others could run last. */
let isBegun = false
let isTaken = false

/** Does it piece by piece, in turns with what else is done so: whoever asks meanwhile is answered between two pieces. */
export async function inSlices<T>(work: Sliced<T>): Promise<T> {
  if (!takeTurn()) await ownTurn()
  try {
    for (;;) {
      const step = work.next()
      if (step.done === true) return step.value
      if (performance.now() < endsAt) continue
      leaveTurn()
      await ownTurn()
    }
  } finally {
    leaveTurn()
  }
}

/** Does it in one go. */
export function atOnce<T>(work: Sliced<T>): T {
  for (;;) {
    const step = work.next()
    if (step.done === true) return step.value
  }
}

function takeTurn(): boolean {
  if (isTaken || waiting.length > 0) return false
  if (!isBegun) begin()
  else if (performance.now() >= endsAt) return false
  isTaken = true
  return true
}

const ownTurn = (): Promise<void> => new Promise((resolve) => void waiting.push(resolve))

/** The next one goes on at once if there is time left, and after others have run otherwise. */
function leaveTurn(): void {
  isTaken = false
  if (performance.now() < endsAt) handOn()
}

function begin(): void {
  isBegun = true
  endsAt = performance.now() + TURN_MS
  setImmediate(() => {
    isBegun = false
    if (waiting.length === 0) return
    begin()
    handOn()
  })
}

function handOn(): void {
  const next = waiting.shift()
  if (next === undefined) return
  isTaken = true
  next()
}
