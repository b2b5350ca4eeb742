/** Asks, shows what came, and asks again after a while; what is asked anew meanwhile takes the place of the question under way. */

/**
 * `ask(signal)` gives a promise; `show(answer)` and `failed(error)` are called with what comes of the newest question.
 * `everyMs()` is the pause, Infinity for what doesn't change. Gives `{now(), end()}`; nobody looks at a hidden page, so nothing is asked for one.
 */
export function poll(ask, { everyMs, show, failed }) {
  let current = null
  let timer = 0
  let isOver = false

  async function now() {
    clearTimeout(timer)
    current?.abort()
    const mine = new AbortController()
    current = mine
    try {
      const answer = await ask(mine.signal)
      if (mine !== current || isOver) return
      show(answer)
    } catch (error) {
      if (mine !== current || isOver) return
      failed(error)
    }
    const pauseMs = everyMs()
    if (pauseMs < Infinity) timer = setTimeout(next, pauseMs)
  }

  function next() {
    if (document.hidden) document.addEventListener('visibilitychange', next, { once: true })
    else if (!isOver) void now()
  }

  void now()
  return {
    now: () => void now(),
    end() {
      isOver = true
      clearTimeout(timer)
      current?.abort()
    },
  }
}

/** What a question that failed says, in place of what it would have shown. */
export const problemText = (error) => error.detail ?? error.message
