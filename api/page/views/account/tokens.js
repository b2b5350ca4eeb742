import { dialog } from '../../core/dialog.js'
import { h } from '../../core/dom.js'
import { text } from '../../core/texts.js'
import { timeElement } from '../../core/time.js'
import { grantFields, scopeText } from './grant.js'
import { keptList } from './kept-list.js'
import { ask } from './users.js'

/** What other programs sign in with. A token is shown once: what is kept is a hash. */

const PATH = '/api/v1/tokens'
const DAY_MS = 86_400_000
const DAYS = [30, 90, 365]

export const createTokens = (app) =>
  keptList(app, {
    name: 'tokens',
    path: PATH,
    columns: ['name', 'role', 'scope', 'created', 'expires', 'used', 'actions'],
    create: () => addToken(app),
    row: (token, changing) => [
      h('b', {}, token.name),
      text(`role.${token.role}`),
      scopeText(token.scope),
      h('span', {}, timeElement(token.created_at, app.now()), ` ${token.created_by}`),
      expiry(app, token),
      token.last_used_at === null
        ? text('tokens.never')
        : timeElement(token.last_used_at, app.now()),
      h(
        'button',
        {
          type: 'button',
          class: 'button quiet',
          onclick: () => changing(() => revoke(app, token)),
        },
        text('tokens.revoke'),
        h('span', { class: 'hidden' }, ` ${token.name}`),
      ),
    ],
  })

function expiry(app, { expires_at: at }) {
  if (at === null) return text('tokens.forever')
  const isOver = Date.parse(at) <= app.now()
  return h(
    'span',
    { class: isOver ? 'bad' : '' },
    timeElement(at, app.now()),
    isOver ? ` ${text('tokens.over')}` : '',
  )
}

async function addToken(app) {
  const name = h('input', { required: true, autocomplete: 'off', spellcheck: 'false' })
  const lasts = h(
    'select',
    {},
    ...DAYS.map((days) =>
      h('option', { value: String(days) }, text('tokens.days', { count: days })),
    ),
    h('option', { value: '' }, text('tokens.forever')),
  )
  const grant = grantFields(app)
  let made = null
  await ask(
    text('tokens.new'),
    [
      h('label', { class: 'field' }, h('span', {}, text('tokens.name')), name),
      h('label', { class: 'field' }, h('span', {}, text('tokens.lasts')), lasts),
      ...grant.elements,
    ],
    text('tokens.make'),
    async () => {
      const expires =
        lasts.value === '' ? null : new Date(app.now() + Number(lasts.value) * DAY_MS).toISOString()
      made = await app.api.post(PATH, {
        name: name.value.trim(),
        expires_at: expires,
        ...grant.value(),
      })
    },
  )
  if (made !== null) await showOnce(app, made)
}

async function showOnce(app, { name, token }) {
  const value = h('input', {
    class: 'input mono',
    readonly: true,
    value: token,
    'aria-label': text('tokens.value'),
  })
  const { closed } = dialog({
    title: text('tokens.made', { name }),
    body: h('div', { class: 'dialog-fields' }, h('p', {}, text('tokens.once')), value),
    actions: [
      {
        label: text('tokens.copy'),
        kind: 'primary',
        async run() {
          // Without TLS a browser lets no page write there: then it is at least marked.
          value.select()
          await navigator.clipboard?.writeText(token)
          app.toast(text(navigator.clipboard === undefined ? 'tokens.marked' : 'tokens.copied'))
        },
      },
    ],
  })
  value.select()
  await closed
}

async function revoke(app, { id, name }) {
  const isSure = await app.confirm({
    title: text('tokens.revoke.title', { name }),
    body: text('tokens.revoke.body'),
    label: text('tokens.revoke'),
    danger: true,
  })
  if (isSure) await app.api.del(`${PATH}/${encodeURIComponent(id)}`)
}
