import { h } from '../../core/dom.js'
import { text } from '../../core/texts.js'

/** Which alerts are shown, kept in the address. */

const STATES = ['any', 'firing', 'pending']
const SEVERITIES = ['critical', 'warning', 'info']
/** As far back as the API answers at once. */
export const DAYS = ['1', '7', '30']
const TYPING_MS = 250

export function alertFilters(app, changed) {
  let typing = 0
  const q = control(
    'q',
    h('input', {
      type: 'search',
      class: 'input',
      'data-search': true,
      placeholder: text('alerts.search'),
    }),
    TYPING_MS,
  )
  const state = control(
    'state',
    menu(STATES.map((each) => [each === 'any' ? '' : each, text(`alerts.state.${each}`)])),
  )
  const severity = control(
    'severity',
    menu([
      ['', text('alerts.severity.all')],
      ...SEVERITIES.map((each) => [each, text(`alerts.severity.${each}`)]),
    ]),
  )
  const branch = control('branch', menu([['', text('devices.all_branch')]]))
  const region = control('region', menu([['', text('devices.all_region')]]))
  const days = control(
    'days',
    menu(DAYS.map((each) => [each, text('alerts.days', { count: Number(each) })])),
  )
  fill()

  function control(name, element, waitMs = 0) {
    element.value = app.query.get(name) ?? element.value
    setLabel(element, name)
    element.addEventListener('input', () => {
      app.setQuery({ [name]: element.value })
      clearTimeout(typing)
      typing = setTimeout(() => changed(), waitMs)
    })
    return element
  }

  /** Branches and regions are known once the fleet is. */
  function fill() {
    for (const [name, element] of [
      ['branch', branch],
      ['region', region],
    ]) {
      const wanted = app.query.get(name) ?? ''
      const values = new Set([...app.fleet.values(name), ...(wanted === '' ? [] : [wanted])])
      if (element.options.length === values.size + 1) continue
      element.replaceChildren(
        element.options[0],
        ...[...values].map((value) => h('option', { value }, value)),
      )
      element.value = wanted
    }
  }

  return {
    element: h(
      'div',
      { class: 'row filters', role: 'search', 'aria-label': text('alerts.filter') },
      q,
      state,
      severity,
      region,
      branch,
      days,
    ),
    show(tab) {
      // The history knows of what fired alone.
      state.hidden = tab !== 'now'
      days.hidden = tab !== 'history'
    },
    update: fill,
    get days() {
      return Number(days.value)
    },
    get isNarrow() {
      return [q, state, severity, branch, region].some(
        (element) => !element.hidden && element.value !== '',
      )
    },
    /** For the API: what is hidden isn't asked. */
    query() {
      const wanted = new URLSearchParams()
      for (const [name, element] of Object.entries({ q, severity, branch, region })) {
        if (!element.hidden && element.value !== '') wanted.set(name, element.value)
      }
      if (!state.hidden) wanted.set('state', state.value || 'any')
      return wanted
    },
  }
}

const menu = (options) =>
  h('select', { class: 'input' }, ...options.map(([value, words]) => h('option', { value }, words)))

const setLabel = (element, name) => element.setAttribute('aria-label', text(`alerts.by.${name}`))
