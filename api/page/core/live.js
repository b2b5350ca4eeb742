/** The page's one line to the API: the list by fetch, what changes by server-sent events, figures every 10 s. */

const FIGURES_MS = 10_000
const RETRY_MS = 2_000
/** A stream that is refused again and again, as there are too many, is asked for ever more seldom, up to this. */
const MOST_RETRY_MS = 15_000
/** Meanwhile it is asked what is true, so often that the page may be believed. */
const POLL_MS = 3_000
const FIGURES = '/api/v1/devices?fields=id,rtt_ms,loss_ratio,last_sample_at'

/**
 * Calls `on.list(devices, asOf)`, `on.change(event, asOf)`, `on.figures(list, asOf)`, `on.stats(stats)`,
 * `on.health(health)`, `on.alerts()`, `on.decisions()`, `on.page(tag)`, `on.link(state)`
 * (`open`, `polled` or `lost`) and `on.refused()` each time that
 * there is no stream to be had. Meanwhile all is asked for every 3 s, of a page that nobody sees the figures alone. After each reconnection the whole list is fetched again: nothing that was missed stays missed. Gives what ends it.
 */
export function connectLive(on) {
  let source = null
  let held = null
  let isLoaded = false
  let isOver = false
  let loading = 0
  let refusals = 0
  let polling = null
  let isPolling = false
  let isPolled = false

  function connect() {
    if (isOver) return
    source = new EventSource('/api/v1/events')
    const told = (name, tell) => source.addEventListener(name, ({ data }) => tell(JSON.parse(data)))
    source.addEventListener('open', () => {
      refusals = 0
      stopPolling()
      on.link('open')
      void load()
    })
    source.addEventListener('error', () => {
      on.link(isPolled ? 'polled' : 'lost')
      isLoaded = false
      // The browser tries again by itself, except after an answer that wasn't a stream.
      if (source.readyState !== EventSource.CLOSED || isOver) return
      source.close()
      on.refused()
      if (polling === null) {
        polling = setInterval(() => void poll(), POLL_MS)
        void poll()
      }
      setTimeout(connect, pauseAfter(refusals++))
    })
    told('status', (event) => (held === null ? change(event) : held.push(event)))
    told('reload', () => void load())
    told('stats', on.stats)
    told('health', on.health)
    told('alerts', on.alerts)
    told('decisions', on.decisions)
    told('page', ({ tag }) => on.page(tag))
  }

  function stopPolling() {
    clearInterval(polling)
    polling = null
    isPolled = false
  }

  /** What a stream would tell. */
  async function poll() {
    if (isPolling) return
    isPolling = true
    const [devices, stats, health] = await Promise.all([
      document.hidden ? null : get('/api/v1/devices'),
      get('/api/v1/dashboard/stats'),
      get('/api/v1/health'),
    ])
    isPolling = false
    if (isOver || polling === null) return
    isPolled = stats !== null
    on.link(isPolled ? 'polled' : 'lost')
    if (devices !== null) on.list(devices.body, devices.asOf)
    if (stats !== null) on.stats(stats.body)
    if (health !== null) on.health(health.body)
  }

  const change = (event) => on.change(event, Date.parse(event.as_of))

  async function load() {
    const turn = ++loading
    // Changes that come while the list is on its way may be newer than the list.
    held ??= []
    const answer = await get('/api/v1/devices')
    if (turn !== loading || isOver) return
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
    if (answer !== null && !isOver) on.figures(answer.body, answer.asOf)
  }

  /** `{body, asOf}`, or null when the API has no answer now. */
  async function get(path) {
    try {
      const response = await fetch(path)
      if (!response.ok) return null
      const asOf = Date.parse(response.headers.get('x-wardline-as-of'))
      return { body: await response.json(), asOf }
    } catch {
      return null
    }
  }

  connect()
  const timer = setInterval(() => void figures(), FIGURES_MS)
  const shown = () => void (polling === null ? figures() : poll())
  document.addEventListener('visibilitychange', shown)
  return () => {
    isOver = true
    source.close()
    clearInterval(timer)
    stopPolling()
    document.removeEventListener('visibilitychange', shown)
  }
}

/** Longer each time; tabs that were refused together don't come back together. */
const pauseAfter = (refusals) =>
  Math.min(MOST_RETRY_MS, RETRY_MS * 2 ** refusals) * (0.75 + Math.random() / 2)
