import { h } from '../core/dom.js'
import { text } from '../core/texts.js'
import { timeElement } from '../core/time.js'
import { differences } from './audit/differences.js'

/** Who changed what, and how it was before: the newest first, a page at a time. */

const PAGE = 100
const FIELDS = ['q', 'who', 'kind', 'since', 'until']
/** What the entries are about: the first word of `what`. */
const KINDS = ['silence', 'window', 'acknowledgement', 'device', 'notes', 'user', 'token', 'session', 'diagnostics']
const COLUMNS = ['when', 'who', 'what', 'of', 'change']
const TYPING_MS = 250

export const view = {
  title: () => text('audit.title'),
  open(root, app) {
    const filters = Object.fromEntries(FIELDS.map((name) => [name, app.query.get(name) ?? '']))
    const rows = h('tbody')
    const more = h('button', { type: 'button', class: 'button', hidden: true, onclick: () => load(false) }, text('list.more'))
    const shown = h('p', { class: 'muted', role: 'status' })
    const empty = h('p', { class: 'empty', hidden: true })
    let turn = 0
    let typing = 0

    root.append(
      h(
        'form',
        { class: 'view-head', role: 'search', onsubmit: (event) => event.preventDefault() },
        h('h1', {}, text('audit.title')),
        h('span', { class: 'spacer' }),
        field('q', h('input', { type: 'search', 'data-search': true, placeholder: text('audit.search') })),
        field('who', h('input', { type: 'text', autocomplete: 'off' })),
        field(
          'kind',
          h(
            'select',
            {},
            h('option', { value: '' }, text('audit.kind.all')),
            ...KINDS.map((kind) => h('option', { value: kind }, text(`audit.kind.${kind}`))),
          ),
        ),
        field('since', h('input', { type: 'datetime-local' })),
        field('until', h('input', { type: 'datetime-local' })),
      ),
      h(
        'div',
        { class: 'view-body' },
        shown,
        h(
          'table',
          { class: 'table audit' },
          h('caption', { class: 'hidden' }, text('audit.title')),
          h('thead', {}, h('tr', {}, ...COLUMNS.map((key) => h('th', { scope: 'col' }, text(`audit.${key}`))))),
          rows,
        ),
        empty,
        more,
      ),
    )
    void load(true)

    function field(name, control) {
      control.value = filters[name]
      control.id = `audit-${name}`
      const isTyped = control.matches('[type=search], [type=text]')
      control.addEventListener(isTyped ? 'input' : 'change', () => {
        filters[name] = control.value
        app.setQuery({ [name]: control.value || null })
        clearTimeout(typing)
        typing = setTimeout(() => load(true), isTyped ? TYPING_MS : 0)
      })
      return h('label', { class: 'field', for: control.id }, h('span', {}, text(`audit.filter.${name}`)), control)
    }

    async function load(isNew) {
      const mine = ++turn
      const query = new URLSearchParams({ limit: PAGE, offset: isNew ? 0 : rows.childElementCount })
      for (const name of ['q', 'who', 'kind']) if (filters[name] !== '') query.set(name, filters[name])
      for (const name of ['since', 'until']) {
        const at = new Date(filters[name])
        if (filters[name] !== '' && !Number.isNaN(at.getTime())) query.set(name, at.toISOString())
      }
      try {
        const { items, total } = await app.api.list(`/api/v1/audit?${query}`)
        if (mine !== turn) return
        if (isNew) rows.replaceChildren()
        rows.append(...items.map(row))
        more.hidden = rows.childElementCount >= total
        empty.hidden = total > 0
        empty.textContent = text(FIELDS.some((name) => filters[name] !== '') ? 'list.nothing' : 'audit.empty')
        shown.textContent = text('audit.shown', { count: total, shown: rows.childElementCount })
      } catch (error) {
        if (mine !== turn) return
        empty.hidden = false
        empty.textContent = error.detail ?? error.message
      }
    }

    function row({ at, who, what, id, before, after }) {
      return h(
        'tr',
        {},
        h('td', { class: 'when' }, timeElement(at, app.now())),
        h('td', {}, who),
        h('td', {}, what),
        h('td', { class: 'of' }, id),
        h('td', {}, change(before, after)),
      )
    }
    return { leave: () => clearTimeout(typing) }
  },
}

function change(before, after) {
  const changed = differences(before, after)
  if (changed.length === 0) return null
  return h(
    'details',
    {},
    h('summary', {}, changed.map(({ path }) => path).slice(0, 3).join(', ') + (changed.length > 3 ? ` +${changed.length - 3}` : '')),
    h(
      'dl',
      { class: 'differences' },
      ...changed.flatMap(({ path, from, to }) => [
        h('dt', {}, path),
        h(
          'dd',
          {},
          from === undefined ? null : h('del', {}, from),
          to === undefined ? null : h('ins', {}, to),
        ),
      ]),
    ),
  )
}
