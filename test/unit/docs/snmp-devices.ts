import type { Metric, SnmpModule } from '../../../collector/snmp/module.ts'

/** What docs/snmp-devices.md says of a module: its metrics in their order; labels are named once for those that share them. */
export function tableOf({ metrics }: SnmpModule): string {
  const rows = metrics.map((metric, i) => {
    const labels = labelsOf(metric)
    const before = metrics[i - 1]
    const isSame = before !== undefined && labelsOf(before) === labels
    return `| \`${metric.name}\` | ${metric.help} | ${isSame ? '' : labels} |`
  })
  return ['| metric | is | labels |', '|---|---|---|', ...rows].join('\n')
}

const labelsOf = ({ name, type, indexes = [], lookups = [] }: Metric): string =>
  [...indexes, ...lookups]
    .map(({ labelName }) => labelName)
    .concat(type === 'Bits' ? [name] : [])
    .map((label) => `\`${label}\``)
    .join(', ')
