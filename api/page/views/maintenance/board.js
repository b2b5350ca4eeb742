import { daysName, monthName } from '../../core/days.js'
import { h, setAttribute, setText } from '../../core/dom.js'
import { text } from '../../core/texts.js'
import { poll, problemText } from '../device/poll.js'
import { addDays, daysOf, moved } from './calendar.js'
import { drawMonth, drawWeek } from './draw.js'

/** The calendar of maintenance: a month or a week, kept in the address, and the way to others. */

const EVERY_MS = 30_000
const MODES = ['month', 'week']

/** `chosen(opening)` is called for one that was pressed. Gives `{element, renew(), leave()}`. */
export function createBoard(app, { chosen }) {
  let mode = app.query.get('show') === 'week' ? 'week' : 'month'
  let at = dayOf(app.query.get('day')) ?? new Date(app.now())
  const title = h('h2', { 'aria-live': 'polite' })
  const place = h('div', { class: 'calendar-place' })
  const modes = MODES.map((each) =>
    h(
      'button',
      { type: 'button', 'data-mode': each, onclick: () => look({ mode: each }) },
      text(`calendar.${each}`),
    ),
  )
  const today = {
    type: 'button',
    class: 'button',
    onclick: () => look({ at: new Date(app.now()) }),
  }
  const element = h(
    'section',
    { class: 'card', 'aria-label': text('calendar.label') },
    h(
      'div',
      { class: 'card-head' },
      h(
        'div',
        { class: 'row' },
        step('calendar.previous', -1, '‹'),
        step('calendar.next', 1, '›'),
        title,
      ),
      h(
        'div',
        { class: 'row' },
        h('button', today, text('calendar.today')),
        h('div', { class: 'tabs', role: 'group', 'aria-label': text('calendar.show') }, ...modes),
      ),
    ),
    place,
  )
  drawHead()

  const asking = poll(
    (signal) => {
      const days = daysOf(mode, at).flat()
      const [from, to] = [days[0], addDays(days.at(-1), 1)].map((day) => day.toISOString())
      return app.api.get(`/api/v1/maintenance/calendar?from=${from}&to=${to}`, { signal })
    },
    {
      everyMs: () => EVERY_MS,
      show: draw,
      failed: (error) =>
        place.replaceChildren(h('p', { class: 'problem', role: 'alert' }, problemText(error))),
    },
  )

  function step(key, by, sign) {
    const onclick = () => look({ at: moved(mode, at, by) })
    return h(
      'button',
      { type: 'button', class: 'icon-button', 'aria-label': text(key), onclick },
      sign,
    )
  }

  function look(changes) {
    mode = changes.mode ?? mode
    at = changes.at ?? at
    const isToday = new Date(app.now()).toDateString() === at.toDateString()
    app.setQuery({ show: mode === 'month' ? null : mode, day: isToday ? null : dayText(at) })
    drawHead()
    asking.now()
  }

  function drawHead() {
    const [week] = daysOf('week', at)
    setText(title, mode === 'month' ? monthName(at) : daysName(week[0], week[6]))
    for (const button of modes) {
      setAttribute(button, 'aria-pressed', String(button.dataset.mode === mode))
    }
  }

  function draw(openings) {
    const weeks = daysOf(mode, at)
    const common = { openings, now: new Date(app.now()), chosen }
    // What is drawn anew leaves the focus where it was.
    const focused = [...place.querySelectorAll('button')].indexOf(document.activeElement)
    place.replaceChildren(
      mode === 'month'
        ? drawMonth({ ...common, weeks, month: at.getMonth() })
        : drawWeek({ ...common, week: weeks[0] }),
    )
    place.querySelectorAll('button')[focused]?.focus()
  }

  return { element, renew: asking.now, leave: asking.end }
}

const dayText = (day) =>
  [day.getFullYear(), day.getMonth() + 1, day.getDate()]
    .map((number) => String(number).padStart(2, '0'))
    .join('-')

function dayOf(word) {
  if (!/^\d{4}-\d\d-\d\d$/.test(word ?? '')) return null
  const day = new Date(`${word}T00:00`)
  return Number.isNaN(day.getTime()) ? null : day
}
