import { SERVICE_NAMES, type ServiceName } from '../lib/service.ts'
import { StartError } from '../lib/start-error.ts'
import { main } from './main.ts'
import { endSignal } from './signals.ts'

/** The named services, which meet the others in the configured VictoriaMetrics and Redis. */
export async function run(names: readonly string[], configPath: string): Promise<number> {
  const services = [...new Set(names)].map(serviceNamed)
  await main({ configPath, services, embed: false }, endSignal())
  return 0
}

function serviceNamed(name: string): ServiceName {
  const found = SERVICE_NAMES.find((service) => service === name)
  if (found !== undefined) return found
  throw new StartError(
    `no service is called "${name}": expected one of ${SERVICE_NAMES.join(', ')}`,
  )
}
