import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { TARGETS } from './targets.ts'
import { type Outcome, fuzz } from './thread.ts'

/** `npm run fuzz -- [--inputs 100000] [--seed N] [--only a,b] [--threads N]`: the same seed gives the same inputs. */
const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    only: { type: 'string', default: '' },
    threads: { type: 'string', default: String(availableParallelism()) },
  },
})
const inputs = numberOf('inputs', values.inputs, 1)
const seed = numberOf('seed', values.seed, 0)
const threads = numberOf('threads', values.threads, 1)
const known = Object.keys(TARGETS)
const chosen = values.only === '' ? known : values.only.split(',')
const unknown = chosen.filter((name) => !known.includes(name))
if (unknown.length > 0)
  refuse(`no target ${unknown.join(', ')}, expected some of ${known.join(', ')}`)

console.log(`${chosen.length} targets, ${inputs} inputs each, seed ${seed}`)
const waiting = [...chosen]
const outcomes: Outcome[] = []
await Promise.all(Array.from({ length: threads }, work))
print(outcomes.toSorted((a, b) => chosen.indexOf(a.name) - chosen.indexOf(b.name)))
const failed = outcomes.filter(({ failure }) => failure !== null)
for (const { name, failure } of failed) {
  console.error(`\n${name}: ${failure}`)
  console.error(`again: npm run fuzz -- --only ${name} --seed ${seed} --inputs ${inputs}`)
}
process.exitCode = failed.length > 0 ? 1 : 0

async function work(): Promise<void> {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const of = name
    let toldAt = Date.now()
    const outcome = await fuzz({ name, seed, inputs }, (done) => {
      if (Date.now() - toldAt < 10_000) return
      toldAt = Date.now()
      console.log(`${of}: ${done} of ${inputs}`)
    })
    outcomes.push(outcome)
    console.log(
      `${name}: ${outcome.failure === null ? 'good' : 'FAILED'} (${outcomes.length} of ${chosen.length})`,
    )
  }
}

function print(rows: readonly Outcome[]): void {
  const table = rows.map(({ name, inputs: done, taken, seconds, slowestMs, growth, failure }) => [
    name,
    String(done),
    `${Math.round((100 * taken) / Math.max(1, done))} %`,
    `${seconds.toFixed(1)} s`,
    `${slowestMs.toFixed(1)} ms`,
    `${(growth / 1_048_576).toFixed(1)} MB`,
    failure === null ? 'good' : 'FAILED',
  ])
  const head = ['target', 'inputs', 'taken', 'time', 'slowest', 'growth', 'result']
  const widths = head.map((title, i) =>
    Math.max(title.length, ...table.map((row) => row[i]?.length ?? 0)),
  )
  console.log('')
  for (const row of [head, ...table])
    console.log(
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
}

function numberOf(name: string, text: string, least: number): number {
  const value = Number(text)
  return text.trim() !== '' && Number.isInteger(value) && value >= least
    ? value
    : refuse(`--${name}: expected a whole number from ${least} on, got ${JSON.stringify(text)}`)
}

function refuse(message: string): never {
  console.error(message)
  process.exit(2)
}
