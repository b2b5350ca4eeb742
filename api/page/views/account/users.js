import { dialog } from '../../core/dialog.js'
import { h } from '../../core/dom.js'
import { text } from '../../core/texts.js'
import { timeElement } from '../../core/time.js'
import { grantFields, scopeText } from './grant.js'
import { keptList } from './kept-list.js'

/** Who may sign in. */

const PATH = '/api/v1/users'
const pathOf = ({ name }) => `${PATH}/${encodeURIComponent(name)}`

export const createUsers = (app) =>
  keptList(app, {
    name: 'users',
    path: PATH,
    columns: ['name', 'role', 'scope', 'login', 'state', 'actions'],
    create: () => addUser(app),
    row: (user, changing) => [
      h('b', {}, user.name),
      text(`role.${user.role}`),
      scopeText(user.scope),
      user.last_login_at === null
        ? text('users.never')
        : timeElement(user.last_login_at, app.now()),
      text(user.disabled ? 'users.disabled' : 'users.enabled'),
      user.name === app.session.name ? text('users.you') : actions(app, user, changing),
    ],
  })

function actions(app, user, changing) {
  const button = (key, run) =>
    h(
      'button',
      { type: 'button', class: 'button quiet', onclick: () => changing(run) },
      text(key),
      h('span', { class: 'hidden' }, ` ${user.name}`),
    )
  const byPassword = user.signs_in === 'password'
  return h(
    'div',
    { class: 'row-actions' },
    byPassword ? button('users.edit', () => changeUser(app, user)) : null,
    byPassword ? button('users.password', () => setPassword(app, user)) : null,
    button(user.disabled ? 'users.enable' : 'users.disable', () =>
      app.api.patch(pathOf(user), { disabled: !user.disabled }),
    ),
    button('users.remove', () => removeUser(app, user)),
  )
}

const field = (key, control) => h('label', { class: 'field' }, h('span', {}, text(key)), control)
const passwordInput = () =>
  h('input', { type: 'password', required: true, autocomplete: 'new-password' })

function addUser(app) {
  const name = h('input', {
    required: true,
    autocomplete: 'off',
    autocapitalize: 'none',
    spellcheck: 'false',
  })
  const password = passwordInput()
  const grant = grantFields(app)
  return ask(
    text('users.new'),
    [field('users.name', name), field('login.password', password), ...grant.elements],
    text('users.add'),
    () =>
      app.api.post(PATH, { name: name.value.trim(), password: password.value, ...grant.value() }),
  )
}

function changeUser(app, user) {
  const grant = grantFields(app, user)
  return ask(text('users.edit_of', { name: user.name }), grant.elements, text('silence.save'), () =>
    app.api.patch(pathOf(user), grant.value()),
  )
}

function setPassword(app, user) {
  const password = passwordInput()
  const body = [
    field('account.password.next', password),
    h('p', { class: 'muted' }, text('users.password.note')),
  ]
  return ask(
    text('users.password_of', { name: user.name }),
    body,
    text('account.password.do'),
    () => app.api.put(`${pathOf(user)}/password`, { password: password.value }),
  )
}

async function removeUser(app, user) {
  const isSure = await app.confirm({
    title: text('users.remove.title', { name: user.name }),
    body: text('users.remove.body'),
    label: text('users.remove'),
    danger: true,
  })
  if (isSure) await app.api.del(pathOf(user))
}

/** A dialog with one thing to do, which closes once that is done. */
export async function ask(title, body, label, run) {
  const { closed } = dialog({
    title,
    body: h('div', { class: 'dialog-fields' }, ...body),
    actions: [
      {
        label,
        kind: 'primary',
        async run(close) {
          await run()
          close()
        },
      },
    ],
  })
  await closed
}
