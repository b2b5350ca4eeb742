import { h } from '../core/dom.js'
import { text } from '../core/texts.js'
import { matchersField } from './matchers.js'

/** What a silence or a window is for: one device, a branch, a region, or matchers. */

const KINDS = ['device', 'branch', 'region', 'matchers']
let fields = 0

/**
 * `given` fills it in: `{device?, branch?, region?, matchers?}`; the first of them is chosen. Calls `changed()` after each
 * change. Gives `{element, value()}`: what goes into the body, null while something is missing.
 */
export function subjectField(app, given, changed) {
  const name = `subject-${++fields}`
  const { devices } = app.fleet
  const own = devices.get(given.device)
  const branch = given.branch ?? own?.branch ?? ''
  const region = given.region ?? own?.region ?? ''
  let chosen = KINDS.find((kind) => given[kind] !== undefined) ?? 'device'

  const device = h('input', {
    class: 'input',
    'aria-label': text('subject.device.id'),
    list: `${name}-devices`,
    value: given.device ?? '',
    placeholder: text('subject.device.id'),
    autocomplete: 'off',
  })
  const branches = menu(app.fleet.values('branch'), branch, text('subject.branch'))
  const regions = menu(app.fleet.values('region'), region, text('subject.region'))
  const matchers = matchersField(given.matchers, changed)
  const controls = {
    device: h('div', {}, device, suggestions(`${name}-devices`, devices)),
    branch: branches,
    region: regions,
    matchers: matchers.element,
  }
  const values = {
    device: () => filled('device', device.value.trim()),
    branch: () => filled('branch', branches.value),
    region: () => filled('region', regions.value),
    matchers: () => filled('matchers', matchers.value()),
  }
  for (const control of [device, branches, regions]) control.addEventListener('input', changed)

  const element = h(
    'fieldset',
    { class: 'choices' },
    h('legend', {}, text('subject.title')),
    ...KINDS.map((kind) =>
      h(
        'div',
        { class: 'choice-row', 'data-kind': kind },
        h(
          'label',
          {},
          h('input', {
            type: 'radio',
            name,
            value: kind,
            checked: kind === chosen,
            onchange: () => choose(kind),
          }),
          h('span', {}, labelOf(kind)),
        ),
        controls[kind],
      ),
    ),
  )
  show()

  function labelOf(kind) {
    if (kind === 'device' && own !== undefined)
      return text('subject.this_device', { name: own.name })
    if (kind === 'branch' && own !== undefined && branch !== '')
      return text('subject.its_branch', { name: branch })
    if (kind === 'region' && own !== undefined && region !== '')
      return text('subject.its_region', { name: region })
    return text(`subject.${kind}`)
  }

  function choose(kind) {
    chosen = kind
    show()
    changed()
  }

  /** Where there is only one answer nobody is asked for it. */
  function show() {
    const isFixed = {
      device: own !== undefined,
      branch: own !== undefined && branch !== '',
      region: own !== undefined && region !== '',
    }
    for (const kind of KINDS) controls[kind].hidden = kind !== chosen || isFixed[kind] === true
  }

  return {
    element,
    value: () => values[chosen](),
    /** What `value` names, as a person would. */
    words: () =>
      chosen === 'matchers'
        ? null
        : { kind: chosen, name: Object.values(values[chosen]() ?? {})[0] ?? null },
  }
}

const filled = (key, value) => (value === null || value === '' ? null : { [key]: value })

const menu = (values, chosen, label) =>
  h(
    'select',
    { class: 'input', 'aria-label': label },
    h('option', { value: '' }, text('subject.choose')),
    ...values.map((value) => h('option', { value, selected: value === chosen }, value)),
  )

/** Thousands of suggestions are no help and slow: those that aren't up are what is silenced. */
const MOST_SUGGESTED = 500

function suggestions(id, devices) {
  const worst = [...devices.values()].sort(
    (one, other) => (one.status === 'up') - (other.status === 'up'),
  )
  return h(
    'datalist',
    { id },
    ...worst
      .slice(0, MOST_SUGGESTED)
      .map((device) => h('option', { value: device.id }, device.name)),
  )
}
