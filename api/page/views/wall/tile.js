import { isTrouble } from '../../core/branches.js'
import { h, mark, setAttribute, setText } from '../../core/dom.js'
import { duration } from '../../core/format.js'
import { text } from '../../core/texts.js'

/** One branch: its worst status as colour, shape and word, how much of it is lost and for how long, its lines. */
export function createTile(app, { branch: key }) {
  const icon = mark('up')
  const word = h('span', { class: 'hidden' })
  const time = h('span', { class: 'tile-time' })
  const facts = h('span', { class: 'tile-facts' })
  const short = h('span', { class: 'tile-short', 'aria-hidden': 'true' })
  const chip = h('span', { class: 'chip', hidden: true })
  const lines = createLines()
  const element = h(
    'a',
    { class: 'tile', href: `/devices?branch=${encodeURIComponent(key)}` },
    icon,
    word,
    h('b', { class: 'tile-name' }, ...nameParts(nameOf(key))),
    chip,
    h('span', { class: 'tile-below' }, time, facts, short, lines.element),
  )
  let downSince = null

  function tick() {
    if (downSince !== null) setText(time, duration((app.now() - downSince) / 1000))
  }

  /** That somebody deals with it, or that it has just begun. */
  function drawChip({ handled, isNew }) {
    chip.hidden = handled === null && !isNew
    setAttribute(chip, 'data-kind', handled === null ? 'bad' : 'note')
    setText(chip, handled === null ? text('wall.new') : text(`devices.${handled}`))
  }

  return {
    element,
    tick,
    draw(branch) {
      const { status, lost, total } = branch
      const isLarge = isTrouble(branch)
      ;({ downSince } = branch)
      setAttribute(element, 'data-status', status)
      setAttribute(element, 'data-kind', isLarge ? 'trouble' : 'well')
      setAttribute(element, 'data-handled', branch.handled === null ? null : '')
      setAttribute(element, 'data-share', lost === total ? 'all' : 'part')
      setAttribute(element, 'title', isLarge ? null : `${nameOf(key)}: ${factsOf(branch)}`)
      setAttribute(icon, 'data-status', status)
      setText(word, text(`status.${status}`))
      setText(facts, factsOf(branch))
      setText(short, lost > 0 ? `${lost}/${total}` : '')
      setAttribute(element, 'data-new', branch.isNew ? '' : null)
      drawChip(branch)
      lines.draw(branch.uplinks)
      if (downSince === null) setText(time, '')
      tick()
    },
  }
}

const nameOf = (branch) => branch || text('wall.no_branch')

/** Branches of one town differ in their last word: where there is no room the words before it are cut. */
function nameParts(name) {
  const [, head, tail] = /^(.*\S)(\s+\S{1,4})$/.exec(name) ?? [null, name, '']
  return [h('span', { class: 'cut' }, head), tail]
}

/** `3 of 7 down`, `1 of 7 unknown`, `7 devices`. */
function factsOf({ status, counts, lost, total }) {
  if (lost > 0) return text('wall.lost', { lost, total })
  if (status === 'unknown') return text('wall.unknown', { unknown: counts.unknown, total })
  return text('wall.devices', { count: total })
}

/** A branch's uplinks as short bars, each with a shape for its state. */
function createLines() {
  const element = h('span', { class: 'tile-lines' })
  let drawn = ''

  function line({ name, state }) {
    const words = text('wall.line', { name, state: text(`line.${state}`) })
    return h('i', {
      class: 'line-mark',
      'data-state': state,
      role: 'img',
      'aria-label': words,
      title: words,
    })
  }

  return {
    element,
    draw(uplinks) {
      const key = uplinks.map(({ name, state }) => `${name} ${state}`).join()
      if (key === drawn) return
      drawn = key
      // Where all are up the smaller tiles leave them out.
      const areUp = uplinks.every(({ state }) => state === 'up')
      setAttribute(element, 'data-up', areUp ? '' : null)
      element.replaceChildren(...uplinks.map(line))
    },
  }
}
