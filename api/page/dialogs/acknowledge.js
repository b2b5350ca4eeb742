import { dialog } from '../core/dialog.js'
import { h } from '../core/dom.js'
import { text } from '../core/texts.js'
import { timeElement } from '../core/time.js'
import { lastingField } from './lasting.js'
import { commentField } from './silence.js'

const pathOf = ({ fingerprint }) => `/api/v1/alerts/${encodeURIComponent(fingerprint)}/ack`

/** Says of an alert (as the API gave it) that somebody works on it. Resolves with the acknowledgement, or null. */
export async function openAck(app, alert) {
  let result = null
  const comment = commentField('', text('ack.comment'), { isNeeded: false })
  const lasting = lastingField(app, {
    title: text('ack.until'),
    none: text('ack.until_end'),
    chosen: null,
  })
  const sticky = h('input', { type: 'checkbox' })
  const { closed } = dialog({
    title: text('ack.title'),
    body: h(
      'div',
      { class: 'dialog-fields' },
      h(
        'p',
        {},
        h('b', {}, alert.alert),
        ` ${alert.device_name ?? alert.device ?? ''}`,
        alert.active_at === null ? '' : ` ${text('ack.since')} `,
        alert.active_at === null ? null : timeElement(alert.active_at, app.now()),
      ),
      comment.element,
      lasting.element,
      h('label', { class: 'check' }, sticky, h('span', {}, text('ack.sticky'))),
      h('p', { class: 'muted' }, text('ack.note')),
    ),
    actions: [
      {
        label: text('ack.do'),
        kind: 'primary',
        async run(close) {
          const expires = lasting.endsAt()
          if (sticky.checked && expires === null) throw new Error(text('ack.sticky_needs_end'))
          result = await app.api.post(pathOf(alert), {
            comment: comment.value(),
            expires_at: expires,
            sticky: sticky.checked,
          })
          close()
          app.toast(text('ack.done'))
        },
      },
    ],
  })
  await closed
  return result
}

/** Takes it back. Resolves with whether it was. */
export async function endAck(app, alert) {
  try {
    await app.api.del(pathOf(alert))
    app.toast(text('ack.taken_back'))
    return true
  } catch (error) {
    app.toast(error.detail ?? error.message, 'bad')
    return false
  }
}
