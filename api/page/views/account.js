import { h } from '../core/dom.js'
import { text } from '../core/texts.js'
import { card } from './device/card.js'
import { ownPassword } from './account/password.js'
import { createTokens } from './account/tokens.js'
import { createUsers } from './account/users.js'

/** Who one is here; for administrators, who else there is, and what other programs sign in with. */
export const view = {
  title: () => text('account.title'),
  open(root, app) {
    let drawn = ''
    draw()

    function draw() {
      const { session } = app
      const now = JSON.stringify(session)
      if (now === drawn) return
      drawn = now
      root.replaceChildren(
        h('div', { class: 'view-head' }, h('h1', {}, text('account.title'))),
        h(
          'div',
          { class: 'view-body account-body' },
          ...(session.authenticated ? parts(session) : [signIn()]),
        ),
      )
    }

    function parts(session) {
      const isAdmin = app.may('admin') && session.scope === null
      return [
        who(session),
        ...(session.kind === 'user' && session.login.password ? [ownPassword(app)] : []),
        ...(isAdmin ? [createUsers(app), createTokens(app)] : []),
      ]
    }

    return { update: draw }
  },
}

const signIn = () =>
  h(
    'div',
    { class: 'empty' },
    h('h2', {}, text('menu.anybody')),
    h(
      'p',
      {},
      h('a', { class: 'button primary', href: '/login?to=/account' }, text('menu.sign_in')),
    ),
  )

function who({ name, role, scope }) {
  const seen =
    scope === null ? text('account.whole') : [...scope.regions, ...scope.branches].join(', ')
  const rows = [
    ['account.name', name],
    ['account.role', text(`role.${role}`)],
    ['account.scope', seen],
  ]
  return card(
    text('account.you'),
    {},
    h(
      'dl',
      { class: 'details' },
      ...rows.flatMap(([key, value]) => [h('dt', {}, text(key)), h('dd', {}, value)]),
    ),
  )
}
