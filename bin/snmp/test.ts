import { createMemory } from '../../collector/snmp/memory.ts'
import { type Poll, pollDevice, pollSummary } from '../../collector/snmp/poll.ts'
import { createReadings } from '../../collector/snmp/readings.ts'
import { openTransport } from '../../collector/snmp/protocol/transport.ts'
import { type StoredValue, labelsText, storedValues } from '../../collector/snmp/stored-values.ts'
import { uplinkMatcher, uplinkTag } from '../../collector/snmp/uplinks.ts'
import { type Device, identityLabels } from '../../lib/inventory.ts'
import { type Sample, encodeLine } from '../../lib/line-protocol.ts'
import type { Output } from '../output.ts'
import { failureLine, summaryLine } from './agent.ts'
import type { Network } from './network.ts'
import { alignedLines } from './table.ts'
import { type TargetOptions, chooseTarget, resolveAddress } from './target.ts'

export type TestOptions = TargetOptions & {
  readonly filter?: string
  readonly json?: boolean
  readonly lines?: boolean
}

/**
 * `wardline snmp test <device>`: polls its modules once, as the collector would, and shows what that would store. Nothing is
 * stored. Gives the exit code: 1 when the poll failed.
 */
export async function test(
  network: Network,
  { word, options }: { word: string; options: TestOptions },
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const { config, modules } = network
  const target = chooseTarget(network, word, options)
  const { device } = target
  await using transport = await openTransport(signal)
  const address = await resolveAddress(device).catch(() => null)
  const at = Math.floor(Date.now() / 1000) * 1000
  const poll: Poll = { device, address, memory: createMemory(), at }
  const result = await pollDevice(poll, {
    transport,
    credentials: config.credentials,
    readings: createReadings(modules.modules),
    tag: uplinkTag(uplinkMatcher(config.snmp.uplinks)),
  })
  const { failure, texts } = result
  const samples = [pollSummary(poll, result, device.snmp.intervalMs), ...result.samples]
  const shown = samples.map((sample) => filterFields(sample, options.filter ?? ''))
  const values = shown.flatMap(storedValues)

  if (options.json === true) {
    const { credential, seconds, pdus, errors } = result
    const reason = failure && { reason: failure.reason, message: failure.message }
    const told = { device: device.id, address, credential, seconds, pdus, errors, failure: reason }
    output.print(
      JSON.stringify({ ...told, texts, values: values.map((each) => ({ ...each, at })) }),
    )
  } else if (options.lines === true) {
    for (const line of shown.map(encodeLine)) if (line !== '') output.print(line)
  } else {
    output.print(`# all with ${labelsText(identityLabels(device))}`)
    for (const line of tableOf(values, device)) output.print(line)
    if (Object.keys(texts).length > 0) output.print(`# on device_info: ${labelsText(texts)}`)
  }
  if (failure !== null) output.error(failureLine(failure))
  const count = samples.flatMap(storedValues).length
  const filtered = values.length === count ? '' : `, ${values.length} shown`
  output.error(`${count} values would be stored${filtered}; ${summaryLine(result, target)}`)
  return failure === null ? 0 : 1
}

function filterFields(sample: Sample, filter: string): Sample {
  const wanted = filter.toLowerCase()
  const fields = Object.entries(sample.fields).filter(([name, value]) =>
    storedValues({ ...sample, fields: { [name]: value } }).some(({ metric, labels }) =>
      `${metric}${labelsText(labels)}`.toLowerCase().includes(wanted),
    ),
  )
  return { ...sample, fields: Object.fromEntries(fields) }
}

/** Metric, the labels that tell its series apart, value. */
function tableOf(values: readonly StoredValue[], device: Device): string[] {
  const common = identityLabels(device)
  const rows = values.map(({ metric, labels, value }) => {
    const own = Object.entries(labels).filter(([name]) => !Object.hasOwn(common, name))
    return [metric, own.length === 0 ? '' : labelsText(Object.fromEntries(own)), String(value)]
  })
  return alignedLines(rows, { right: [2] })
}
