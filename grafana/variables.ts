import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard'

/** The fixed uid of the provisioned data source; provisioning/datasources/victoriametrics.yaml says the same. */
export const DATA_SOURCE_UID = 'wardline-victoriametrics'

/** Panels and variables name their data source by variable, so that a dashboard can be imported anywhere. */
export const dataSource = { type: 'prometheus', uid: '${datasource}' } as const

/** What the head of a dashboard offers to narrow it: each list holds only what the ones before it leave. */
export function fleetVariables(): (DatasourceVariableBuilder | QueryVariableBuilder)[] {
  return [
    new DatasourceVariableBuilder('datasource')
      .label('Data source')
      .type('prometheus')
      .current({ text: 'VictoriaMetrics', value: DATA_SOURCE_UID }),
    labelValues('region', 'device_info'),
    labelValues('branch', 'device_info{region=~"$region"}'),
    labelValues('type', 'device_info{region=~"$region",branch=~"$branch"}'),
  ]
}

/** Where links from a device lead: the base of wardline's own page. */
export function pageVariable(): TextBoxVariableBuilder {
  const url = 'http://localhost:5001'
  return new TextBoxVariableBuilder('wardline')
    .label('wardline page')
    .description('Base of the links from a device to its page in wardline')
    .defaultValue(url)
}

function labelValues(label: string, series: string): QueryVariableBuilder {
  const query = `label_values(${series}, ${label})`
  return (
    new QueryVariableBuilder(label)
      .label(label.replace(/^./, (letter) => letter.toUpperCase()))
      .datasource(dataSource)
      .query(query)
      .definition(query)
      .refresh(VariableRefresh.OnTimeRangeChanged)
      .sort(VariableSort.AlphabeticalCaseInsensitiveAsc)
      .multi(true)
      .includeAll(true)
      // `.*` rather than the list of every value: it also matches devices that have no such label.
      .allValue('.*')
      .current({ selected: true, text: ['All'], value: ['$__all'] })
  )
}
