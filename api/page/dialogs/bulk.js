import { dialog } from '../core/dialog.js'
import { h } from '../core/dom.js'
import { text } from '../core/texts.js'
import { kindOf, operationsOf } from './bulk-file.js'
import { bulkTable, summaryOf } from './bulk-table.js'

/** Many devices at once, from a file of CSV or JSON: first what would be done, as a table; then it is done, all of it or nothing. */

const PATH = '/api/v1/devices/bulk'
/** What the API takes. */
const MOST_BYTES = 20_000_000
const TYPING_MS = 400

/** Resolves with how many devices it was about, null when it was given up. */
export async function openBulk(app) {
  let done = null
  let turn = 0
  let typing = 0
  /** The body that was tried last without a problem, and how many devices it is about. */
  let tried = null

  const file = h('input', {
    type: 'file',
    accept: '.csv,.tsv,.json,text/csv,application/json',
    onchange: () => void attempt(),
  })
  const pasted = h('textarea', {
    rows: '5',
    spellcheck: 'false',
    placeholder: 'id,address,name,branch',
    oninput() {
      clearTimeout(typing)
      file.value = ''
      typing = setTimeout(() => void attempt(), TYPING_MS)
    },
  })
  const existing = h('input', { type: 'checkbox', onchange: () => void attempt() })
  const outcome = h('div', { class: 'bulk-outcome', role: 'status' })
  const { element, closed } = dialog({
    title: text('bulk.title'),
    wide: true,
    body: h(
      'div',
      { class: 'dialog-fields' },
      h('p', { class: 'muted' }, text('bulk.note')),
      h('label', { class: 'field' }, h('span', {}, text('bulk.file')), file),
      h(
        'details',
        { class: 'bulk-paste' },
        h('summary', {}, text('bulk.paste')),
        h('label', { class: 'field' }, h('span', { class: 'hidden' }, text('bulk.paste')), pasted),
      ),
      h('label', { class: 'check' }, existing, h('span', {}, text('bulk.existing'))),
      outcome,
    ),
    actions: [{ label: text('bulk.do'), kind: 'primary', run: apply }],
  })
  const button = element.querySelector('.dialog-actions .primary')
  button.disabled = true

  /** Asks what would come of it. */
  async function attempt() {
    const mine = ++turn
    tried = null
    button.disabled = true
    try {
      const body = await bodyOf(file.files[0] ?? pasted.value)
      if (mine !== turn) return
      if (body === null) return outcome.replaceChildren()
      outcome.replaceChildren(h('p', { class: 'muted' }, text('bulk.trying')))
      const plan = await send(body, { dry_run: 'true' })
      if (mine !== turn) return
      draw(plan)
      if (plan.problems.length > 0 || plan.items.length === 0) return
      tried = body
      button.disabled = false
    } catch (error) {
      if (mine === turn)
        outcome.replaceChildren(h('p', { class: 'problem' }, error.detail ?? error.message))
    }
  }

  function draw(plan) {
    outcome.replaceChildren(summaryOf(plan), ...bulkTable(app, plan))
  }

  async function apply(close) {
    const body = tried
    if (body === null) throw new Error(text('bulk.first'))
    const plan = await send(body, {}).catch((error) => {
      // Somebody changed devices since it was tried: what is wrong now stands in the table.
      if (error.problems !== undefined) draw({ items: [], problems: error.problems, look: [] })
      throw error
    })
    done = plan.items.length
    close()
    app.toast(text('bulk.done', { count: done }))
  }

  async function send(body, query) {
    const asked = new URLSearchParams({
      ...query,
      ...(existing.checked ? { existing: 'change' } : {}),
    })
    const isCsv = body instanceof Blob
    const headers = isCsv ? { 'content-type': 'text/csv' } : {}
    const response = await app.api.send('POST', `${PATH}?${asked}`, body, { headers })
    return response.json()
  }

  /** A CSV as it is; a JSON as operations; null where there is nothing yet. */
  async function bodyOf(given) {
    const isText = typeof given === 'string'
    if (isText ? given.trim() === '' : given.size === 0) return null
    if (!isText && given.size > MOST_BYTES) throw new Error(text('bulk.large'))
    const beginning = isText ? given : await given.slice(0, 1_000).text()
    if (kindOf(isText ? '' : given.name, beginning) === 'csv') return new Blob([given])
    const isThere = (id) => existing.checked && app.fleet.devices.has(id)
    try {
      return operationsOf(JSON.parse(isText ? given : await given.text()), isThere)
    } catch (error) {
      throw new Error(text('bulk.no_json', { reason: error.message }), { cause: error })
    }
  }

  await closed
  turn++
  clearTimeout(typing)
  return done
}
