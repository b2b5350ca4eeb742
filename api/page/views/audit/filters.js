import { h } from '../../core/dom.js'
import { text } from '../../core/texts.js'
import { fromInput, inputValue } from '../../core/time.js'

/** Which entries are shown, kept in the address; instants stand there with their zone, so that a link says the same everywhere. */

const FIELDS = ['q', 'who', 'kind', 'since', 'until']
const INSTANTS = ['since', 'until']
/** What the entries are about: the first word of `what`. */
const KINDS = [
  'silence',
  'window',
  'acknowledgement',
  'device',
  'note',
  'user',
  'token',
  'session',
  'diagnostics',
]
const TYPING_MS = 250

/** `changed()` is called when something else is asked for. */
export function auditFilters(app, changed) {
  let typing = 0
  const wanted = Object.fromEntries(FIELDS.map((name) => [name, app.query.get(name) ?? '']))
  for (const name of INSTANTS) if (Number.isNaN(Date.parse(wanted[name]))) wanted[name] = ''

  const controls = {
    q: h('input', {
      type: 'search',
      class: 'input',
      'data-search': true,
      placeholder: text('audit.search'),
    }),
    who: h('input', {
      type: 'text',
      class: 'input',
      autocomplete: 'off',
      placeholder: text('audit.anybody'),
    }),
    kind: h(
      'select',
      { class: 'input' },
      h('option', { value: '' }, text('audit.kind.all')),
      ...KINDS.map((kind) => h('option', { value: kind }, text(`audit.kind.${kind}`))),
    ),
    since: h('input', { type: 'datetime-local', class: 'input' }),
    until: h('input', { type: 'datetime-local', class: 'input' }),
  }

  function field(name) {
    const control = controls[name]
    const isInstant = INSTANTS.includes(name)
    const isTyped = name === 'q' || name === 'who'
    control.value =
      isInstant && wanted[name] !== '' ? inputValue(Date.parse(wanted[name])) : wanted[name]
    control.addEventListener(isTyped ? 'input' : 'change', () => {
      const { value } = control
      wanted[name] = isInstant && value !== '' ? fromInput(value) : value.trim()
      app.setQuery({ [name]: wanted[name] })
      clearTimeout(typing)
      typing = setTimeout(() => changed(), isTyped ? TYPING_MS : 0)
    })
    return h('label', { class: 'field' }, h('span', {}, text(`audit.filter.${name}`)), control)
  }

  return {
    element: h(
      'div',
      { class: 'row filters', role: 'search', 'aria-label': text('audit.filter') },
      ...FIELDS.map(field),
    ),
    get isNarrow() {
      return FIELDS.some((name) => wanted[name] !== '')
    },
    /** For the API. */
    query() {
      return new URLSearchParams(Object.entries(wanted).filter(([, value]) => value !== ''))
    },
    leave: () => clearTimeout(typing),
  }
}
