import { h } from '../core/dom.js'
import { text } from '../core/texts.js'
import { createActions } from './device/actions.js'
import { createAlerts } from './device/alerts.js'
import { createDiagnostics } from './device/diagnostics.js'
import { createFacts } from './device/facts.js'
import { createFamily } from './device/family.js'
import { createHead } from './device/head.js'
import { createHistory } from './device/history.js'
import { createInterfaces } from './device/interfaces.js'
import { createNotes } from './device/notes.js'
import { createSpan } from './device/span.js'
import { createWhy } from './device/why.js'

/** One device: how it is and why, what it went through, what belongs to it, what can be done. */

let shown = ''

export const view = {
  title: (app) => app.fleet.devices.get(shown)?.name ?? shown,
  open(root, app, { id }) {
    shown = id
    let parts = null
    const waiting = h('div', { class: 'empty' }, h('p', {}, text('shell.loading')))
    root.append(waiting)

    function update(what) {
      const device = app.fleet.devices.get(id)
      if (device === undefined) {
        if (app.fleet.isLoaded) drawAbsent()
        return
      }
      parts ??= build(device)
      for (const part of parts.drawn) part.show(device)
      if (what?.alerts || what?.decisions) parts.renew()
    }

    function drawAbsent() {
      leave()
      parts = null
      root.replaceChildren(
        h(
          'div',
          { class: 'empty' },
          h('h1', {}, text('device.absent', { id })),
          h(
            'p',
            {},
            h('a', { href: `/devices?q=${encodeURIComponent(id)}` }, text('device.search')),
          ),
        ),
      )
    }

    function build(device) {
      const span = createSpan(app)
      const head = createHead(app, id)
      const why = createWhy(app, id)
      const history = createHistory(app, id, span)
      const alerts = createAlerts(app, id, { changed: () => actions?.show() })
      const interfaces = device.snmp === null ? null : createInterfaces(app, id, span)
      const family = createFamily(app, id)
      const facts = createFacts(app)
      // What is past can't be changed or probed, and notes are those of now.
      const isNow = app.at === null
      const actions = isNow
        ? createActions(app, id, { alerts: () => alerts.list, done: renew })
        : null
      const diagnostics = isNow ? createDiagnostics(app, id) : null
      const notes = isNow ? createNotes(app, id) : null

      function renew() {
        why.renew()
        history.renew()
        alerts.renew()
      }

      root.replaceChildren(
        h(
          'div',
          { class: 'view-head device-head' },
          head.element,
          h('span', { class: 'spacer' }),
          actions?.element,
        ),
        h(
          'div',
          { class: 'view-body device-grid' },
          h(
            'div',
            { class: 'device-main' },
            why.element,
            history.element,
            interfaces?.element,
            alerts.element,
          ),
          h(
            'div',
            { class: 'device-side' },
            facts.element,
            family.element,
            notes?.element,
            diagnostics?.element,
            history.outages,
          ),
        ),
      )
      return {
        head,
        renew,
        drawn: [head, why, alerts, actions, diagnostics, family, facts, notes].filter(Boolean),
        ending: [why, history, alerts, interfaces, diagnostics, notes].filter(Boolean),
      }
    }

    function leave() {
      for (const part of parts?.ending ?? []) part.leave()
    }

    update()
    return { update, leave, tick: () => parts?.head.tick() }
  },
}
