import { h, setText } from '../core/dom.js'
import { text } from '../core/texts.js'
import { timeElement } from '../core/time.js'
import { matcherText } from '../dialogs/matchers.js'
import { endSilence, openSilence } from '../dialogs/silence.js'
import { poll, problemText } from './device/poll.js'

/** What isn't told for a time, and why. */

const EVERY_MS = 15_000
const STATES = ['current', 'active', 'pending', 'expired']
const TYPING_MS = 250

export const view = {
  title: () => text('nav.silences'),
  open(root, app) {
    let typing = 0
    const search = h('input', {
      type: 'search',
      class: 'input',
      'data-search': true,
      placeholder: text('silences.search'),
      'aria-label': text('silences.search'),
      value: app.query.get('q') ?? '',
      oninput: () => changed({ q: search.value }, TYPING_MS),
    })
    const state = h(
      'select',
      {
        class: 'input',
        'aria-label': text('silences.state'),
        onchange: () => changed({ state: state.value === 'current' ? null : state.value }),
      },
      ...STATES.map((each) =>
        h(
          'option',
          { value: each, selected: each === app.query.get('state') },
          text(`silences.state.${each}`),
        ),
      ),
    )
    const create = h(
      'button',
      {
        type: 'button',
        class: 'button primary',
        hidden: true,
        onclick: async () => (await openSilence(app)) && asking.now(),
      },
      text('silences.new'),
    )
    const shown = h('p', { class: 'muted', role: 'status' })
    const list = h('div', {}, h('p', { class: 'muted' }, text('shell.loading')))
    root.append(
      h(
        'div',
        { class: 'view-head' },
        h('h1', {}, text('nav.silences')),
        h('span', { class: 'spacer' }),
        h(
          'div',
          { class: 'row', role: 'search', 'aria-label': text('silences.search') },
          search,
          state,
        ),
        create,
      ),
      h('div', { class: 'view-body' }, shown, list),
    )
    let items = []
    let drawn = ''

    const asking = poll((signal) => app.api.list(`/api/v1/silences?${query()}`, { signal }), {
      everyMs: () => EVERY_MS,
      show({ items: found, total }) {
        items = found
        setText(shown, total === 0 ? '' : text('silences.count', { count: total }))
        draw()
      },
      failed(error) {
        drawn = ''
        list.replaceChildren(h('p', { class: 'problem', role: 'alert' }, problemText(error)))
      },
    })

    function query() {
      const wanted = new URLSearchParams({
        state: state.value === 'current' ? 'active,pending' : state.value,
      })
      if (search.value !== '') wanted.set('q', search.value)
      return wanted
    }

    function changed(changes, waitMs = 0) {
      app.setQuery(changes)
      clearTimeout(typing)
      typing = setTimeout(asking.now, waitMs)
    }

    function draw() {
      create.hidden = !app.may('operator')
      const now = JSON.stringify([items, app.may('operator')])
      if (now === drawn) return
      drawn = now
      list.replaceChildren(
        items.length === 0
          ? h(
              'div',
              { class: 'empty' },
              h('h2', {}, text(search.value === '' ? 'silences.none' : 'list.nothing')),
              h('p', {}, text('silences.none.note')),
            )
          : h('ul', { class: 'cards' }, ...items.map((silence) => card(silence))),
      )
    }

    function card(silence) {
      const {
        state: is,
        matchers,
        comment,
        created_by: by,
        starts_at: from,
        ends_at: until,
        affects,
      } = silence
      const button = (key, run) =>
        h(
          'button',
          { type: 'button', class: 'button', onclick: async () => (await run()) && asking.now() },
          text(key),
        )
      return h(
        'li',
        { class: 'card silence', 'data-state': is },
        h(
          'div',
          { class: 'card-head' },
          h('h2', {}, comment === '' ? text('silences.no_comment') : comment),
          h(
            'span',
            { class: 'chip', 'data-kind': is === 'active' ? 'warn' : '' },
            text(`silences.state.${is}`),
          ),
        ),
        h(
          'p',
          { class: 'matcher-list' },
          ...matchers.map((matcher) => h('code', {}, matcherText(matcher))),
        ),
        h(
          'p',
          { class: 'muted' },
          text('silences.by', { by }),
          ', ',
          timeElement(from, app.now()),
          ' – ',
          timeElement(until, app.now()),
          ' · ',
          text('preview.devices', { count: affects.devices }),
        ),
        app.may('operator') && is !== 'expired'
          ? h(
              'div',
              { class: 'row' },
              button('silences.edit', () => openSilence(app, { silence })),
              button('silence.end.do', () => endSilence(app, silence)),
            )
          : null,
      )
    }

    return {
      update(what) {
        if (what.decisions) asking.now()
        else draw()
      },
      leave() {
        clearTimeout(typing)
        asking.end()
      },
    }
  },
}
