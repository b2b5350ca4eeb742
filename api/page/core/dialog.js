import { h } from './dom.js'
import { text } from './texts.js'

/**
 * A modal dialog: the browser keeps the focus inside, Escape closes, the focus goes back to where it was.
 * `dialog({title, body, actions: [{label, kind: 'primary' | 'danger' | undefined, run(close)}]})` gives
 * `{element, close, closed}`. `run` may be async; what it rejects with is shown in the dialog, which stays open: as
 * `told(error)` has it, an element or several.
 */
export function dialog({ title, body, actions = [], wide = false, told = wordsOf }) {
  const id = `dialog-${++count}`
  const problem = h('p', { class: 'problem', role: 'alert', hidden: true })
  const closed = Promise.withResolvers()
  const buttons = actions.map((action) => actionButton(action))
  const form = h(
    'form',
    { class: 'dialog-form', method: 'dialog', novalidate: true },
    h('h2', { id }, title),
    h('div', { class: 'dialog-body' }, body),
    problem,
    h(
      'div',
      { class: 'dialog-actions' },
      h(
        'button',
        { type: 'button', class: 'button', onclick: () => close() },
        actions.length === 0 ? text('dialog.close') : text('dialog.cancel'),
      ),
      ...buttons,
    ),
  )
  const element = h(
    'dialog',
    { class: wide ? 'dialog wide' : 'dialog', 'aria-labelledby': id },
    form,
  )

  function close() {
    element.close()
  }

  function actionButton({ label, kind, run }) {
    const button = h('button', { type: 'submit', class: `button ${kind ?? ''}` }, label)
    button.addEventListener('click', async (event) => {
      event.preventDefault()
      if (!form.reportValidity()) return
      button.disabled = true
      problem.hidden = true
      try {
        await run(close)
      } catch (error) {
        problem.replaceChildren(...told(error))
        problem.hidden = false
      }
      button.disabled = false
    })
    return button
  }

  element.addEventListener('close', () => {
    element.remove()
    closed.resolve()
  })
  // A click beside it closes it, as Escape does.
  element.addEventListener('pointerdown', (event) => event.target === element && close())
  document.body.append(element)
  element.showModal()
  return { element, close, closed: closed.promise }
}

let count = 0

const wordsOf = (error) => [error.detail ?? error.message]

/** Resolves with whether it was confirmed. */
export async function confirm({ title, body, label, danger = false }) {
  let isConfirmed = false
  const { closed } = dialog({
    title,
    body: typeof body === 'string' ? h('p', {}, body) : body,
    actions: [
      {
        label,
        kind: danger ? 'danger' : 'primary',
        run(close) {
          isConfirmed = true
          close()
        },
      },
    ],
  })
  await closed
  return isConfirmed
}
