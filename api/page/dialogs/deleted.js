import { dialog } from '../core/dialog.js'
import { h } from '../core/dom.js'
import { text } from '../core/texts.js'
import { timeElement } from '../core/time.js'
import { problemParts } from './device-fields.js'

/** Devices that were deleted here, and the way back of each. */

const COLUMNS = ['device', 'branch', 'when', 'actions']
const KINDS = ['deleted', 'removed']
/** More rows than this nobody reads: typing finds the others. */
const MOST_ROWS = 100

/** Resolves once it is closed. */
export async function openDeleted(app) {
  let edits = null
  const problem = h('p', { class: 'problem', role: 'alert', hidden: true })
  const place = h('div', {}, h('p', { class: 'muted' }, text('shell.loading')))
  const search = h('input', {
    type: 'search',
    class: 'input',
    placeholder: text('deleted.search'),
    'aria-label': text('deleted.search'),
    oninput: draw,
    // There is nothing to send: Enter would close the dialog.
    onkeydown: (event) => event.key === 'Enter' && event.preventDefault(),
  })
  const { element, closed } = dialog({
    title: text('deleted.title'),
    wide: true,
    body: h(
      'div',
      { class: 'dialog-fields' },
      h('p', { class: 'muted' }, text('deleted.note')),
      search,
      problem,
      place,
    ),
  })
  void load()
  await closed

  async function load() {
    try {
      const all = await app.api.get('/api/v1/device-edits')
      edits = all
        .filter(({ said }) => KINDS.includes(said?.kind))
        .toSorted((one, other) => Date.parse(other.said.at) - Date.parse(one.said.at))
      draw()
    } catch (error) {
      tell(error)
      place.replaceChildren()
    }
  }

  function draw() {
    if (edits === null) return
    search.hidden = edits.length < 2
    // Nobody is left alone with a word that they can't take back.
    if (search.hidden) search.value = ''
    const word = search.value.trim().toLowerCase()
    const found = edits.filter((edit) => wordsOf(edit).includes(word))
    const more = found.length - MOST_ROWS
    if (found.length === 0) {
      const key = edits.length === 0 ? 'deleted.none' : 'list.nothing'
      return place.replaceChildren(h('p', { class: 'muted' }, text(key)))
    }
    place.replaceChildren(
      table(found.slice(0, MOST_ROWS).map(row)),
      ...(more > 0 ? [h('p', { class: 'muted' }, text('bulk.more', { count: more }))] : []),
    )
  }

  function row(edit) {
    const { id, said } = edit
    const { name, branch } = factsOf(edit)
    return h(
      'tr',
      {},
      h('td', {}, h('b', {}, name), name === id ? null : h('span', { class: 'mono' }, ` ${id}`)),
      h('td', {}, branch || '–'),
      h('td', {}, timeElement(said.at, app.now()), ` ${said.by}`),
      h(
        'td',
        {},
        h(
          'button',
          { type: 'button', class: 'button', onclick: ({ target }) => restore(edit, target) },
          text('deleted.do'),
          h('span', { class: 'hidden' }, ` ${name}`),
        ),
      ),
    )
  }

  async function restore(edit, button) {
    button.disabled = true
    problem.hidden = true
    try {
      await app.api.post(`/api/v1/devices/${encodeURIComponent(edit.id)}/restore`)
      edits = edits.filter((each) => each !== edit)
      app.toast(text('deleted.done', { name: factsOf(edit).name }))
      draw()
      // The row is gone with what had the focus.
      element.querySelector('button')?.focus()
    } catch (error) {
      button.disabled = false
      tell(error)
    }
  }

  function tell(error) {
    const [first = error] = error.problems ?? []
    problem.replaceChildren(...problemParts(app, { message: error.message, ...first }))
    problem.hidden = false
  }
}

/** What it comes back with: what was said of it here, over what its file says. */
const factsOf = ({ id, file, said }) => ({
  name: said.fields.name || file?.name || id,
  branch: said.fields.branch ?? file?.branch ?? '',
})

const wordsOf = (edit) =>
  [edit.id, ...Object.values(factsOf(edit)), edit.said.by].join(' ').toLowerCase()

const table = (rows) =>
  h(
    'div',
    {
      class: 'table-scroll bulk-scroll',
      tabindex: '0',
      role: 'group',
      'aria-label': text('deleted.title'),
    },
    h(
      'table',
      { class: 'table' },
      h(
        'thead',
        {},
        h('tr', {}, ...COLUMNS.map((key) => h('th', { scope: 'col' }, text(`deleted.${key}`)))),
      ),
      h('tbody', {}, ...rows),
    ),
  )
