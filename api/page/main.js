import { byId } from './core/dom.js'
import { confirm, dialog } from './core/dialog.js'
import { createFleet } from './core/fleet.js'
import { createHttp, readEarly } from './core/http.js'
import { connectLive } from './core/live.js'
import { PAST_VIEWS, createPast, readAt, writeAt } from './core/past.js'
import { movedTo, routeOf } from './core/router.js'
import { NOBODY, mayRead, readSession, roleReaches } from './core/session.js'
import { currentLanguage, loadTexts, text, wantedLanguage } from './core/texts.js'
import { setTimeLanguage } from './core/time.js'
import { toast } from './core/toast.js'
import { createAnnouncer } from './shell/announcer.js'
import { createBanner } from './shell/banner.js'
import { listenForKeys } from './shell/keys.js'
import { createPastBar } from './shell/past.js'
import { createStage } from './shell/stage.js'
import { createTop } from './shell/top.js'

/** The shell: it knows who looks, what is true, where one is; views draw the rest. */

/** What is true now, whatever is looked at. */
const current = { fleet: createFleet(), stats: null }
/** The server's clock minus this one's: downtimes count by the server's. */
let skewMs = 0
let heardAt = performance.now()
let link = 'lost'
let endLive = null
const placeNow = () => location.pathname + location.search
/** The address of what is drawn. */
let shownPlace = ''
/** How long the branches of the first answer are shown without a list of devices. */
const EARLY_MS = 10_000

/** What a view has of the shell; docs/page.md describes it. */
const app = {
  /** The instant that is looked at, in milliseconds; null: now. */
  get at() {
    return past.shown?.at ?? null
  },
  get past() {
    return past.shown
  },
  get fleet() {
    return past.shown?.fleet ?? current.fleet
  },
  get stats() {
    return past.shown === null ? current.stats : past.shown.stats
  },
  current,
  health: null,
  session: NOBODY,
  /** The instant of what is shown; `clock` is always now. */
  now: () => app.at ?? app.clock(),
  clock: () => Date.now() + skewMs,
  text,
  dialog,
  confirm,
  toast,
  api: createHttp({ signedOut, away: () => text('http.away') }),
  may: (role) => roleReaches(app.session, role),
  get query() {
    return new URLSearchParams(location.search)
  },
  /** Changes the query of the address, nothing else; what is null or '' is taken away. */
  setQuery(changes) {
    const query = app.query
    for (const [name, value] of Object.entries(changes)) {
      if (value === null || value === undefined || value === '') query.delete(name)
      else query.set(name, value)
    }
    const words = query.toString()
    history.replaceState(null, '', location.pathname + (words === '' ? '' : `?${words}`))
    shownPlace = placeNow()
  },
  navigate(url, { replace = false } = {}) {
    const to = new URL(url, location.href)
    const route = routeOf(to.pathname)
    // The API's own pages are no views.
    if (route === null) return replace ? location.replace(to) : location.assign(to)
    // Who looks at an instant goes on looking at it.
    if (app.at !== null && PAST_VIEWS.has(route.name) && !to.searchParams.has('at'))
      to.searchParams.set('at', writeAt(app.at))
    const path = to.pathname + to.search + to.hash
    if (replace) history.replaceState(null, '', path)
    else history.pushState(null, '', path)
    go({ isMoved: true })
  },
  /** Asks again who is signed in: after a sign-in or a sign-out. */
  async renewSession() {
    app.session = await readSession()
    top.drawSession()
    followLive()
  },
}

// A wall is wanted at once, and the list of a large fleet takes its time.
const isWall = routeOf(location.pathname)?.name === 'wall' && location.search === ''
const branches = isWall ? readEarly('/api/v1/branches') : null

const past = createPast({ get: app.api.get, changed: drawPast })

const [session] = await Promise.all([readSession(), loadTexts(wantedLanguage())])
app.session = session
setTimeLanguage(currentLanguage())
document.documentElement.lang = currentLanguage()
byId('skip').textContent = text('shell.skip')

const top = createTop(app, byId('top'), { otherTime: () => pastBar.toggle() })
const pastBar = createPastBar(app, byId('past'), {
  look,
  again: past.again,
  toggled: (isOpen) => top.drawOtherTime(isOpen),
})
const banner = createBanner(app, byId('banner'))
const announcer = createAnnouncer(byId('announcer'))
const stage = createStage(app, byId('main'))

function go({ isMoved = false } = {}) {
  const moved = movedTo(location)
  if (moved !== null) history.replaceState(null, '', moved)
  const route = routeOf(location.pathname)
  const at = PAST_VIEWS.has(route?.name) ? readAt(app.query, app.clock()) : null
  if (Number.isNaN(at)) {
    app.setQuery({ at: null })
    app.toast(text('past.bad'), 'bad')
  }
  past.look(Number.isNaN(at) ? null : at)
  pastBar.draw()
  drawTrust()
  shownPlace = placeNow()
  top.mark(route?.name)
  void stage.show(route, { isMoved })
}

