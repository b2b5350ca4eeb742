import { isTrouble, sortByTrouble } from '../../core/branches.js'
import { h, setText } from '../../core/dom.js'
import { count, text } from '../../core/texts.js'
import { fitGroups, fitTiles } from './fit.js'
import { createTile } from './tile.js'

/** The branches as tiles: those in trouble large and first, the others small. All on one screen where they can be. */

/** Narrower than this the wall is a page that scrolls. */
const PHONE = 720
const ON_A_PHONE = {
  trouble: { name: 'xs', width: 150, height: 66 },
  well: { name: 's', width: 100, height: 36 },
}

export function createTiles(app) {
  const root = h('section', { class: 'branches', 'aria-label': text('wall.branches') })
  const tiles = new Map()
  let groups = []

  /** `grouping` is `trouble` or `region`. */
  function draw(branches, grouping) {
    // Asked for now, the browser knows it. Once there are new tiles it would have to place them all first, and then again.
    const screen = screenNow()
    const wanted = grouping === 'region' ? byRegion(branches) : byTrouble(branches)
    const known = new Set(branches.map(({ branch }) => branch))
    for (const key of tiles.keys()) if (!known.has(key)) tiles.delete(key)
    // The same groups are filled anew, so that a tile with the focus keeps it.
    if (keysOf(groups) !== keysOf(wanted)) {
      groups = wanted.map(createGroup)
      root.replaceChildren(...groups.map(({ element }) => element))
    }
    for (const [index, { title, branches: own }] of wanted.entries()) {
      drawGroup(groups[index], title, own)
    }
    fit(screen)
  }

  const screenNow = () => ({ width: root.clientWidth - 2, height: root.clientHeight - 2 })

  function createGroup({ key, kind }) {
    const title = h('span', {})
    const number = h('span', { class: 'muted' })
    const grid = h('div', { class: 'tile-grid', 'data-kind': kind })
    const head = h('h2', { class: 'tile-head' }, title, number)
    const element = h('div', { class: 'tile-group' }, head, grid)
    return { key, kind, element, title, number, grid, order: '', branches: [] }
  }

  function drawGroup(group, title, branches) {
    setText(group.title, title)
    setText(group.number, count(branches.length))
    const drawn = branches.map(drawTile)
    const order = JSON.stringify(branches.map(({ branch }) => branch))
    if (group.order !== order) {
      const focused = document.activeElement
      group.grid.replaceChildren(...drawn)
      if (group.grid.contains(focused)) focused.focus({ preventScroll: true })
    }
    group.order = order
    group.branches = branches
  }

  function drawTile(branch) {
    let tile = tiles.get(branch.branch)
    if (tile === undefined) tiles.set(branch.branch, (tile = createTile(app, branch)))
    tile.draw(branch)
    return tile.element
  }

  function fit(screen = screenNow()) {
    const size = innerWidth < PHONE ? ON_A_PHONE : fitted(screen)
    for (const kind of ['trouble', 'well']) {
      root.dataset[kind] = size[kind].name
      root.style.setProperty(`--${kind}-width`, `${size[kind].width}px`)
      root.style.setProperty(`--${kind}-height`, `${size[kind].height}px`)
    }
  }

  function fitted(screen) {
    if (groups.some(({ kind }) => kind === 'mixed')) {
      return fitGroups(
        groups.map(({ branches }) => parted(branches)),
        screen,
      )
    }
    return fitTiles({ ...parted(groups.flatMap(({ branches }) => branches)), ...screen })
  }

  return {
    element: root,
    draw,
    fit,
    tick() {
      for (const tile of tiles.values()) tile.tick()
    },
  }
}

const keysOf = (groups) => JSON.stringify(groups.map(({ key }) => key))

function parted(branches) {
  const trouble = branches.filter(isTrouble).length
  return { trouble, well: branches.length - trouble }
}

function byTrouble(branches) {
  const { true: trouble = [], false: well = [] } = Object.groupBy(
    sortByTrouble(branches),
    isTrouble,
  )
  const groups = [
    { key: 'trouble', kind: 'trouble', title: text('wall.trouble'), branches: trouble },
    { key: 'well', kind: 'well', title: text('wall.well'), branches: well },
  ]
  return groups.filter(({ branches: own }) => own.length > 0)
}

/** The regions with trouble first; those of no region, or of several, last. */
function byRegion(branches) {
  const regionOf = ({ regions }) => (regions.size === 1 ? [...regions][0] : '')
  const groups = [...Map.groupBy(sortByTrouble(branches), regionOf)].map(([region, own]) => ({
    key: region,
    kind: 'mixed',
    title: region === '' ? text('wall.no_region') : region,
    branches: own,
    troubles: own.filter(isTrouble).length,
  }))
  return groups.sort(
    (a, b) =>
      (a.key === '') - (b.key === '') || b.troubles - a.troubles || a.key.localeCompare(b.key),
  )
}
