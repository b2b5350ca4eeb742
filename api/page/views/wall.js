import { branchesOf, branchesTold } from '../core/branches.js'
import { h, setText } from '../core/dom.js'
import { keep, readKept } from '../core/kept.js'
import { createBlindPanel } from './wall/blind.js'
import { createLinesPanel } from './wall/lines.js'
import { createOutages } from './wall/outages.js'
import { createTiles } from './wall/tiles.js'
import { createTotals } from './wall/totals.js'

/** What hangs on the wall of a NOC: all branches on one screen, what is wrong first. */

/** An outage is called new for a while; nothing else tells the tile that the while is over. */
const REDRAW_SECONDS = 15

export const view = {
  title: (app) => app.text('wall.title'),
  open(root, app) {
    const totals = createTotals(app)
    const tiles = createTiles(app)
    const outages = createOutages(app)
    const lines = createLinesPanel(app)
    const blind = createBlindPanel(app)
    const empty = h('p', { class: 'empty', hidden: true })
    const region = h('select', {
      class: 'input',
      'aria-label': app.text('wall.region'),
      onchange: ({ target }) => choose({ region: target.value }),
    })
    const group = h(
      'label',
      { class: 'wall-check' },
      h('input', {
        type: 'checkbox',
        onchange: ({ target }) => choose({ group: target.checked ? 'region' : null }),
      }),
      app.text('wall.by_region'),
    )
    totals.element.append(h('div', { class: 'wall-tools' }, region, group))
    root.append(
      h('h1', { class: 'hidden' }, app.text('wall.title')),
      totals.element,
      h(
        'div',
        { class: 'wall-body' },
        tiles.element,
        empty,
        h(
          'aside',
          { class: 'wall-side', 'aria-label': app.text('wall.side') },
          blind.element,
          lines.element,
          outages.element,
        ),
      ),
    )
    if (app.query.get('group') === null && readKept('wall.group') === 'region')
      app.setQuery({ group: 'region' })

    function choose(changes) {
      app.setQuery(changes)
      if ('group' in changes) keep('wall.group', changes.group)
      draw()
    }

    let shown = []
    function draw() {
      const wanted = app.query.get('region') ?? ''
      const { told } = app.fleet
      const devices = [...app.fleet.devices.values()]
      const all = told === null ? branchesOf(devices, app.now()) : branchesTold(told, app.now())
      const branches = wanted === '' ? all : all.filter(({ regions }) => regions.has(wanted))
      const grouping = app.query.get('group') === 'region' ? 'region' : 'trouble'
      shown = branches
      drawRegions(all, wanted)
      group.firstChild.checked = grouping === 'region'
      totals.draw(branches)
      empty.hidden = branches.length > 0
      tiles.element.hidden = branches.length === 0
      if (!empty.hidden)
        setText(empty, app.text(app.fleet.isLoaded ? 'wall.empty' : 'shell.loading'))
      blind.draw()
      lines.draw(branches)
      // Of what isn't known yet nothing is said, least of all that nothing is down.
      outages.element.hidden = !app.fleet.isLoaded
      outages.draw(wanted === '' ? devices : devices.filter((device) => device.region === wanted))
      tiles.draw(branches, grouping)
    }

    let drawnRegions = ''
    function drawRegions(branches, wanted) {
      const names = [...new Set(branches.flatMap(({ regions }) => [...regions]))].sort((a, b) =>
        a.localeCompare(b),
      )
      if (wanted !== '' && !names.includes(wanted)) names.push(wanted)
      const key = JSON.stringify(names)
      if (key !== drawnRegions) {
        drawnRegions = key
        region.replaceChildren(
          h('option', { value: '' }, app.text('wall.all_regions')),
          ...names.map((name) => h('option', { value: name }, name)),
        )
      }
      region.value = wanted
      region.hidden = names.length < 2
      group.hidden = names.length < 2
    }

    const observer = new ResizeObserver(() => tiles.fit())
    observer.observe(tiles.element)
    let seconds = 0
    draw()
    return {
      update(what) {
        if (what.fleet) draw()
        else if (what.stats) {
          totals.draw(shown)
          blind.draw()
        }
      },
      tick() {
        if (++seconds % REDRAW_SECONDS === 0) draw()
        tiles.tick()
        blind.tick()
        lines.tick()
        outages.tick()
      },
      leave: () => observer.disconnect(),
    }
  },
}