/** Shows the state of another instant, null of now, where there is a view of it; else on the wall. */
function look(at) {
  const isHere = PAST_VIEWS.has(routeOf(location.pathname)?.name)
  const url = new URL(isHere ? location.href : '/', location.href)
  if (at === null) url.searchParams.delete('at')
  else url.searchParams.set('at', writeAt(at))
  history.pushState(null, '', url.pathname + url.search)
  go()
}

/** There is an answer about the instant that is looked at, or none to be had. */
function drawPast() {
  pastBar.draw()
  stage.update({ fleet: true, stats: true })
}

function signedOut() {
  if (location.pathname === '/login') return
  const to = location.pathname + location.search
  app.navigate(`/login?to=${encodeURIComponent(to)}`, { replace: true })
}

/** One line to the API while somebody may read, none while nobody may. */
function followLive() {
  endLive?.()
  endLive = null
  if (!mayRead(app.session)) return signedOut()
  endLive = connectLive({
    list(devices, asOf) {
      current.fleet.load(devices, asOf)
      changed({ fleet: true })
    },
    change(event, asOf) {
      const lost = current.fleet.apply(event, asOf)
      // Who looks at another time isn't told of now by voice.
      if (app.at === null) announcer.tell(lost.map(({ name, branch }) => ({ name, branch })))
      changed({ fleet: true })
    },
    figures(list, asOf) {
      current.fleet.applyFigures(list, asOf)
      changed({ figures: true })
    },
    stats(next) {
      current.stats = next
      heardAt = performance.now()
      noteTime(next.as_of)
      top.drawStats()
      changed({ stats: true })
    },
    health(next) {
      app.health = next
      changed({ health: true })
    },
    alerts: () => changed({ alerts: true }),
    decisions: () => changed({ decisions: true }),
    page: renewPage,
    link(state) {
      link = state
      drawTrust()
    },
    refused: () => void checkSession(),
  })
}

/** Something is otherwise now. A view of what is past has nothing to do with that. */
function changed(what) {
  drawTrust()
  if (app.at === null) stage.update(what)
}

/** The stream was refused: signed out, perhaps, or the API starts anew. */
async function checkSession() {
  app.session = await readSession(app.session)
  if (!mayRead(app.session)) signedOut()
}

/** A page that hangs on a wall for months runs the code of the wardline that it shows. */
function renewPage(tag) {
  const own = /\/page\/~([\w-]+)\//.exec(import.meta.url)?.[1]
  if (own === undefined || own === tag) return
  const isBusy = document.querySelector('dialog[open], [data-dirty]') !== null
  if (!isBusy) location.reload()
}

/** Shows the branches until the devices are there; not for long, as nobody tells what changes in them. */
async function tellBranches() {
  const tell = (told) => {
    if (current.fleet.isLoaded) return
    current.fleet.tell(told)
    changed({ fleet: true })
  }
  const told = await branches
  if (told === null) return
  tell(told)
  setTimeout(() => tell(null), EARLY_MS)
}

function noteTime(asOf) {
  const skew = Date.parse(asOf) - Date.now()
  // A second or two is the age of the view and the way here; more is a clock that is off.
  if (Math.abs(skew - skewMs) > 3_000) skewMs = Math.abs(skew) > 3_000 ? skew : 0
}

function drawTrust() {
  const silentMs = performance.now() - heardAt
  const told = banner.draw({ silentMs, link })
  const isLoading = !current.fleet.isLoaded && told === 'ok' && mayRead(app.session)
  // What is past doesn't grow old.
  document.body.dataset.trust = app.at !== null ? 'past' : isLoading ? 'loading' : told
  top.drawAge()
}

document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a[href]')
  const isPlain =
    event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey
  if (!link || !isPlain || event.defaultPrevented) return
  if (link.target !== '' || link.hasAttribute('download') || link.origin !== location.origin) return
  // The API's own pages (its reference, a report to print) are no views.
  if (routeOf(link.pathname) === null || link.hash !== '') return
  event.preventDefault()
  app.navigate(link.pathname + link.search)
})
addEventListener('popstate', () => {
  // The skip link changes no more than the hash: to draw the view anew would take the focus from where it leads.
  if (placeNow() !== shownPlace) go({ isMoved: true })
})
listenForKeys(app, { search: () => top.search.focus() })

setInterval(() => {
  drawTrust()
  // A downtime that nobody vouches for doesn't grow, nor one that is past.
  if (!['stale', 'past'].includes(document.body.dataset.trust)) stage.tick()
}, 1_000)

go()
top.drawSession()
followLive()
void tellBranches()
