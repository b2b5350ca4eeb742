import { h } from '../../core/dom.js'
import { text } from '../../core/texts.js'
import { openAck } from '../../dialogs/acknowledge.js'
import { deleteDevice, openEdit } from '../../dialogs/device.js'
import { openMaintenance } from '../../dialogs/maintenance.js'
import { openSilence } from '../../dialogs/silence.js'
import { forgetWindows } from './windows.js'

/** What may be done about a device, for those who may. `alerts()` are its alerts of now; `done()` is called after each. */
export function createActions(app, id, { alerts, done }) {
  const ack = action('ack', 'operator', async () => openAck(app, toAcknowledge()))
  const silence = action('silence', 'operator', () => openSilence(app, { device: id }))
  const maintenance = action('maintenance', 'operator', () => openMaintenance(app, { device: id }))
  const edit = action('edit', 'admin', () => openEdit(app, id))
  const remove = action('delete', 'admin', () => deleteDevice(app, id))
  const all = [ack, silence, maintenance, edit, remove]
  const element = h(
    'div',
    { class: 'actions', role: 'group', 'aria-label': text('action.label') },
    ...all.map(({ button }) => button),
  )

  function action(name, role, run) {
    const onclick = async () => {
      const result = await run()
      if (result === null || result === false) return
      forgetWindows()
      done()
    }
    const button = h(
      'button',
      { type: 'button', class: 'button', 'data-action': name, hidden: true, onclick },
      text(`action.${name}`),
    )
    return { button, role }
  }

  /** The worst that fires and that nobody works on. */
  const toAcknowledge = () =>
    alerts().find(({ state, acknowledged }) => state === 'firing' && acknowledged === null)

  return {
    element,
    show() {
      for (const { button, role } of all) button.hidden = !app.may(role)
      if (toAcknowledge() === undefined) ack.button.hidden = true
    },
  }
}
