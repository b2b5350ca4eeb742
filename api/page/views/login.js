import { h } from '../core/dom.js'
import { routeOf } from '../core/router.js'
import { readSession } from '../core/session.js'
import { text } from '../core/texts.js'

/** Signing in: with a password, with the provider, or as the first admin by the one-time link (`#code=…`). */

/** Where somebody wanted to go; only within this page. */
function wantedPath(query) {
  const to = query.get('to') ?? '/'
  const url = URL.canParse(to, location.origin) ? new URL(to, location.origin) : null
  const isHere = url?.origin === location.origin && url.pathname !== '/login'
  return isHere ? url.pathname + url.search : '/'
}

const ERRORS = ['oidc-refused', 'oidc-expired', 'oidc-away']

export const view = {
  title: () => text('login.title'),
  open(root, app) {
    const to = wantedPath(app.query)
    const code = new URLSearchParams(location.hash.slice(1)).get('code')
    // A code that stays in the address is in the history of the browser, too.
    if (code !== null) history.replaceState(null, '', location.pathname + location.search)
    const place = h('div', { class: 'login' })
    root.append(place)
    let drawn = ''
    void ask()

    /** How one may sign in: where nobody may look yet, nothing else of the page asks. */
    async function ask() {
      app.session = await readSession(app.session)
      // To a page of the API a browser that came from another site kept its cookie to itself: whoever is signed in goes on.
      const isPage = routeOf(new URL(to, location.origin).pathname) === null
      if (app.session.authenticated && code === null && isPage) app.navigate(to, { replace: true })
      else draw()
    }

    function draw() {
      const { login, needs_first_admin: needsFirst, authenticated } = app.session
      const now = JSON.stringify([login, needsFirst, authenticated])
      if (now === drawn) return
      drawn = now
      place.replaceChildren(
        h('h1', {}, text(code === null ? 'login.title' : 'login.claim')),
        ...told(),
        ...(code !== null
          ? [claimForm()]
          : [...(login.password ? [passwordForm()] : []), ...provider(login.oidc)]),
      )
      place.querySelector('input')?.focus()
    }

    function told() {
      const error = app.query.get('error')
      const { needs_first_admin: needsFirst, open_access: isOpen } = app.session
      return [
        ERRORS.includes(error)
          ? h('p', { class: 'problem', role: 'alert' }, text(`login.${error}`))
          : null,
        code === null && needsFirst ? h('p', { class: 'muted' }, text('login.first')) : null,
        code !== null ? h('p', { class: 'muted' }, text('login.claim.note')) : null,
        code === null && isOpen ? h('p', { class: 'muted' }, text('login.open')) : null,
      ].filter((each) => each !== null)
    }

    function passwordForm() {
      return form({
        label: text('login.do'),
        passwords: [['password', 'current-password']],
        send: ({ user, password }) => app.api.post('/api/v1/session', { user, password }),
      })
    }

    function claimForm() {
      return form({
        label: text('login.claim.do'),
        passwords: [
          ['password', 'new-password'],
          ['again', 'new-password'],
        ],
        send({ user, password, again }) {
          if (password !== again) throw new Error(text('login.differ'))
          return app.api.post('/api/v1/session/claim', { code, user, password })
        },
      })
    }

    function form({ label, passwords, send }) {
      const problem = h('p', { class: 'problem', role: 'alert', hidden: true })
      const inputs = new Map()
      const field = (name, attributes) => {
        const input = h('input', {
          name,
          required: true,
          autocapitalize: 'none',
          spellcheck: 'false',
          ...attributes,
        })
        inputs.set(name, input)
        return h('label', { class: 'field' }, h('span', {}, text(`login.${name}`)), input)
      }
      const button = h('button', { type: 'submit', class: 'button primary' }, label)
      const submitted = async (event) => {
        event.preventDefault()
        button.disabled = true
        problem.hidden = true
        try {
          await send(Object.fromEntries([...inputs].map(([name, { value }]) => [name, value])))
          await app.renewSession()
          app.navigate(to, { replace: true })
        } catch (error) {
          problem.textContent = error.detail ?? error.message
          problem.hidden = false
          button.disabled = false
        }
      }
      return h(
        'form',
        { onsubmit: submitted },
        field('user', { autocomplete: 'username' }),
        ...passwords.map(([name, autocomplete]) => field(name, { type: 'password', autocomplete })),
        problem,
        button,
      )
    }

    function provider(label) {
      if (label === null) return []
      return [
        h(
          'a',
          { class: 'button', href: `/api/v1/oidc/login?to=${encodeURIComponent(to)}` },
          text('login.by', { provider: label }),
        ),
      ]
    }

    return { update: draw }
  },
}
