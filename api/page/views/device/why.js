import { h } from '../../core/dom.js'
import { asOf, pauseOf } from '../../core/past.js'
import { text } from '../../core/texts.js'
import { timeElement } from '../../core/time.js'
import { card, muted, problem } from './card.js'
import { poll, problemText } from './poll.js'
import { probeLine } from './probes.js'
import { reasonsOf } from './reasons.js'

/** Why a device is as it is: the reasons in order, and the probes that decided. */

const EVERY_MS = 15_000
/** A status that changes changes its reasons, too. */
const SETTLE_MS = 700

export function createWhy(app, id) {
  const body = h('div', { class: 'why-body' }, muted(text('shell.loading')))
  const element = card(text('why.title'), { kind: 'why' }, body)
  let known = null
  let timer = 0
  const asking = poll(
    (signal) =>
      app.api.get(asOf(app, `/api/v1/devices/${encodeURIComponent(id)}/explain`), { signal }),
    {
      everyMs: () => pauseOf(app, EVERY_MS),
      show: (answer) => body.replaceChildren(...reasons(app, answer)),
      failed: (error) => body.replaceChildren(problem(problemText(error))),
    },
  )

  return {
    element,
    show({ status, acknowledged, maintenance }) {
      const now = JSON.stringify([status, acknowledged, maintenance])
      if (known !== null && known !== now) {
        clearTimeout(timer)
        timer = setTimeout(asking.now, SETTLE_MS)
      }
      known = now
    },
    renew: () => asking.now(),
    leave() {
      clearTimeout(timer)
      asking.end()
    },
  }
}

function reasons(app, answer) {
  const [first, ...others] = reasonsOf(answer)
  return [
    first === undefined
      ? muted(text('why.nothing'))
      : h('p', { class: 'why-first' }, ...withTimes(app, first, answer.at)),
    ...(others.length === 0
      ? []
      : [
          h(
            'ul',
            { class: 'why-more' },
            ...others.map((sentence) => h('li', {}, ...withTimes(app, sentence, answer.at))),
          ),
        ]),
    ...probeLine(app, answer),
  ]
}

const INSTANT = /\b(\d{4}-\d\d-\d\dT)?(\d\d:\d\d:\d\d)Z/g

/** A sentence with its instants in the viewer's zone; one without a date is of the day of `at`, in UTC. */
export function withTimes(app, sentence, at) {
  const nodes = []
  let end = 0
  for (const match of sentence.matchAll(INSTANT)) {
    const [whole, date = at.slice(0, 11), clock] = match
    nodes.push(sentence.slice(end, match.index), timeElement(`${date}${clock}.000Z`, app.now()))
    end = match.index + whole.length
  }
  return [...nodes, sentence.slice(end)]
}
