/** Gives the answer to a question; those who ask the same meanwhile share it. */
export type Flights<T> = (
  key: string,
  ask: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
) => Promise<T>

type Flight<T> = { readonly answer: Promise<T>; readonly ending: AbortController; waiting: number }

/** One who goes away leaves the others their answer; when all are gone it is asked no further. */
export function createFlights<T>(): Flights<T> {
  const flights = new Map<string, Flight<T>>()

  function begin(key: string, ask: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const ending = new AbortController()
    const answer = ask(ending.signal).finally(() => {
      if (flights.get(key) === flight) flights.delete(key)
    })
    const flight = { answer, ending, waiting: 0 }
    answer.catch(() => {}) // told to whoever waits; nobody may be left
    flights.set(key, flight)
    return flight
  }

  return async (key, ask, signal) => {
    signal.throwIfAborted()
    const flight = flights.get(key) ?? begin(key, ask)
    flight.waiting++
    try {
      return await unlessAborted(flight.answer, signal)
    } finally {
      if (--flight.waiting === 0) {
        flight.ending.abort()
        if (flights.get(key) === flight) flights.delete(key)
      }
    }
  }
}

function unlessAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(signal.reason)
    signal.addEventListener('abort', leave, { once: true })
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
  })
}
