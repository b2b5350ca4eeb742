import { h, setAttribute } from '../core/dom.js'
import { text } from '../core/texts.js'
import { alertFilters } from './alerts/filters.js'
import { createHistoryTab } from './alerts/history-tab.js'
import { createLiveTab } from './alerts/live-tab.js'

/** What fires now, and what fired: with who was told, and who deals with it. */

const TABS = { now: createLiveTab, history: createHistoryTab }

export const view = {
  title: () => text('nav.alerts'),
  open(root, app) {
    let name = app.query.get('tab') === 'history' ? 'history' : 'now'
    let tab = null
    const place = h('div', { class: 'view-body', id: 'alerts-panel', role: 'tabpanel' })
    const buttons = Object.keys(TABS).map((each) =>
      h(
        'button',
        {
          type: 'button',
          role: 'tab',
          'aria-controls': 'alerts-panel',
          'data-tab': each,
          onclick: () => choose(each),
        },
        text(`alerts.tab.${each}`),
      ),
    )
    const filters = alertFilters(app, () => tab.renew())
    root.append(
      h(
        'div',
        { class: 'view-head' },
        h('h1', {}, text('nav.alerts')),
        h(
          'div',
          { class: 'tabs', role: 'tablist', 'aria-label': text('nav.alerts'), onkeydown: moved },
          ...buttons,
        ),
        h('span', { class: 'spacer' }),
        filters.element,
      ),
      place,
    )
    show()

    function choose(each) {
      name = each
      app.setQuery({ tab: each === 'now' ? null : each })
      tab.leave()
      show()
    }

    function show() {
      for (const button of buttons) {
        const isChosen = button.dataset.tab === name
        setAttribute(button, 'aria-selected', String(isChosen))
        setAttribute(button, 'tabindex', isChosen ? '0' : '-1')
      }
      setAttribute(place, 'aria-label', text(`alerts.tab.${name}`))
      filters.show(name)
      tab = TABS[name](app, place, filters)
    }

    function moved(event) {
      if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return
      choose(name === 'now' ? 'history' : 'now')
      buttons.find(({ dataset }) => dataset.tab === name).focus()
    }

    return {
      update(what) {
        filters.update()
        tab.update(what)
      },
      tick: () => tab.tick?.(),
      leave: () => tab.leave(),
    }
  },
}
