import { h } from '../core/dom.js'
import { text } from '../core/texts.js'
import { openMaintenance } from '../dialogs/maintenance.js'
import { createBoard } from './maintenance/board.js'
import { createWindows, showWindow } from './maintenance/windows.js'

/** Planned work: on a calendar, and as a list. */
export const view = {
  title: () => text('nav.maintenance'),
  open(root, app) {
    const create = h(
      'button',
      { type: 'button', class: 'button primary', hidden: true, onclick: plan },
      text('windows.new'),
    )
    const board = createBoard(app, { chosen: showWindow })
    const windows = createWindows(app, { changed: renew })
    root.append(
      h(
        'div',
        { class: 'view-head' },
        h('h1', {}, text('nav.maintenance')),
        h('span', { class: 'spacer' }),
        create,
      ),
      h('div', { class: 'view-body maintenance-body' }, board.element, windows.element),
    )
    create.hidden = !app.may('operator')

    async function plan() {
      if ((await openMaintenance(app)) !== null) renew()
    }

    function renew() {
      board.renew()
      windows.renew()
    }

    return {
      update(what) {
        create.hidden = !app.may('operator')
        if (what.decisions) renew()
        else windows.show()
      },
      leave() {
        board.leave()
        windows.leave()
      },
    }
  },
}
