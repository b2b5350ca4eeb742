import { h, setAttribute } from '../core/dom.js'
import { text } from '../core/texts.js'
import { patchOf, valuesOf } from './device-values.js'

/** What the inventory says of a device, as fields to fill in, with what the API finds wrong beside each. */

const IDENTITY = ['name', 'address', 'branch', 'region', 'type', 'role', 'vendor', 'model']
const SUGGESTED = ['branch', 'region', 'type', 'role', 'vendor', 'model']

/**
 * `device` as its definition has it, null for one that is to be added. Gives `{element, id(), patch(), told(problems)}`:
 * `patch` is what differs from what was there, `told` shows what is wrong at its fields and gives what has none.
 */
export function deviceFields(app, device) {
  const isNew = device === null
  const before = valuesOf(device)
  const controls = new Map()
  const places = new Map()

  function field(key, control, hint = null) {
    const id = `device-${key.replace('.', '-')}`
    const place = h('small', { class: 'bad field-note', id: `${id}-problem`, hidden: true })
    const note = hint === null ? null : h('small', { class: 'field-note', id }, text(hint))
    controls.set(key, control)
    places.set(key, place)
    describe(control, note)
    const label = h('label', { class: 'field' }, h('span', {}, text(`edit.${key}`)), control)
    return h('div', {}, label, note, place)
  }

  function input(key, attributes = {}) {
    const value = before[key] ?? ''
    const written = Array.isArray(value) ? value.join(', ') : value
    return h('input', { value: written, autocomplete: 'off', ...attributes })
  }

  const ofText = (key) =>
    field(
      key,
      input(key, {
        required: key === 'address',
        maxlength: '1000',
        list: SUGGESTED.includes(key) ? `device-${key}-known` : null,
      }),
    )
  const enabled = h('input', { type: 'checkbox', checked: before.enabled })
  const snmp = h(
    'select',
    {},
    ...(isNew ? ['usual', 'on', 'off'] : ['on', 'off']).map((value) =>
      h('option', { value, selected: value === before.snmp }, text(`edit.snmp.${value}`)),
    ),
  )
  const element = h(
    'div',
    { class: 'dialog-fields' },
    h(
      'div',
      { class: 'grid' },
      isNew ? field('id', input('id', { required: true, maxlength: '200' }), 'edit.id.hint') : null,
      ...IDENTITY.map(ofText),
      field('parents', input('parents'), 'edit.parents.hint'),
      field('tags', input('tags'), 'edit.tags.hint'),
      field('ping.interval', input('ping.interval'), 'edit.duration'),
      field(
        'ping.confirm',
        input('ping.confirm', { type: 'number', min: '1', max: '20' }),
        'edit.confirm.hint',
      ),
      field('snmp', snmp),
      field('snmp.credentials', input('snmp.credentials'), 'edit.snmp.credentials.hint'),
      field('snmp.modules', input('snmp.modules'), 'edit.snmp.modules.hint'),
      field('snmp.interval', input('snmp.interval'), 'edit.duration'),
    ),
    h('label', { class: 'check' }, enabled, h('span', {}, text('edit.enabled'))),
    ...SUGGESTED.map((key) =>
      h(
        'datalist',
        { id: `device-${key}-known` },
        ...app.fleet.values(key).map((value) => h('option', { value })),
      ),
    ),
  )
  snmp.addEventListener('change', drawSnmp)
  drawSnmp()

  /** What isn't asked of it can't be said. */
  function drawSnmp() {
    for (const key of ['snmp.credentials', 'snmp.modules', 'snmp.interval'])
      controls.get(key).disabled = snmp.value === 'off'
  }

  function after() {
    const written = {}
    for (const [key, { value }] of controls) {
      if (key !== 'id') written[key] = Array.isArray(before[key]) ? listOf(value) : value.trim()
    }
    return { ...written, enabled: enabled.checked }
  }

  return {
    element,
    id: () => controls.get('id').value.trim(),
    patch: () => patchOf(before, after()),
    told(problems) {
      for (const [key, place] of places) {
        place.hidden = true
        controls.get(key).removeAttribute('aria-invalid')
        describe(controls.get(key), place.parentElement.querySelector('.field-note:not(.bad)'))
      }
      const others = []
      let first = null
      for (const problem of problems) {
        const key = keyOf(problem.field)
        if (key === null) {
          others.push(problem)
          continue
        }
        const [place, control] = [places.get(key), controls.get(key)]
        place.replaceChildren(...problemParts(app, problem))
        place.hidden = false
        control.setAttribute('aria-invalid', 'true')
        describe(control, place)
        first ??= control
      }
      first?.focus()
      return others
    },
  }

  /** The field that a path of the API is about: `snmp.credentials[0]` is in `snmp.credentials`, `ping.count` in none. */
  function keyOf(path) {
    const named = (path ?? '').replace(/\[.*$/, '')
    return [named, named.split('.')[0]].find((key) => places.has(key)) ?? null
  }
}

/** What a refusal says; where another device is in the way, with a way to it that leaves the form as it is. */
export function problemParts(app, { message, detail, other }) {
  const words = message ?? detail
  if (!app.fleet.devices.has(other)) return [words]
  const { name } = app.fleet.devices.get(other)
  const href = `/devices/${encodeURIComponent(other)}`
  return [
    words,
    ' ',
    h('a', { href, target: '_blank', rel: 'noopener' }, text('edit.other', { name })),
  ]
}

const describe = (control, note) => setAttribute(control, 'aria-describedby', note?.id ?? null)

const listOf = (value) =>
  value
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean)
