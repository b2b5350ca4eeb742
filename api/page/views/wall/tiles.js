import { isTrouble, sortByTrouble } from '../../core/branches.js'
import { h, mark, setAttribute, setText } from '../../core/dom.js'
import { duration } from '../../core/format.js'
import { count, text } from '../../core/texts.js'
import { fitTiles } from './fit.js'

/** The branches as tiles: those in trouble large and first, the others small. All on one screen where they can be. */

/** Narrower than this the wall is a page that scrolls. */
const PHONE = 720

export function createTiles(app) {
  const root = h('section', { class: 'branches', 'aria-label': text('wall.branches') })
  const tiles = new Map()
  let groups = []
  let shown = []

  /** `grouping` is `trouble` or `region`. */
  function draw(branches, grouping) {
    shown = branches
    const wanted = grouping === 'region' ? byRegion(branches) : byTrouble(branches)
    for (const key of tiles.keys())
      if (!branches.some(({ branch }) => branch === key)) tiles.delete(key)
    // The same groups are filled anew, so that a tile with the focus keeps it.
    const isSame =
      groups.map(({ key }) => key).join('\n') === wanted.map(({ key }) => key).join('\n')
    if (!isSame) {
      groups = wanted.map(createGroup)
      root.replaceChildren(...groups.map(({ element }) => element))
    }
    for (const [index, { title, branches: own }] of wanted.entries())
      drawGroup(groups[index], title, own)
    fit()
  }

  function createGroup({ key, kind }) {
    const title = h('span', {})
    const number = h('span', { class: 'muted' })
    const grid = h('div', { class: 'tile-grid', 'data-kind': kind })
    const element = h(
      'div',
      { class: 'tile-group' },
      h('h2', { class: 'tile-head' }, title, number),
      grid,
    )
    return { key, element, title, number, grid, order: '' }
  }

  function drawGroup(group, title, branches) {
    setText(group.title, title)
    setText(group.number, count(branches.length))
    const order = JSON.stringify(branches.map(({ branch }) => branch))
    const drawn = branches.map(drawTile)
    if (group.order !== order) {
      const focused = document.activeElement
      group.grid.replaceChildren(...drawn)
      if (group.grid.contains(focused)) focused.focus({ preventScroll: true })
    }
    group.order = order
  }

  function drawTile(branch) {
    let tile = tiles.get(branch.branch)
    if (tile === undefined) tiles.set(branch.branch, (tile = createTile(branch)))
    tile.branch = branch
    const { element } = tile
    setAttribute(element, 'data-status', branch.status)
    setAttribute(element, 'data-handled', branch.isHandled ? '' : null)
    setAttribute(element, 'data-lines', branch.lines)
    setAttribute(element, 'data-kind', isTrouble(branch) ? 'trouble' : 'well')
    setAttribute(tile.mark, 'data-status', branch.status)
    setAttribute(element, 'title', isTrouble(branch) ? null : summary(branch))
    setText(tile.word, text(`status.${branch.status}`))
    setText(tile.facts, facts(branch))
    tile.fresh.hidden = !branch.isNew
    tile.lines.draw(branch.uplinks)
    drawTime(tile)
    return element
  }

  function createTile({ branch }) {
    const icon = mark('up')
    const word = h('span', { class: 'hidden' })
    const name = h('b', { class: 'tile-name' }, branch || text('wall.no_branch'))
    const time = h('span', { class: 'tile-time' })
    const fresh = h('span', { class: 'chip', 'data-kind': 'bad', hidden: true }, text('wall.new'))
    const own = h('span', { class: 'tile-facts' })
    const lines = createLines()
    const href = branch === '' ? '/devices' : `/devices?branch=${encodeURIComponent(branch)}`
    const element = h(
      'a',
      { class: 'tile', href },
      icon,
      word,
      name,
      time,
      own,
      fresh,
      lines.element,
    )
    return { element, mark: icon, word, time, facts: own, fresh, lines, branch: null }
  }

  function drawTime({ time, branch }) {
    const { downSince } = branch
    setText(time, downSince === null ? '' : duration((app.now() - downSince) / 1000))
  }

  function fit() {
    const width = root.clientWidth
    const trouble = shown.filter(isTrouble).length
    const size =
      innerWidth < PHONE
        ? { name: 'phone', trouble: [150, 66], well: [100, 36], fits: false }
        : fitTiles({
            trouble,
            well: shown.length - trouble,
            width,
            height: root.clientHeight - 2,
            headings: groups.length,
          })
    root.dataset.size = size.name
    for (const kind of ['trouble', 'well']) {
      root.style.setProperty(`--${kind}-width`, `${size[kind][0]}px`)
      root.style.setProperty(`--${kind}-height`, `${size[kind][1]}px`)
    }
  }

  return {
    element: root,
    draw,
    fit,
    tick() {
      for (const tile of tiles.values()) if (tile.branch.downSince !== null) drawTime(tile)
    },
  }
}

function byTrouble(branches) {
  const sorted = sortByTrouble(branches)
  const groups = [
    {
      key: 'trouble',
      kind: 'trouble',
      title: text('wall.trouble'),
      branches: sorted.filter(isTrouble),
    },
    {
      key: 'well',
      kind: 'well',
      title: text('wall.well'),
      branches: sorted.filter((each) => !isTrouble(each)),
    },
  ]
  return groups.filter(({ branches: own }) => own.length > 0)
}

/** The regions with trouble first; those of no region, or of several, last. */
function byRegion(branches) {
  const groups = Map.groupBy(sortByTrouble(branches), ({ regions }) =>
    regions.size === 1 ? [...regions][0] : '',
  )
  const troubles = ([, own]) => own.filter(isTrouble).length
  return [...groups]
    .sort(
      (a, b) =>
        (a[0] === '') - (b[0] === '') || troubles(b) - troubles(a) || a[0].localeCompare(b[0]),
    )
    .map(([region, own]) => ({
      key: region,
      kind: 'mixed',
      title: region === '' ? text('wall.no_region') : region,
      branches: own,
    }))
}

/** `3 of 7 down`, `1 of 7 unknown`, `7 devices`. */
function facts({ status, counts, lost, total }) {
  if (lost > 0) return text('wall.lost', { lost, total })
  if (status === 'unknown') return text('wall.unknown', { unknown: counts.unknown, total })
  return text('wall.devices', { count: total })
}

function summary(branch) {
  return `${branch.branch || text('wall.no_branch')}: ${text(`status.${branch.status}`)}, ${facts(branch)}`
}

/** A branch's uplinks as short bars, each with a shape for its state. */
function createLines() {
  const element = h('span', { class: 'lines' })
  let drawn = ''
  return {
    element,
    draw(uplinks) {
      const key = uplinks.map(({ name, state }) => `${name} ${state}`).join()
      if (key === drawn) return
      drawn = key
      element.replaceChildren(
        ...uplinks.map(({ name, state }) =>
          h('i', {
            class: 'line',
            'data-state': state,
            role: 'img',
            'aria-label': text('wall.line', { name, state: text(`line.${state}`) }),
            title: `${name}: ${text(`line.${state}`)}`,
          }),
        ),
      )
    },
  }
}
