import { h } from '../../core/dom.js'
import { text } from '../../core/texts.js'
import { monthName } from '../../core/time.js'
import { GROUPINGS, monthAfter, monthsOffered } from './question.js'

/** What a report is of: a month, how its rows are grouped, where, and a search. */

const TYPING_MS = 200

/** `chosen(changes)` is told of what to ask instead. Gives `{elements, draw(question, newest), leave()}`. */
export function createControls(app, { chosen, searched }) {
  let typing = 0
  let question
  let newest
  const month = menu('month')
  const by = menu('by')
  const region = menu('region')
  const branch = menu('branch')
  const earlier = step(-1, '‹', 'reports.earlier')
  const later = step(1, '›', 'reports.later')
  const search = h('input', {
    type: 'search',
    class: 'input',
    'data-search': true,
    placeholder: text('reports.search'),
    'aria-label': text('reports.search'),
    oninput() {
      clearTimeout(typing)
      typing = setTimeout(() => searched(search.value), TYPING_MS)
    },
  })

  function menu(name) {
    return h('select', {
      class: 'input',
      'aria-label': text(`reports.filter.${name}`),
      // Branches are those of the chosen region.
      onchange: ({ target }) =>
        chosen({ [name]: target.value, ...(name === 'region' ? { branch: '' } : {}) }),
    })
  }

  function step(months, sign, key) {
    const attributes = {
      type: 'button',
      class: 'icon-button',
      'aria-label': text(key),
      title: text(key),
      onclick: () => chosen({ month: monthAfter(question.month, months) }),
    }
    return h('button', attributes, sign)
  }

  function fill(element, options, value) {
    const drawn = JSON.stringify(options)
    if (element.dataset.options !== drawn) {
      element.dataset.options = drawn
      element.replaceChildren(...options.map(([key, words]) => h('option', { value: key }, words)))
    }
    element.value = value
  }

  /** A chosen value that no device has stays, to be unchosen. */
  function places(name, isOffered) {
    const values = app.fleet.values(name, isOffered)
    if (question[name] !== '' && !values.includes(question[name])) values.push(question[name])
    return [['', text(`reports.all.${name}`)], ...values.map((value) => [value, value])]
  }

  function draw(next, latest) {
    question = next
    newest = latest
    const months = monthsOffered(question.month, newest)
    fill(
      month,
      months.map((each) => [each, nameOf(each)]),
      question.month,
    )
    fill(
      by,
      GROUPINGS.map((each) => [each, text(`reports.by.${each}`)]),
      question.by,
    )
    fill(region, places('region'), question.region)
    const isThere = (device) => question.region === '' || device.region === question.region
    fill(branch, places('branch', isThere), question.branch)
    later.disabled = question.month >= newest
    if (document.activeElement !== search) search.value = question.q
  }

  return {
    elements: [h('div', { class: 'months' }, earlier, month, later), by, region, branch, search],
    draw,
    leave: () => clearTimeout(typing),
  }
}

const nameOf = (month) => monthName(new Date(`${month}-01T00:00`))
