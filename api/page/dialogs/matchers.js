import { h } from '../core/dom.js'
import { text } from '../core/texts.js'

/** Matchers of labels, one a row: `device = "gori-12"`. */

const OPERATORS = {
  '=': { is_regex: false, is_equal: true },
  '!=': { is_regex: false, is_equal: false },
  '=~': { is_regex: true, is_equal: true },
  '!~': { is_regex: true, is_equal: false },
}
const NAMES = ['device', 'branch', 'region', 'type', 'alertname', 'severity', 'uplink', 'interface']

export const operatorOf = ({ is_regex: isRegex, is_equal: isEqual }) =>
  Object.keys(OPERATORS).find(
    (key) => OPERATORS[key].is_regex === isRegex && OPERATORS[key].is_equal === isEqual,
  )

/** `branch="Vake"`. */
export const matcherText = (matcher) =>
  `${matcher.name}${operatorOf(matcher)}${JSON.stringify(matcher.value)}`

export const matchersText = (matchers) => matchers.map(matcherText).join(', ')

let fields = 0

/** Gives `{element, value()}`; `value` is null while no row names a label. */
export function matchersField(given = [], changed) {
  const id = `matchers-${++fields}`
  const rows = h('ul', { class: 'matchers' })
  const add = {
    type: 'button',
    class: 'button quiet',
    onclick: () => append().querySelector('input').focus(),
  }
  const element = h(
    'div',
    {},
    rows,
    h('button', add, text('matchers.add')),
    h('datalist', { id }, ...NAMES.map((name) => h('option', { value: name }))),
  )
  for (const matcher of given) append(matcher)
  if (given.length === 0) append()

  function append(matcher = { name: '', value: '', is_regex: false, is_equal: true }) {
    const row = h(
      'li',
      {},
      h('input', {
        class: 'input name',
        'aria-label': text('matchers.name'),
        placeholder: 'branch',
        value: matcher.name,
        list: id,
        oninput: changed,
      }),
      h(
        'select',
        { class: 'input', 'aria-label': text('matchers.operator'), onchange: changed },
        ...Object.keys(OPERATORS).map((key) =>
          h('option', { selected: key === operatorOf(matcher) }, key),
        ),
      ),
      h('input', {
        class: 'input value',
        'aria-label': text('matchers.value'),
        placeholder: 'Vake',
        value: matcher.value,
        oninput: changed,
      }),
      h(
        'button',
        {
          type: 'button',
          class: 'close',
          'aria-label': text('matchers.remove'),
          onclick: () => {
            row.remove()
            if (rows.children.length === 0) append()
            changed()
          },
        },
        '×',
      ),
    )
    rows.append(row)
    return row
  }

  return {
    element,
    value() {
      const found = [...rows.children]
        .map((row) => {
          const [name, value] = row.querySelectorAll('input')
          return {
            name: name.value.trim(),
            value: value.value,
            ...OPERATORS[row.querySelector('select').value],
          }
        })
        .filter(({ name }) => name !== '')
      return found.length === 0 ? null : found
    },
  }
}
