import { h } from '../core/dom.js'
import { keep } from '../core/kept.js'
import { LANGUAGES, currentLanguage, text } from '../core/texts.js'
import { THEMES, setTheme, theme } from '../core/theme.js'
import { timeZone } from '../core/time.js'
import { showKeys } from './keys.js'

/** Who is signed in, and how the page looks here. */
export function createMenu(app) {
  const button = h('button', { type: 'button', class: 'icon-button who', popovertarget: 'menu' })
  const panel = h('div', { id: 'menu', class: 'menu', popover: 'auto' })
  panel.addEventListener('toggle', ({ newState }) => {
    button.setAttribute('aria-expanded', String(newState === 'open'))
  })
  // A link in it leads away from it.
  panel.addEventListener('click', ({ target }) => target.closest('a, .item') && panel.hidePopover())

  function draw() {
    const { session } = app
    const name = session.authenticated ? session.name : text('menu.anybody')
    button.replaceChildren(
      h('span', { class: 'who-name' }, name),
      h('span', { 'aria-hidden': 'true' }, '▾'),
    )
    button.setAttribute('aria-label', text('menu.label', { name }))
    panel.replaceChildren(
      h(
        'p',
        { class: 'menu-who' },
        h('b', {}, name),
        h('span', { class: 'muted' }, text(`role.${session.role}`)),
      ),
      ...scopeOf(session),
      ...entrance(session),
      choice(
        text('menu.theme'),
        'theme',
        THEMES.map((each) => [each, text(`theme.${each}`)]),
        theme(),
        setTheme,
      ),
      choice(
        text('menu.language'),
        'language',
        Object.entries(LANGUAGES),
        currentLanguage(),
        chooseLanguage,
      ),
      h('p', { class: 'muted' }, text('menu.time_zone', { zone: timeZone() })),
      h('button', { type: 'button', class: 'item', onclick: showKeys }, text('menu.keys')),
      h('a', { class: 'item', href: '/api/docs' }, text('menu.api')),
    )
  }

  function scopeOf({ scope }) {
    if (scope === null) return []
    const parts = [...scope.regions, ...scope.branches].join(', ')
    return [h('p', { class: 'muted' }, text('menu.scope', { parts }))]
  }

  function entrance(session) {
    if (!session.authenticated)
      return [h('a', { class: 'item', href: '/login' }, text('menu.sign_in'))]
    return [
      h('a', { class: 'item', href: '/account' }, text('menu.account')),
      h('button', { type: 'button', class: 'item', onclick: signOut }, text('menu.sign_out')),
    ]
  }

  async function signOut() {
    try {
      await app.api.del('/api/v1/session')
      // What was on the page was for those who were signed in.
      location.assign('/')
    } catch (error) {
      app.toast(error.detail, 'bad')
    }
  }

  return { element: h('div', { class: 'menu-place' }, button, panel), draw }
}

function choice(label, name, options, chosen, choose) {
  return h(
    'fieldset',
    { class: 'choice' },
    h('legend', {}, label),
    ...options.map(([value, words]) =>
      h(
        'label',
        {},
        h('input', {
          type: 'radio',
          name,
          value,
          checked: value === chosen,
          onchange: () => choose(value),
        }),
        h('span', {}, words),
      ),
    ),
  )
}

/** All words are drawn anew. */
function chooseLanguage(name) {
  keep('language', name)
  location.reload()
}
