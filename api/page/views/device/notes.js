import { h } from '../../core/dom.js'
import { text } from '../../core/texts.js'
import { timeElement } from '../../core/time.js'
import { card, muted, problem } from './card.js'
import { problemText } from './poll.js'

/** What people want the others to know of a device. */

const MOST = 10_000

export function createNotes(app, id) {
  const path = `/api/v1/devices/${encodeURIComponent(id)}/notes`
  const body = h('div', { class: 'notes' }, muted(text('shell.loading')))
  const edit = h(
    'button',
    { type: 'button', class: 'button quiet', hidden: true, onclick: () => write() },
    text('notes.edit'),
  )
  const element = card(text('notes.title'), { tools: [edit] }, body)
  let note = null
  let isWriting = false
  let isOver = false
  void load()

  async function load() {
    try {
      note = await app.api.get(path)
      if (!isOver) read()
    } catch (error) {
      if (!isOver) body.replaceChildren(problem(problemText(error)))
    }
  }

  function read() {
    isWriting = false
    delete element.dataset.dirty
    edit.hidden = !app.may('operator')
    body.replaceChildren(
      ...(note === null
        ? [muted(text('notes.none'))]
        : [
            h('p', { class: 'note-text' }, note.text),
            h(
              'p',
              { class: 'muted' },
              text('notes.by', { by: note.updated_by }),
              ', ',
              timeElement(note.updated_at, app.now()),
            ),
          ]),
    )
  }

  function write() {
    isWriting = true
    element.dataset.dirty = ''
    edit.hidden = true
    const area = h('textarea', {
      class: 'input',
      rows: '6',
      maxlength: String(MOST),
      'aria-label': text('notes.title'),
    })
    area.value = note?.text ?? ''
    const refused = h('p', { class: 'problem', role: 'alert', hidden: true })
    const leave = () => {
      read()
      edit.focus()
    }
    const save = h('button', { type: 'submit', class: 'button primary' }, text('notes.save'))
    const keys = ({ key }) => key === 'Escape' && leave()
    const submitted = async (event) => {
      event.preventDefault()
      save.disabled = true
      try {
        await keep(area.value)
        leave()
      } catch (error) {
        refused.textContent = problemText(error)
        refused.hidden = false
        save.disabled = false
      }
    }
    body.replaceChildren(
      h(
        'form',
        { onsubmit: submitted, onkeydown: keys },
        area,
        refused,
        h(
          'div',
          { class: 'row' },
          save,
          h('button', { type: 'button', class: 'button', onclick: leave }, text('dialog.cancel')),
        ),
      ),
    )
    area.focus()
  }

  /** Not over what somebody else wrote meanwhile. */
  async function keep(words) {
    const version = note === null ? 'none' : String(Date.parse(note.updated_at))
    const response = await app.api.send(
      'PUT',
      path,
      { text: words.trim() },
      { headers: { 'if-match': `"${version}"` } },
    )
    note = await response.json()
  }

  return {
    element,
    /** The session may be another than it was at first. */
    show() {
      if (!isWriting) edit.hidden = !app.may('operator')
    },
    leave() {
      isOver = true
    },
  }
}
