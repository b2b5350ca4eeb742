import { byId } from './core/dom.js'
import { confirm, dialog } from './core/dialog.js'
import { createFleet } from './core/fleet.js'
import { createHttp } from './core/http.js'
import { connectLive } from './core/live.js'
import { movedTo, routeOf } from './core/router.js'
import { NOBODY, mayRead, readSession, roleReaches } from './core/session.js'
import { currentLanguage, loadTexts, text, wantedLanguage } from './core/texts.js'
import { setTimeLanguage } from './core/time.js'
import { toast } from './core/toast.js'
import { createAnnouncer } from './shell/announcer.js'
import { createBanner } from './shell/banner.js'
import { listenForKeys } from './shell/keys.js'
import { createStage } from './shell/stage.js'
import { createTop } from './shell/top.js'

/** The shell: it knows who looks, what is true, where one is; views draw the rest. */

const fleet = createFleet()
/** The server's clock minus this one's: downtimes count by the server's. */
let skewMs = 0
let heardAt = performance.now()
let isLinked = false
let endLive = null

/** What a view has of the shell; docs/page.md describes it. */
const app = {
  fleet,
  stats: null,
  health: null,
  session: NOBODY,
  now: () => Date.now() + skewMs,
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
  },
  navigate(url, { replace = false } = {}) {
    if (replace) history.replaceState(null, '', url)
    else history.pushState(null, '', url)
    go({ isMoved: true })
  },
  /** Asks again who is signed in: after a sign-in or a sign-out. */
  async renewSession() {
    app.session = await readSession()
    top.drawSession()
    followLive()
  },
}

await loadTexts(wantedLanguage())
setTimeLanguage(currentLanguage())
document.documentElement.lang = currentLanguage()
byId('skip').textContent = text('shell.skip')

const top = createTop(app, byId('top'))
const banner = createBanner(app, byId('banner'))
const announcer = createAnnouncer(byId('announcer'))
const stage = createStage(app, byId('main'))

function go({ isMoved = false } = {}) {
  const moved = movedTo(location)
  if (moved !== null) history.replaceState(null, '', moved)
  const route = routeOf(location.pathname)
  top.mark(route?.name)
  void stage.show(route, { isMoved })
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
      fleet.load(devices, asOf)
      changed({ fleet: true })
    },
    change(event, asOf) {
      announcer.tell(fleet.apply(event, asOf).map(({ name, branch }) => ({ name, branch })))
      changed({ fleet: true })
    },
    figures(list, asOf) {
      fleet.applyFigures(list, asOf)
      stage.update({ figures: true })
    },
    stats(next) {
      app.stats = next
      heardAt = performance.now()
      noteTime(next.as_of)
      drawTrust()
      top.drawStats()
      stage.update({ stats: true })
    },
    health(next) {
      app.health = next
      drawTrust()
      stage.update({ health: true })
    },
    alerts: () => stage.update({ alerts: true }),
    decisions: () => stage.update({ decisions: true }),
    page: renewPage,
    link(isUp) {
      isLinked = isUp
      drawTrust()
    },
    refused: () => void checkSession(),
  })
}

function changed(what) {
  drawTrust()
  stage.update(what)
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

function noteTime(asOf) {
  const skew = Date.parse(asOf) - Date.now()
  // A second or two is the age of the view and the way here; more is a clock that is off.
  if (Math.abs(skew - skewMs) > 3_000) skewMs = Math.abs(skew) > 3_000 ? skew : 0
}

function drawTrust() {
  const silentMs = performance.now() - heardAt
  const told = banner.draw({ silentMs, isLinked })
  const isLoading = !fleet.isLoaded && told === 'ok' && mayRead(app.session)
  document.body.dataset.trust = isLoading ? 'loading' : told
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
addEventListener('popstate', () => go({ isMoved: true }))
listenForKeys(app, { search: () => top.search.focus() })

setInterval(() => {
  drawTrust()
  // A downtime that nobody vouches for doesn't grow.
  if (document.body.dataset.trust !== 'stale') stage.tick()
}, 1_000)

go()
await app.renewSession()
