import { monthName } from '../../core/days.js'
import { h } from '../../core/dom.js'
import { text } from '../../core/texts.js'
import { fromInput, inputValue } from '../../core/time.js'
import { GROUPINGS, monthAfter, monthsOffered, spanOfMonth } from './question.js'

/** What a report is of: a month or the time between two instants, how its rows are grouped, where, and a search. */

const TYPING_MS = 200
/** Instants are typed part by part. */
const CHOOSING_MS = 700
/** The choice of other instants, among the months. */
const FREE = 'free'

/** `chosen(changes)` is told of what to ask instead. Gives `{elements, draw(question, newest), leave()}`. */
export function createControls(app, { chosen, searched }) {
  let typing = 0
  let choosing = 0
  let question
  let newest
  const month = h('select', {
    class: 'input',
    'aria-label': text('reports.filter.month'),
    onchange: ({ target }) => chosen(whenOfMenu(target.value)),
  })
  const ends = Object.fromEntries(['from', 'to'].map((name) => [name, instant(name)]))
  const free = h(
    'div',
    { class: 'row report-free', hidden: true },
    ...Object.entries(ends).map(([name, control]) =>
      h('label', { class: 'report-end' }, h('span', {}, text(`reports.filter.${name}`)), control),
    ),
  )
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

  const whenOfMenu = (value) =>
    value === FREE ? spanOfMonth(question.month, app.now()) : { month: value, from: '', to: '' }

  function instant(name) {
    return h('input', {
      type: 'datetime-local',
      class: 'input',
      required: name === 'from',
      oninput() {
        clearTimeout(choosing)
        choosing = setTimeout(chooseFree, CHOOSING_MS)
      },
    })
  }

  /** An end that is left out is now. */
  function chooseFree() {
    const [from, to] = [ends.from, ends.to].map(({ value }) =>
      value === '' ? '' : fromInput(value),
    )
    const isOrdered = to === '' || from < to
    ends.to.setCustomValidity(isOrdered ? '' : text('reports.disordered'))
    if (!ends.from.reportValidity() || !ends.to.reportValidity()) return
    chosen({ from, to })
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
    const isFree = question.from !== ''
    const months = monthsOffered(question.month, newest).map((each) => [each, nameOf(each)])
    fill(month, [...months, [FREE, text('reports.free')]], isFree ? FREE : question.month)
    free.hidden = !isFree
    earlier.hidden = isFree
    later.hidden = isFree
    for (const [name, control] of Object.entries(ends)) {
      const value = question[name] === '' ? '' : inputValue(Date.parse(question[name]))
      if (document.activeElement !== control && control.value !== value) control.value = value
    }
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
    elements: [
      h('div', { class: 'months' }, earlier, month, later),
      free,
      by,
      region,
      branch,
      search,
    ],
    draw,
    leave() {
      clearTimeout(typing)
      clearTimeout(choosing)
    },
  }
}

const nameOf = (month) => monthName(new Date(`${month}-01T00:00`))
