import { dialog } from '../../core/dialog.js'
import { h } from '../../core/dom.js'
import { text } from '../../core/texts.js'

/** What the inventory says of a device, changed through the API. */

const TEXTS = ['name', 'address', 'branch', 'region', 'type', 'role', 'vendor', 'model']
const LISTS = ['parents', 'tags']

const pathOf = (id) => `/api/v1/devices/${encodeURIComponent(id)}`

/** Resolves with the device as it is then, or null. */
export async function openEdit(app, id) {
  const definition = await definitionOf(app, id)
  if (definition === null) return null
  const { device, version, said, file, notices } = definition
  let result = null
  const controls = new Map()
  const field = (key, control, hint = null) => {
    controls.set(key, control)
    return h(
      'label',
      { class: 'field' },
      h('span', {}, text(`edit.${key}`)),
      control,
      hint === null ? null : h('small', {}, hint),
      h('small', { class: 'bad', 'data-field': key, hidden: true }),
    )
  }
  const input = (value, attributes = {}) =>
    h('input', { value, autocomplete: 'off', ...attributes })
  const suggested = (key) => `edit-${key}`

  const enabled = h('input', { type: 'checkbox', checked: device.enabled })
  const snmp = h('input', { type: 'checkbox', checked: device.snmp !== false })
  const body = h(
    'div',
    { class: 'dialog-fields' },
    ...notices.map(({ message }) => h('p', { class: 'problem' }, message)),
    h(
      'div',
      { class: 'grid' },
      ...TEXTS.map((key) =>
        field(key, input(device[key] ?? '', { required: key === 'address', list: suggested(key) })),
      ),
      ...LISTS.map((key) => field(key, input(device[key].join(', ')), text(`edit.${key}.hint`))),
      field('ping.interval', input(device.ping.interval), text('edit.duration')),
      field(
        'ping.confirm',
        input(String(device.ping.confirm), { type: 'number', min: '1', max: '20' }),
        text('edit.confirm.hint'),
      ),
    ),
    h('label', { class: 'check' }, enabled, h('span', {}, text('edit.enabled'))),
    h('label', { class: 'check' }, snmp, h('span', {}, text('edit.snmp'))),
    h('p', { class: 'muted' }, provenance(file, said)),
    ...['branch', 'region', 'type', 'role', 'vendor', 'model'].map((key) =>
      h(
        'datalist',
        { id: suggested(key) },
        ...app.fleet.values(key).map((value) => h('option', { value })),
      ),
    ),
  )

  const { closed } = dialog({
    title: text('edit.title', { name: device.name || id }),
    wide: true,
    body,
    actions: [
      {
        label: text('edit.save'),
        kind: 'primary',
        async run(close) {
          const patch = patchOf(device, { controls, enabled, snmp })
          if (Object.keys(patch).length > 0) {
            await send(patch)
            app.toast(text('edit.done'))
          }
          close()
        },
      },
    ],
  })

  async function send(patch) {
    for (const each of body.querySelectorAll('[data-field]')) each.hidden = true
    try {
      const response = await app.api.send('PATCH', pathOf(id), patch, {
        headers: { 'if-match': `"${version}"` },
      })
      result = await response.json()
    } catch (error) {
      for (const { field: key, message } of error.problems ?? []) {
        const place = body.querySelector(`[data-field="${CSS.escape(key ?? '')}"]`)
        if (place === null) continue
        place.textContent = message
        place.hidden = false
      }
      throw error
    }
  }

  await closed
  return result
}

async function definitionOf(app, id) {
  try {
    return await app.api.get(`${pathOf(id)}/definition`)
  } catch (error) {
    app.toast(error.detail ?? error.message, 'bad')
    return null
  }
}

function provenance(file, said) {
  if (file === null) return text('edit.only_here')
  return said === null ? text('edit.of_a_file') : text('edit.over_a_file', { by: said.by })
}

const listOf = (value) =>
  value
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean)

/** The keys that differ from what is in force. */
function patchOf(device, { controls, enabled, snmp }) {
  const patch = {}
  for (const key of TEXTS) {
    const value = controls.get(key).value.trim()
    if (value !== (device[key] ?? '')) patch[key] = value
  }
  for (const key of LISTS) {
    const list = listOf(controls.get(key).value)
    if (list.join() !== device[key].join()) patch[key] = list
  }
  const ping = {}
  const interval = controls.get('ping.interval').value.trim()
  const confirm = Number(controls.get('ping.confirm').value)
  if (interval !== device.ping.interval) ping.interval = interval
  if (confirm !== device.ping.confirm) ping.confirm = confirm
  if (Object.keys(ping).length > 0) patch.ping = ping
  if (enabled.checked !== device.enabled) patch.enabled = enabled.checked
  if (snmp.checked !== (device.snmp !== false)) patch.snmp = snmp.checked
  return patch
}

/** Deletes a device after a question, and goes to the list. Resolves with false: there is nothing left to draw. */
export async function deleteDevice(app, id) {
  const device = app.fleet.devices.get(id)
  const isSure = await app.confirm({
    title: text('delete.title', { name: device?.name ?? id }),
    body: text((device?.origin ?? 'file') === 'api' ? 'delete.body' : 'delete.body_file'),
    label: text('delete.do'),
    danger: true,
  })
  if (!isSure) return false
  try {
    await app.api.del(pathOf(id))
    app.toast(text('delete.done'))
    app.navigate('/devices')
  } catch (error) {
    app.toast(error.detail ?? error.message, 'bad')
  }
  return false
}
