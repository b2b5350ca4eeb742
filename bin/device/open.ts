import { loadModules } from '../../collector/snmp/load-modules.ts'
import { systemClock } from '../../lib/clock.ts'
import { ConfigError } from '../../lib/config/load.ts'
import { type DeviceEdits, createDeviceEdits } from '../../lib/inventory/edits/device-edits.ts'
import { EditError } from '../../lib/inventory/edits/edit-error.ts'
import { fitEdit } from '../../lib/inventory/edits/fit.ts'
import { readState } from '../../lib/inventory/edits/read-state.ts'
import { createEditStore } from '../../lib/inventory/edits/store.ts'
import { readInventory } from '../../lib/inventory/read.ts'
import { StartError } from '../../lib/start-error.ts'
import type { Desk } from '../decisions/desk.ts'
import type { Output } from '../output.ts'

/** Runs the work over the devices of files and API; what is refused becomes StartError, a line for each reason. */
export async function withDevices(
  desk: Desk,
  output: Output,
  work: (edits: DeviceEdits) => Promise<number>,
): Promise<number> {
  const { source, redis } = desk
  const modules = await loadModules(source)
  const { inventory, inputs, settings, problems } = await readInventory(source, {
    snmpModules: modules.names,
    moduleCredentials: Object.keys(modules.credentials),
  })
  if (problems.length > 0) throw new ConfigError(problems)
  const files = { inventory, inputs, settings }
  const store = createEditStore(redis)
  try {
    const first = readState(files, await store.read())
    for (const [id, reason] of first.corrupt)
      output.error(
        `what Redis says of the device ${id} makes no sense and isn't in force: ${reason}`,
      )
    let { state } = first
    return await work(
      createDeviceEdits({
        store,
        fit: fitEdit,
        state: () => state,
        refresh: async () => {
          state = readState(files, await store.read()).state
        },
        clock: systemClock,
      }),
    )
  } catch (error) {
    if (error instanceof EditError) throw startErrorOf(error)
    throw error
  }
}

function startErrorOf(error: EditError): StartError {
  const lines = error.refusals.map(({ device, field, message }) =>
    [device ?? '', field ?? '', message].filter(Boolean).join(': '),
  )
  return new StartError(lines.join('\n') || error.message, { cause: error })
}
