import type { Command } from 'commander'
import { deskOf } from './decisions/commands.ts'
import { authored } from './decisions/options.ts'
import type { ChangeOptions, ImportOptions } from './device/change.ts'
import type { ListDevicesOptions } from './device/list.ts'
import { streams } from './output.ts'

const FIELDS =
  'name="Gori router" branch=Gori parents=core-1|core-2 ping.interval=30s snmp=no: columns of a CSV inventory'

/** Adds `wardline device …` to the program. What the commands do is imported when they are asked for. */
export function addDeviceCommands(program: Command, configPath: () => string): void {
  const run = deskOf(configPath)
  const device = program
    .command('device')
    .description('devices that are kept in Redis, beside those of files and over them')

  authored(device.command('add').description('add a device'))
    .argument('<id>')
    .argument('<address>', 'an IP address or a host name')
    .argument('[field=value...]', FIELDS)
    .option('--json', 'as JSON')
    .action((id: string, address: string, words: string[], options: ChangeOptions) =>
      run(async (desk) => {
        const { addDevice } = await import('./device/change.ts')
        return addDevice(desk, { id, address, words }, options, streams)
      }),
    )

  authored(device.command('set').description('change a device, also one of a file'))
    .argument('<id>')
    .argument('<field=value...>', `${FIELDS}; branch= takes back what was said of it`)
    .option('--json', 'as JSON')
    .action((id: string, words: string[], options: ChangeOptions) =>
      run(async (desk) => {
        const { setDevice } = await import('./device/change.ts')
        return setDevice(desk, { id, words }, options, streams)
      }),
    )

  authored(device.command('remove').description('delete devices, also those of files'))
    .argument('<id...>')
    .action((ids: string[], options: ChangeOptions) =>
      run(async (desk) => {
        const { removeDevices } = await import('./device/change.ts')
        return removeDevices(desk, ids, options, streams)
      }),
    )

  authored(device.command('restore').description('bring deleted devices back'))
    .argument('<id...>')
    .action((ids: string[], options: ChangeOptions) =>
      run(async (desk) => {
        const { restoreDevices } = await import('./device/change.ts')
        return restoreDevices(desk, ids, options, streams)
      }),
    )

  authored(device.command('import').description('add the devices of a CSV, JSON or YAML file'))
    .argument('<file>')
    .option('--change', 'change those that are there already, instead of refusing the file')
    .option('--dry-run', 'only say what would be done, and what is wrong')
    .option('--json', 'as JSON')
    .action((file: string, options: ImportOptions) =>
      run(async (desk) => {
        const { importDevices } = await import('./device/import.ts')
        return importDevices(desk, file, options, streams)
      }),
    )

  device
    .command('list')
    .description('all devices, and whether a file or the API says so')
    .option('--branch <name...>', 'of these branches')
    .option('--region <name...>', 'of these regions')
    .option('--origin <kind...>', 'of file, api or both')
    .option('--json', 'as JSON')
    .action((options: ListDevicesOptions) =>
      run(async (desk) => {
        const { listDevices } = await import('./device/list.ts')
        return listDevices(desk, options, streams)
      }),
    )

  device
    .command('edits')
    .description('what is said of devices beside and over their files')
    .option('--json', 'as JSON')
    .action((options: { readonly json?: boolean }) =>
      run(async (desk) => {
        const { listEdits } = await import('./device/edits.ts')
        return listEdits(desk, options, streams)
      }),
    )
}
