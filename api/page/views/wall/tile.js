import { isTrouble } from '../../core/branches.js'
import { h, mark, setAttribute, setText } from '../../core/dom.js'
import { duration } from '../../core/format.js'
import { text } from '../../core/texts.js'

/**
 * One branch: its worst status as colour, shape and word, how much of it is lost and for how long, its lines. There may be
 * thousands of those that are well, and the browser places each of their elements: they have no more than they show.
 */
export function createTile(app, { branch: key }) {
  const icon = mark('up')
  const name = h('b', { class: 'tile-name' }, ...nameParts(nameOf(key)))
  const lines = createLines()
  const element = h('a', { class: 'tile', href: `/devices?branch=${encodeURIComponent(key)}` })
  let details = null
  let kind = null
  let downSince = null

  function tick() {
    if (downSince !== null) setText(details.time, duration((app.now() - downSince) / 1000))
  }

  function drawWell(branch) {
    const hasLines = branch.uplinks.length > 0
    if (kind !== 'well' || hasLines !== (lines.element.parentNode === element))
      element.replaceChildren(icon, name, ...(hasLines ? [lines.element] : []))
    const facts = factsOf(branch)
    const unusual = branch.uplinks.filter(({ state }) => state !== 'up').map(wordsOfLine)
    const words = [text(`status.${branch.status}`), facts, ...unusual].join(', ')
    setAttribute(element, 'aria-label', `${nameOf(key)}: ${words}`)
    setAttribute(element, 'title', `${nameOf(key)}: ${facts}`)
  }

  function drawTrouble(branch) {
    details ??= createDetails()
    if (kind !== 'trouble') {
      element.replaceChildren(icon, details.word, name, details.chip, details.below)
      details.below.append(lines.element)
    }
    setAttribute(element, 'aria-label', null)
    // Where there is no room for the whole of it the name is cut.
    setAttribute(element, 'title', nameOf(key))
    details.draw(branch)
  }

  return {
    element,
    tick,
    draw(branch) {
      const { status, lost, total } = branch
      const isLarge = isTrouble(branch)
      ;({ downSince } = branch)
      setAttribute(element, 'data-status', status)
      setAttribute(element, 'data-handled', branch.handled === null ? null : '')
      setAttribute(element, 'data-share', lost === total ? 'all' : 'part')
      setAttribute(element, 'data-new', branch.isNew ? '' : null)
      setAttribute(icon, 'data-status', status)
      lines.draw(branch.uplinks)
      if (isLarge) drawTrouble(branch)
      else drawWell(branch)
      kind = isLarge ? 'trouble' : 'well'
      setAttribute(element, 'data-kind', kind)
      tick()
    },
  }
}

/** What there is to say of a branch in trouble. */
function createDetails() {
  const word = h('span', { class: 'hidden' })
  const time = h('span', { class: 'tile-time' })
  const facts = h('span', { class: 'tile-facts' })
  const short = h('span', { class: 'tile-short', 'aria-hidden': 'true' })
  const chip = h('span', { class: 'chip', hidden: true })
  const below = h('span', { class: 'tile-below' }, time, facts, short)

  /** That somebody deals with it, or that it has just begun. */
  function drawChip({ handled, isNew }) {
    chip.hidden = handled === null && !isNew
    setAttribute(chip, 'data-kind', handled === null ? 'bad' : 'note')
    setText(chip, handled === null ? text('wall.new') : text(`devices.${handled}`))
  }

  return {
    word,
    time,
    chip,
    below,
    draw(branch) {
      const { status, lost, total, downSince } = branch
      setText(word, text(`status.${status}`))
      setText(facts, factsOf(branch))
      setText(short, lost > 0 ? `${lost}/${total}` : '')
      if (downSince === null) setText(time, '')
      drawChip(branch)
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

const wordsOfLine = ({ name, state }) => text('wall.line', { name, state: text(`line.${state}`) })

/** A branch's uplinks as short bars, each with a shape for its state. */
function createLines() {
  const element = h('span', { class: 'tile-lines' })
  let drawn = ''

  function line(uplink) {
    const words = wordsOfLine(uplink)
    return h('i', {
      class: 'line-mark',
      'data-state': uplink.state,
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
