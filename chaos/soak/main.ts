import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startAgents } from '../../lab/agents.ts'
import { createFleet } from '../../lab/fleet.ts'
import { agentSpecs } from '../../lab/fleet-agents.ts'
import type { Network } from '../../lab/network.ts'
import { playScript } from '../../lab/play.ts'
import { endlessScript } from '../../lab/script.ts'
import { openTruth } from '../../lab/truth.ts'
import { listenForNotifications } from '../../lab/webhook.ts'
import { systemClock } from '../../lib/clock.ts'
import { type Stage, openStage } from '../actors/stage.ts'
import { STORES } from '../fault.ts'
import type { Reading } from '../growth.ts'
import { INSIDE, inNetwork, runInside } from '../inside.ts'
import { clock } from '../report.ts'
import { chartOf } from './chart.ts'
import {
  FIGURES,
  type Figure,
  type Track,
  judgeTrack,
  readMetrics,
  readProcess,
} from './figures.ts'
import { type SoakOptions, USAGE, parseSoakOptions } from './options.ts'

// npm run soak: a fleet under load for hours, and what its processes take over time. Exit code 1: something grows.

/** Readings of a figure: enough for a chart, few enough for a file. */
const READINGS = 960
const LEAST_EVERY_MS = 5_000
const SEED = 'soak'

async function main(args: readonly string[]): Promise<number> {
  const isInside = args[0] === INSIDE
  const rest = isInside ? args.slice(1) : args
  let options: SoakOptions
  try {
    options = parseSoakOptions(rest)
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`)
    return 2
  }
  if (!isInside) return runInside(import.meta.filename, rest)
  return inNetwork((network, signal) => soak(options, network, signal))
}

async function soak(options: SoakOptions, network: Network, signal: AbortSignal): Promise<number> {
  const say = (text: string) => console.log(`${clock(Date.now())}  ${text}`)
  const { hours, devices: count, intervalSeconds, out, ...cluster } = options
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'wardline-soak-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const fleet = createFleet({ devices: count, seed: SEED })
  const agents = stack.use(await startAgents(agentSpecs(fleet)))
  const webhook = stack.use(await listenForNotifications(() => {}))
  const deaths: string[] = []
  say(`${count} devices, ping every ${intervalSeconds} s, for ${hours} h: starting`)
  const stage = stack.use(
    await openStage({
      ...cluster,
      folder,
      devices: fleet.devices,
      intervalMs: intervalSeconds * 1000,
      receiverUrl: webhook.url,
      canary: '198.19.255.254',
      smallDisks: false,
      witness: false,
      more: { credentials: fleet.credentials },
      onDeath: (component, words) => void deaths.push(`${component} ended by itself: ${words}`),
    }),
  )
  const startedAt = Date.now()
  const endsAt = startedAt + hours * 3_600_000
  const ending = new AbortController()
  const playing = playScript(
    endlessScript(fleet.devices, { seed: SEED }),
    { devices: fleet.devices, network, agents, truth: openTruth(join(folder, 'truth.jsonl')) },
    { startAt: startedAt, clock: systemClock },
    ending.signal,
  ).catch((error: unknown) => {
    if (!ending.signal.aborted) deaths.push(`the script of outages: ${(error as Error).message}`)
  })
  const tracks = await readTracks(stage, endsAt, say, signal)
  ending.abort()
  await playing
  const judged = tracks.map(judgeTrack)
  const title = `wardline: ${count} devices, ping every ${intervalSeconds} s`
  const report = { title, startedAt, endedAt: Date.now(), options, deaths, tracks: judged }
  await mkdir(dirname(out), { recursive: true })
  await writeFile(`${out}.json`, `${JSON.stringify(report)}\n`)
  await writeFile(`${out}.html`, chartOf(report))
  for (const { component, figure, growth, grows } of judged) {
    const { title: name, unit, divisor } = FIGURES[figure]
    const values =
      growth === null
        ? 'too few readings'
        : `${(growth.early / divisor).toFixed(1)} → ${(growth.late / divisor).toFixed(1)} ${unit}`
    console.log(`  ${component.padEnd(18)} ${name.padEnd(24)} ${values}${grows ? '  GROWS' : ''}`)
  }
  for (const death of deaths) console.log(`  ${death}`)
  console.log(`\n${out}.json, ${out}.html`)
  return deaths.length > 0 || judged.some(({ grows }) => grows) ? 1 : 0
}

/** Until `endsAt`, or as far as it came when the signal aborts: what was measured until then is worth a chart. */
async function readTracks(
  stage: Stage,
  endsAt: number,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<Track[]> {
  const tracks = new Map<string, { component: string; figure: Figure; readings: Reading[] }>()
  const everyMs = Math.max(LEAST_EVERY_MS, (endsAt - Date.now()) / READINGS)
  let saidAt = 0
  while (Date.now() < endsAt && !signal.aborted) {
    for (const { name, pid } of stage.components.values()) {
      if (pid === null) continue
      const isStore = (STORES as readonly string[]).includes(name)
      const metrics = isStore ? '' : await textOf(`${stage.urlOf(name)}/metrics`)
      const found = { ...(await readProcess(pid)), ...readMetrics(metrics) }
      for (const [figure, value] of Object.entries(found) as [Figure, number][]) {
        const track = tracks.get(`${name} ${figure}`) ?? { component: name, figure, readings: [] }
        tracks.set(`${name} ${figure}`, track)
        track.readings.push({ at: Date.now(), value })
      }
    }
    if (Date.now() - saidAt > 600_000) {
      saidAt = Date.now()
      const rss = [...tracks.values()].filter(({ figure }) => figure === 'rss_bytes')
      say(
        rss
          .map(
            ({ component, readings }) =>
              `${component} ${Math.round((readings.at(-1)?.value ?? 0) / 1e6)} MB`,
          )
          .join(', '),
      )
    }
    await delay(everyMs, undefined, { signal }).catch(() => {})
  }
  return [...tracks.values()]
}

const textOf = async (url: string): Promise<string> => {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => null)
  return response === null ? '' : response.text()
}

process.exitCode = await main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message)
  return 1
})
