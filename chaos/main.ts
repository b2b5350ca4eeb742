import { INSIDE, inNetwork, runInside } from './inside.ts'
import { judge } from './judge/judge.ts'
import { type ChaosOptions, USAGE, parseChaosOptions, repeatWith } from './options.ts'
import { perform } from './perform.ts'
import { clock, reportOf } from './report.ts'

// npm run chaos: a random but seeded script of outages and faults over the whole of wardline, judged by the truth.
// Exit code 0: nothing was wrong; 1: something was; 2: it can't be run so, or not here.

async function main(args: readonly string[]): Promise<number> {
  const isInside = args[0] === INSIDE
  const options = optionsOf(isInside ? args.slice(1) : args)
  if (options === null) return 2
  if (isInside) return inside(options)
  console.log(`seed ${options.seed}`)
  // The seed may have been drawn just now: the inner side plays the same.
  return runInside(import.meta.filename, [...args, '--seed', options.seed])
}

function optionsOf(args: readonly string[]): ChaosOptions | null {
  try {
    return parseChaosOptions(args)
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`)
    return null
  }
}

function inside(options: ChaosOptions): Promise<number> {
  const timeline: string[] = []
  const say = (text: string): void => {
    const line = `${clock(Date.now())}  ${text}`
    timeline.push(line)
    if (!options.brief) console.log(line)
  }
  const told = (): void => {
    if (options.brief) console.log(timeline.join('\n'))
  }
  return inNetwork(async (network, signal) => {
    const history = await perform(options, network, say, signal).catch((error: unknown) => {
      told()
      if (!signal.aborted) console.log(`\nIt came to no end. Again: ${repeatWith(options)}`)
      throw error
    })
    const violations = judge(history)
    if (violations.length > 0) told()
    console.log(reportOf(history, violations))
    if (violations.length === 0) return 0
    console.log(`\n${violations.length} violations. Again: ${repeatWith(options)}`)
    return 1
  })
}

process.exitCode = await main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message)
  return 1
})
