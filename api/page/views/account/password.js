import { h } from '../../core/dom.js'
import { text } from '../../core/texts.js'
import { card } from '../device/card.js'

/** Another password of one's own: every session but this one ends by it. */
export function ownPassword(app) {
  const { name } = app.session
  const passwordInput = (autocomplete) =>
    h('input', { type: 'password', required: true, autocomplete })
  const current = passwordInput('current-password')
  const next = passwordInput('new-password')
  const again = passwordInput('new-password')
  const problem = h('p', { class: 'problem', role: 'alert', hidden: true })
  const field = (key, control) => h('label', { class: 'field' }, h('span', {}, text(key)), control)
  const submitted = async (event) => {
    event.preventDefault()
    problem.hidden = true
    try {
      if (next.value !== again.value) throw new Error(text('login.differ'))
      await app.api.put(`/api/v1/users/${encodeURIComponent(name)}/password`, {
        password: next.value,
        current: current.value,
      })
      for (const input of [current, next, again]) input.value = ''
      app.toast(text('account.password.done'))
    } catch (error) {
      problem.textContent = error.detail ?? error.message
      problem.hidden = false
    }
  }
  return card(
    text('account.password'),
    {},
    h(
      'form',
      { class: 'narrow', onsubmit: submitted },
      // A browser's keeper of passwords wants to know whose it is.
      h('input', {
        type: 'text',
        autocomplete: 'username',
        value: name,
        hidden: true,
        readonly: true,
      }),
      field('account.password.current', current),
      field('account.password.next', next),
      field('login.again', again),
      h('p', { class: 'muted' }, text('account.password.note')),
      problem,
      h('button', { type: 'submit', class: 'button' }, text('account.password.do')),
    ),
  )
}
