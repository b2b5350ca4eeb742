import { h } from '../core/dom.js'
import { text } from '../core/texts.js'
import { timeElement } from '../core/time.js'
import { differences } from './audit/differences.js'
import { auditFilters } from './audit/filters.js'
import { doneText, pathText, subjectOf, valueText } from './audit/words.js'
import { problemText } from './device/poll.js'

/** Who changed what, and how it was before: the newest first, a page at a time. */

const PAGE = 100
const EVERY_MS = 15_000
const COLUMNS = ['when', 'who', 'what', 'of', 'change']
/** More changes than this are folded away. */
const SHOWN = 3

export const view = {
  title: () => text('audit.title'),
  open(root, app) {
    const filters = auditFilters(app, () => void load(true))
    const shown = h('p', { class: 'muted', role: 'status' }, text('shell.loading'))
    const rows = h('tbody')
    const table = h('div', { class: 'table-scroll', hidden: true }, auditTable(rows))
    const instead = h('div')
    const more = h(
      'button',
      { type: 'button', class: 'button', hidden: true, onclick: () => load(false) },
      text('list.more'),
    )
    let turn = 0
    let known = 0
    let newest = null
    const timer = setInterval(() => void renew(), EVERY_MS)

    root.append(
      h(
        'div',
        { class: 'view-head' },
        h('h1', {}, text('audit.title')),
        h('span', { class: 'spacer' }),
        filters.element,
      ),
      h('div', { class: 'view-body' }, shown, instead, table, more),
    )
    void load(true)

    async function load(isNew) {
      const mine = ++turn
      const query = filters.query()
      query.set('limit', String(PAGE))
      query.set('offset', String(isNew ? 0 : rows.childElementCount))
      try {
        const { items, total } = await app.api.list(`/api/v1/audit?${query}`)
        if (mine !== turn) return
        if (isNew) {
          rows.replaceChildren()
          newest = items[0] ?? null
        }
        const before = rows.childElementCount
        // What people changed meanwhile moved the list: as many at the beginning are there already.
        rows.append(...items.slice(isNew ? 0 : Math.max(0, total - known)).map(row))
        known = total
        drawEnds(total)
        // The button that was pressed may be gone: one goes on from what came.
        if (!isNew) rows.children[before]?.focus()
      } catch (error) {
        if (mine === turn) drawFailure(error)
      }
    }

    /** What people did meanwhile comes above what is there, which stays as one left it. */
    async function renew() {
      if (document.hidden) return
      const mine = turn
      const query = filters.query()
      query.set('limit', String(PAGE))
      // One that fails now is asked again soon; what is shown stays true.
      const answer = await app.api.list(`/api/v1/audit?${query}`).catch(() => null)
      if (mine !== turn || answer === null) return
      const { items, total } = answer
      const last = items.findIndex((each) => newest !== null && isSame(each, newest))
      if (last === -1 && items.length > 0) return load(true)
      rows.prepend(...items.slice(0, Math.max(0, last)).map(row))
      newest = items[0] ?? null
      known = total
      drawEnds(total)
    }

    function drawEnds(total) {
      const there = rows.childElementCount
      more.hidden = there >= total
      table.hidden = total === 0
      shown.textContent = total === 0 ? '' : text('audit.shown', { count: total, shown: there })
      instead.replaceChildren(
        total > 0
          ? ''
          : h(
              'div',
              { class: 'empty' },
              h('h2', {}, text(filters.isNarrow ? 'list.nothing' : 'audit.empty')),
            ),
      )
    }

    function drawFailure(error) {
      shown.textContent = ''
      table.hidden = true
      more.hidden = true
      instead.replaceChildren(error.status === 403 ? refusal() : failure(error))
    }

    const failure = (error) =>
      h(
        'div',
        {},
        h('p', { class: 'problem', role: 'alert' }, problemText(error)),
        h(
          'button',
          { type: 'button', class: 'button', onclick: () => load(true) },
          text('list.again'),
        ),
      )

    function refusal() {
      filters.element.hidden = true
      return h(
        'div',
        { class: 'empty' },
        h('h2', {}, text('audit.refused')),
        h('p', {}, text('audit.refused.note')),
      )
    }

    function row(entry) {
      const { at, who, what, before, after } = entry
      return h(
        'tr',
        { tabindex: -1 },
        h('td', { class: 'nowrap' }, timeElement(at, app.now())),
        h('td', {}, who),
        h('td', {}, doneText(what)),
        h('td', { class: 'of' }, subject(entry)),
        h('td', { class: 'change' }, changes(differences(before, after), app.now())),
      )
    }

    function subject(entry) {
      const { href, device, prefix, words } = subjectOf(entry, app.now())
      const name = nameOf(device) ?? words
      const shownName = href === null ? name : h('a', { href, 'data-device': device }, name)
      return prefix === undefined ? shownName : h('span', {}, `${prefix}, `, shownName)
    }

    const nameOf = (device) => app.fleet.devices.get(device)?.name

    return {
      /** Devices have their names once the fleet is there. */
      update(what) {
        if (!what.fleet) return
        for (const link of rows.querySelectorAll('[data-device]')) {
          link.textContent = nameOf(link.dataset.device) ?? link.dataset.device
        }
      },
      leave() {
        turn++
        clearInterval(timer)
        filters.leave()
      },
    }
  },
}

const isSame = (one, other) =>
  one.at === other.at && one.what === other.what && one.id === other.id && one.who === other.who

const auditTable = (rows) =>
  h(
    'table',
    { class: 'table audit' },
    h('caption', { class: 'hidden' }, text('audit.title')),
    h(
      'thead',
      {},
      h('tr', {}, ...COLUMNS.map((key) => h('th', { scope: 'col' }, text(`audit.${key}`)))),
    ),
    rows,
  )

function changes(changed, now) {
  if (changed.length === 0) return '–'
  const list = h(
    'dl',
    { class: 'differences' },
    ...changed.flatMap((each) => difference(each, now)),
  )
  if (changed.length <= SHOWN) return list
  const first = changed.slice(0, SHOWN).map(({ path }) => pathText(path))
  const summary = text('audit.changed', { first: first.join(', '), rest: changed.length - SHOWN })
  return h('details', {}, h('summary', {}, summary), list)
}

const difference = ({ path, from, to }, now) => [
  h('dt', {}, pathText(path)),
  h(
    'dd',
    {},
    from === undefined ? null : h('del', {}, valueText(path, from, now)),
    to === undefined ? null : h('ins', {}, valueText(path, to, now)),
  ),
]
