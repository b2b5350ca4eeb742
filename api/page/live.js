/** The page's one line to the API: the list by fetch, what changes by server-sent events, figures every 10 s. */

const FIGURES_MS = 10_000
const RETRY_MS = 2_000
const FIGURES = '/api/v1/devices?fields=id,rtt_ms,loss_ratio,last_sample_at'

/**
 * Calls `on.list(devices, asOf)`, `on.change(event, asOf)`, `on.figures(list, asOf)`, `on.stats(stats)`,
 * `on.health(health)` and `on.link(isUp)`. After each reconnection the whole list is fetched again: nothing that
 * was missed stays missed.
 */
export function connectLive(on) {
  let source = null
  let held = null
  let isLoaded = false
  let loading = 0

  function connect() {
    source = new EventSource('/api/v1/events')
    source.addEventListener('open', () => {
      on.link(true)
      void load()
    })
    source.addEventListener('error', () => {
      on.link(false)
      isLoaded = false
      // The browser tries again by itself, except after an answer that wasn't a stream.
      if (source.readyState !== EventSource.CLOSED) return
      source.close()
      setTimeout(connect, RETRY_MS)
    })
    source.addEventListener('status', ({ data }) => {
      const event = JSON.parse(data)
      if (held === null) change(event)
      else held.push(event)
    })
    source.addEventListener('reload', () => void load())
    source.addEventListener('stats', ({ data }) => on.stats(JSON.parse(data)))
    source.addEventListener('health', ({ data }) => on.health(JSON.parse(data)))
  }

  const change = (event) => on.change(event, Date.parse(event.as_of))

  async function load() {
    const turn = ++loading
    // Changes that come while the list is on its way may be newer than the list.
    held ??= []
    const answer = await get('/api/v1/devices')
    if (turn !== loading) return
    if (answer === null) {
      setTimeout(
        () => turn === loading && source.readyState === EventSource.OPEN && void load(),
        RETRY_MS,
      )
      return
    }
    const events = held
    held = null
    isLoaded = true
    on.list(answer.body, answer.asOf)
    for (const event of events) change(event)
  }

  async function figures() {
    if (!isLoaded || document.hidden) return
    const answer = await get(FIGURES)
    if (answer !== null) on.figures(answer.body, answer.asOf)
  }

  connect()
  setInterval(() => void figures(), FIGURES_MS)
  document.addEventListener('visibilitychange', () => void figures())
}

/** `{body, asOf}`, or null when the API has no answer now. */
async function get(path) {
  try {
    const response = await fetch(path)
    if (!response.ok) return null
    return {
      body: await response.json(),
      asOf: Date.parse(response.headers.get('x-wardline-as-of')),
    }
  } catch {
    return null
  }
}
