import { h } from '../../core/dom.js'
import { DEFAULT_SORT } from '../../core/filters.js'

/** The menus beside the search: where a device is, what it is; on a phone, which come first. */

const MENUS = ['region', 'branch', 'type']
const SORTS = ['-downtime', 'downtime', 'status', 'name', 'branch', '-rtt', '-loss']

/** `chosen(changes)` is told of what to filter by. */
export function createMenus({ text, fleet, chosen }) {
  const menus = new Map(MENUS.map((name) => [name, menu(name)]))
  const sort = h(
    'select',
    {
      class: 'input sort-menu',
      'aria-label': text('devices.sort'),
      onchange: ({ target }) => chosen({ sort: target.value || DEFAULT_SORT }),
    },
    ...SORTS.map((value) => h('option', { value }, text(`devices.sort_${value}`))),
  )

  function menu(name) {
    return h('select', {
      class: 'input',
      id: `filter-${name}`,
      'aria-label': text(`devices.${name}`),
      // Branches are those of the chosen region.
      onchange: ({ target }) =>
        chosen({
          [name]: JSON.parse(target.value),
          ...(name === 'region' ? { branch: null } : {}),
        }),
    })
  }

  function drawMenu(name, element, filters) {
    const { region, [name]: wanted } = filters
    const isOffered = (device) =>
      name !== 'branch' || region === null || (device.region ?? '') === region
    const values = fleet.values(name, isOffered)
    if (fleet.lacks(name, isOffered)) values.push('')
    // A chosen value that no device has stays, to be unchosen.
    if (wanted !== null && !values.includes(wanted)) values.push(wanted)
    const key = JSON.stringify(values)
    if (element.dataset.values !== key) {
      element.dataset.values = key
      element.replaceChildren(
        ...[null, ...values].map((value) =>
          h('option', { value: JSON.stringify(value) }, wordsOf(name, value)),
        ),
      )
    }
    element.value = JSON.stringify(wanted)
  }

  function wordsOf(name, value) {
    if (value === null) return text(`devices.all_${name}`)
    return value === '' ? text(`devices.no_${name}`) : value
  }

  return {
    elements: [...menus.values(), sort],
    draw(filters) {
      for (const [name, element] of menus) drawMenu(name, element, filters)
      sort.value = filters.sort
    },
  }
}
