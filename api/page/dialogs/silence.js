import { dialog } from '../core/dialog.js'
import { h } from '../core/dom.js'
import { text } from '../core/texts.js'
import { timeElement } from '../core/time.js'
import { lastingField } from './lasting.js'
import { previewOf, touchedText } from './preview.js'
import { subjectField } from './subject.js'

const URL_OF = '/api/v1/silences'

/**
 * Silences `{device?, branch?, region?, matchers?}`, or edits `silence` as the API gave it. Resolves with the silence once it
 * is in force, with null when it was given up.
 */
export async function openSilence(app, { silence, ...given } = {}) {
  let result = null
  const subject = subjectField(
    app,
    silence === undefined ? given : { matchers: silence.matchers },
    changed,
  )
  const lasting = lastingField(app, {
    title: text('silence.for'),
    ...(silence === undefined ? {} : { chosen: silence.ends_at }),
    changed,
  })
  const comment = commentField(silence?.comment ?? '', text('silence.comment'))
  const preview = previewOf({
    ask: () =>
      body() === null
        ? null
        : app.api.post(`${URL_OF}?dry_run=true`, { ...body(), comment: comment.value() || '–' }),
    describe: (answer) => [
      touchedText(answer),
      h('p', {}, text('silence.until'), ' ', timeElement(lasting.endsAt(), app.now()), '.'),
      h('p', { class: 'muted' }, text('silence.note')),
    ],
  })

  const { closed } = dialog({
    title: text(silence === undefined ? 'silence.title' : 'silence.edit'),
    body: h(
      'div',
      { class: 'dialog-fields' },
      subject.element,
      lasting.element,
      comment.element,
      preview.element,
    ),
    actions: [
      {
        label: text(silence === undefined ? 'silence.do' : 'silence.save'),
        kind: 'primary',
        async run(close) {
          const wanted = body()
          if (wanted === null) throw new Error(text('preview.incomplete'))
          const complete = { ...wanted, comment: comment.value() }
          result =
            silence === undefined
              ? await app.api.post(URL_OF, complete)
              : await app.api.put(`${URL_OF}/${encodeURIComponent(silence.id)}`, {
                  ...complete,
                  starts_at: silence.starts_at,
                  updated_at: silence.updated_at,
                })
          close()
          app.toast(text('silence.done'))
        },
      },
    ],
  })

  function body() {
    const about = subject.value()
    const ends = lasting.endsAt()
    return about === null || ends === null ? null : { ...about, ends_at: ends }
  }

  function changed() {
    preview.changed()
  }

  await closed
  preview.leave()
  return result
}

/** Why: what the others read. */
export function commentField(value, label, { isNeeded = true } = {}) {
  const input = h('textarea', { rows: '2', required: isNeeded, maxlength: '2000' })
  input.value = value
  return {
    element: h('label', { class: 'field' }, h('span', {}, label), input),
    value: () => input.value.trim(),
  }
}

/** Ends a silence, after a question. Resolves with whether it was. */
export async function endSilence(app, silence) {
  const isSure = await app.confirm({
    title: text('silence.end.title'),
    body: text('silence.end.body', { comment: silence.comment, by: silence.created_by }),
    label: text('silence.end.do'),
    danger: true,
  })
  if (!isSure) return false
  try {
    await app.api.del(`${URL_OF}/${encodeURIComponent(silence.id)}`)
    app.toast(text('silence.ended'))
    return true
  } catch (error) {
    app.toast(error.detail ?? error.message, 'bad')
    return false
  }
}
