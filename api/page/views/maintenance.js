import { h, setAttribute, setText } from '../core/dom.js'
import { currentLanguage, text } from '../core/texts.js'
import { openMaintenance } from '../dialogs/maintenance.js'
import { poll, problemText } from './device/poll.js'
import { addDays, daysOf, moved } from './maintenance/calendar.js'
import { drawMonth, drawWeek } from './maintenance/draw.js'
import { windowCard } from './maintenance/list.js'

/** Planned work: on a calendar, and as a list. */

const EVERY_MS = 30_000
const MODES = ['month', 'week']
const STATES = ['current', 'active', 'pending', 'over']
const TYPING_MS = 250

export const view = {
  title: () => text('nav.maintenance'),
  open(root, app) {
    let mode = app.query.get('show') === 'week' ? 'week' : 'month'
    let at = dayOf(app.query.get('day')) ?? new Date(app.now())
    let typing = 0
    let windows = []
    let drawn = ''
    let mayAct = app.may('operator')

    const title = h('h2', { 'aria-live': 'polite' })
    const modes = MODES.map((each) =>
      h(
        'button',
        { type: 'button', 'data-mode': each, onclick: () => look({ mode: each }) },
        text(`calendar.${each}`),
      ),
    )
    const step = (key, by, sign) =>
      h(
        'button',
        {
          type: 'button',
          class: 'icon-button',
          'aria-label': text(key),
          onclick: () => look({ at: moved(mode, at, by) }),
        },
        sign,
      )
    const calendar = h('div', { class: 'calendar-place' })
    const search = h('input', {
      type: 'search',
      class: 'input',
      'data-search': true,
      placeholder: text('windows.search'),
      'aria-label': text('windows.search'),
      value: app.query.get('q') ?? '',
      oninput: () => filtered({ q: search.value }, TYPING_MS),
    })
    const state = h(
      'select',
      {
        class: 'input',
        'aria-label': text('silences.state'),
        onchange: () => filtered({ state: state.value === 'current' ? null : state.value }),
      },
      ...STATES.map((each) =>
        h(
          'option',
          { value: each, selected: each === app.query.get('state') },
          text(`windows.state.${each}`),
        ),
      ),
    )
    const create = h(
      'button',
      {
        type: 'button',
        class: 'button primary',
        hidden: !mayAct,
        onclick: async () => (await openMaintenance(app)) && renew(),
      },
      text('windows.new'),
    )
    const list = h('div', {}, h('p', { class: 'muted' }, text('shell.loading')))
    root.append(
      h(
        'div',
        { class: 'view-head' },
        h('h1', {}, text('nav.maintenance')),
        h('span', { class: 'spacer' }),
        create,
      ),
      h(
        'div',
        { class: 'view-body maintenance-body' },
        h(
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
              h(
                'button',
                {
                  type: 'button',
                  class: 'button',
                  onclick: () => look({ at: new Date(app.now()) }),
                },
                text('calendar.today'),
              ),
              h(
                'div',
                { class: 'tabs', role: 'group', 'aria-label': text('calendar.show') },
                ...modes,
              ),
            ),
          ),
          calendar,
        ),
        h(
          'section',
          { 'aria-label': text('windows.title') },
          h(
            'div',
            { class: 'card-head' },
            h('h2', {}, text('windows.title')),
            h(
              'div',
              { class: 'row', role: 'search', 'aria-label': text('windows.search') },
              search,
              state,
            ),
          ),
          list,
        ),
      ),
    )

    const asking = poll(
      (signal) => {
        const days = daysOf(mode, at).flat()
        const from = days[0].toISOString()
        const to = addDays(days.at(-1), 1).toISOString()
        return app.api.get(`/api/v1/maintenance/calendar?from=${from}&to=${to}`, { signal })
      },
      {
        everyMs: () => EVERY_MS,
        show: drawCalendar,
        failed: (error) =>
          calendar.replaceChildren(h('p', { class: 'problem', role: 'alert' }, problemText(error))),
      },
    )
    const askingList = poll((signal) => app.api.get(`/api/v1/maintenance?${query()}`, { signal }), {
      everyMs: () => EVERY_MS,
      show(found) {
        windows = found
        drawList()
      },
      failed(error) {
        drawn = ''
        list.replaceChildren(h('p', { class: 'problem', role: 'alert' }, problemText(error)))
      },
    })
    drawHead()

    function query() {
      const wanted = new URLSearchParams()
      if (state.value === 'current') wanted.set('state', 'active,pending')
      else wanted.set('state', state.value)
      if (search.value !== '') wanted.set('q', search.value)
      return wanted
    }

    function filtered(changes, waitMs = 0) {
      app.setQuery(changes)
      clearTimeout(typing)
      typing = setTimeout(askingList.now, waitMs)
    }

    function look(changes) {
      mode = changes.mode ?? mode
      at = changes.at ?? at
      app.setQuery({
        show: mode === 'month' ? null : mode,
        day: isToday(at, app.now()) ? null : dayText(at),
      })
      drawHead()
      asking.now()
    }

    function drawHead() {
      const [first, last] = [daysOf(mode, at)[0][0], daysOf(mode, at)[0][6]]
      const format = new Intl.DateTimeFormat(
        currentLanguage(),
        mode === 'month'
          ? { month: 'long', year: 'numeric' }
          : { day: 'numeric', month: 'short', year: 'numeric' },
      )
      setText(title, mode === 'month' ? format.format(at) : format.formatRange(first, last))
      for (const button of modes)
        setAttribute(button, 'aria-pressed', String(button.dataset.mode === mode))
    }

    function drawCalendar(openings) {
      const weeks = daysOf(mode, at)
      const common = { openings, now: new Date(app.now()), chosen }
      const focused = [...calendar.querySelectorAll('button')].indexOf(document.activeElement)
      calendar.replaceChildren(
        mode === 'month'
          ? drawMonth({ ...common, weeks, month: at.getMonth() })
          : drawWeek({ ...common, week: weeks[0] }),
      )
      calendar.querySelectorAll('button')[focused]?.focus()
    }

    function chosen({ window: id }) {
      const card = document.getElementById(`window-${id}`)
      if (card === null) return
      card.scrollIntoView({ block: 'center' })
      card.tabIndex = -1
      card.focus()
    }

    function drawList() {
      const now = JSON.stringify([windows, mayAct])
      if (now === drawn) return
      drawn = now
      list.replaceChildren(
        windows.length === 0
          ? h(
              'div',
              { class: 'empty' },
              h('h3', {}, text(search.value === '' ? 'windows.none' : 'list.nothing')),
            )
          : h('ul', { class: 'cards' }, ...windows.map((window) => windowCard(app, window, renew))),
      )
    }

    function renew() {
      asking.now()
      askingList.now()
    }

    return {
      update(what) {
        mayAct = app.may('operator')
        create.hidden = !mayAct
        if (what.decisions) renew()
        else drawList()
      },
      leave() {
        clearTimeout(typing)
        asking.end()
        askingList.end()
      },
    }
  },
}

const dayText = (day) =>
  `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, '0')}-${String(day.getDate()).padStart(2, '0')}`

function dayOf(word) {
  if (!/^\d{4}-\d\d-\d\d$/.test(word ?? '')) return null
  const day = new Date(`${word}T00:00`)
  return Number.isNaN(day.getTime()) ? null : day
}

const isToday = (day, now) => new Date(now).toDateString() === day.toDateString()
