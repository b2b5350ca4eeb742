import { main } from './main.ts'
import { endSignal } from './signals.ts'

/** All services in this process, with stores of our own where no URL is configured. */
export async function up(configPath: string): Promise<number> {
  await main({ configPath, embed: true }, endSignal())
  return 0
}
