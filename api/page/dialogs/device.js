import { dialog } from '../core/dialog.js'
import { h } from '../core/dom.js'
import { text } from '../core/texts.js'
import { deviceFields, problemParts } from './device-fields.js'

/** Devices added, changed and deleted through the API. */

const DEVICES = '/api/v1/devices'
const pathOf = (id) => `${DEVICES}/${encodeURIComponent(id)}`

/** Adds a device, and goes to it. Resolves with its definition, null when it was given up. */
export async function openAdd(app) {
  const fields = deviceFields(app, null)
  const added = await asked(app, {
    title: text('add.title'),
    label: text('add.do'),
    body: fields.element,
    fields,
    run: () => app.api.post(DEVICES, { id: fields.id(), ...fields.patch() }),
  })
  if (added === null) return null
  app.toast(text('add.done', { name: added.device?.name || added.id }))
  tellLook(app, added.look)
  await arrived(app, added.id)
  app.navigate(`/devices/${encodeURIComponent(added.id)}`)
  return added
}

/** Resolves with the device as it is then, or null. */
export async function openEdit(app, id) {
  const definition = await definitionOf(app, id)
  if (definition === null) return null
  const { device, version, said, file, notices } = definition
  const fields = deviceFields(app, device)
  const changed = await asked(app, {
    title: text('edit.title', { name: device.name || id }),
    label: text('edit.save'),
    body: h(
      'div',
      {},
      ...notices.map(({ message }) => h('p', { class: 'problem' }, message)),
      fields.element,
      h('p', { class: 'muted' }, provenance(file, said)),
    ),
    fields,
    async run() {
      const patch = fields.patch()
      if (Object.keys(patch).length === 0) return null
      const headers = { 'if-match': `"${version}"` }
      const response = await app.api.send('PATCH', pathOf(id), patch, { headers })
      return response.json()
    },
  })
  if (changed !== null) {
    app.toast(text('edit.done'))
    tellLook(app, changed.look)
  }
  return changed
}

/** Deletes a device after a question, and goes to the list. Resolves with false: there is nothing left to draw. */
export async function deleteDevice(app, id) {
  const device = app.fleet.devices.get(id)
  const isOfFile = (device?.origin ?? 'file') !== 'api'
  const { closed } = dialog({
    title: text('delete.title', { name: device?.name ?? id }),
    body: h('p', {}, text(isOfFile ? 'delete.body_file' : 'delete.body')),
    told: (error) => problemParts(app, { message: error.detail ?? error.message, ...error }),
    actions: [
      {
        label: text('delete.do'),
        kind: 'danger',
        async run(close) {
          await app.api.del(pathOf(id))
          close()
          app.toast(text('delete.done'))
          app.navigate('/devices')
        },
      },
    ],
  })
  await closed
  return false
}

/** A form of a device, and what became of it: what `run` resolved with, null when it was given up. */
async function asked(app, { title, label, body, fields, run }) {
  let result = null
  const { closed } = dialog({
    title,
    wide: true,
    body,
    // What is said at its field isn't said a second time.
    told(error) {
      const problems = error.problems ?? [{ message: error.detail ?? error.message }]
      const others = fields.told(problems)
      if (others.length === 0) return [text('edit.see_fields')]
      return others.flatMap((problem) => [...problemParts(app, problem), h('br')])
    },
    actions: [
      {
        label,
        kind: 'primary',
        async run(close) {
          fields.told([])
          result = await run()
          close()
        },
      },
    ],
  })
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

/** What is allowed, and worth a look: an address that another one has, too. */
function tellLook(app, look = []) {
  for (const { message } of look) app.toast(message)
}

const ARRIVES_MS = 3_000
const LOOK_MS = 50

/** Until the page has heard of the device; not for ever. */
async function arrived(app, id) {
  const until = performance.now() + ARRIVES_MS
  while (!app.fleet.devices.has(id) && performance.now() < until)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
}

function provenance(file, said) {
  if (file === null) return text('edit.only_here')
  return said === null ? text('edit.of_a_file') : text('edit.over_a_file', { by: said.by })
}
