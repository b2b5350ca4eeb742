import { dialog } from '../core/dialog.js'
import { h } from '../core/dom.js'
import { text } from '../core/texts.js'
import { timeElement } from '../core/time.js'
import { previewOf, touchedText } from './preview.js'
import { scheduleField } from './schedule.js'
import { commentField } from './silence.js'
import { subjectField } from './subject.js'

const URL_OF = '/api/v1/maintenance'

/**
 * Plans maintenance of `{device?, branch?, region?, matchers?}`, or edits `window` as the API gave it. Resolves with the
 * window once it is kept, with null when it was given up.
 */
export async function openMaintenance(app, { window: edited, ...given } = {}) {
  let result = null
  const name = h('input', {
    required: true,
    maxlength: '200',
    value: edited?.name ?? nameOf(app, given),
    oninput: changed,
  })
  const subject = subjectField(
    app,
    edited === undefined ? given : { matchers: edited.matchers },
    changed,
  )
  const schedule = scheduleField(app, edited?.schedule, changed)
  const comment = commentField(edited?.comment ?? '', text('window.comment'), { isNeeded: false })
  const preview = previewOf({
    ask: () => (body() === null ? null : app.api.post(`${URL_OF}?dry_run=true`, body())),
    describe: (answer) => [touchedText(answer), occurrenceList(answer.occurrences, app.now())],
  })

  const { closed } = dialog({
    title: text(edited === undefined ? 'window.title' : 'window.edit'),
    wide: true,
    body: h(
      'div',
      { class: 'dialog-fields' },
      h('label', { class: 'field' }, h('span', {}, text('window.name')), name),
      subject.element,
      schedule.element,
      comment.element,
      preview.element,
    ),
    actions: [
      {
        label: text(edited === undefined ? 'window.do' : 'window.save'),
        kind: 'primary',
        async run(close) {
          const wanted = body()
          if (wanted === null) throw new Error(text('preview.incomplete'))
          result =
            edited === undefined
              ? await app.api.post(URL_OF, wanted)
              : await app.api.put(`${URL_OF}/${encodeURIComponent(edited.id)}`, {
                  ...wanted,
                  updated_at: edited.updated_at,
                })
          close()
          app.toast(text('window.done'))
        },
      },
    ],
  })

  function body() {
    const about = subject.value()
    const when = schedule.value()
    if (about === null || when === null || name.value.trim() === '') return null
    return { name: name.value.trim(), ...about, schedule: when, comment: comment.value() }
  }

  function changed() {
    preview.changed()
  }

  await closed
  preview.leave()
  return result
}

const nameOf = (app, { device, branch, region }) =>
  text('window.name_of', {
    what: app.fleet.devices.get(device)?.name ?? branch ?? region ?? '',
  }).trim()

/** When it will be: the next times, or that there are none. */
function occurrenceList(spans, now) {
  if (spans.length === 0) return h('p', { class: 'bad' }, text('window.never'))
  return h(
    'ol',
    { class: 'occurrences', 'aria-label': text('window.next') },
    ...spans.map(({ from, until }) =>
      h('li', {}, timeElement(from, now), ' – ', timeElement(until, now)),
    ),
  )
}

/** Removes a window, after a question. Resolves with whether it was. */
export async function removeWindow(app, { id, name }) {
  const isSure = await app.confirm({
    title: text('window.remove.title'),
    body: text('window.remove.body', { name }),
    label: text('window.remove.do'),
    danger: true,
  })
  if (!isSure) return false
  try {
    await app.api.del(`${URL_OF}/${encodeURIComponent(id)}`)
    app.toast(text('window.removed'))
    return true
  } catch (error) {
    app.toast(error.detail ?? error.message, 'bad')
    return false
  }
}
