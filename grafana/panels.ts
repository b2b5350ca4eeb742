import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import { PanelBuilder as BarGauge } from '@grafana/grafana-foundation-sdk/bargauge'
import {
  BarGaugeDisplayMode,
  BarGaugeNamePlacement,
  BigValueColorMode,
  BigValueGraphMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import {
  type DynamicConfigValue,
  FieldColorBuilder,
  FieldColorModeId,
  type Panel,
  type Threshold,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as Stat } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as Table } from '@grafana/grafana-foundation-sdk/table'
import { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries'
import { dataSource } from './variables.ts'

/** A titled line across a dashboard and the panels under it, from left to right in a grid of 24 columns. */
export type Row = { readonly title: string; readonly panels: readonly Builder<Panel>[] }

/** What every panel has to say: a description is what the reader finds behind the "i". */
type Head = {
  readonly title: string
  readonly description: string
  readonly unit: string
  readonly width: number
  readonly height: number
  readonly queries: readonly DataqueryBuilder[]
}

/** A query whose answer is the value of this instant. */
export const instant = (expr: string, legend = ''): DataqueryBuilder =>
  new DataqueryBuilder().datasource(dataSource).expr(expr).legendFormat(legend).instant()

/** A query whose answer is the rows of a table, a column for each label. */
export const rows = (expr: string): DataqueryBuilder => instant(expr).format(PromQueryFormat.Table)

/** A query over the chosen time range. `step` is the interval of the samples: `$__rate_interval` is at least 4 of them. */
export const range = (expr: string, legend: string, step = '15s'): DataqueryBuilder =>
  new DataqueryBuilder()
    .datasource(dataSource)
    .expr(expr)
    .legendFormat(legend)
    .range()
    .interval(step)

/** One number (or a few), coloured by its thresholds. */
export function stat(head: Head): Stat {
  return withHead(new Stat(), head)
    .colorMode(BigValueColorMode.Background)
    .graphMode(BigValueGraphMode.None)
    .reduceOptions(lastValue())
}

/** One bar for each series, the worst on top. */
export function bars(head: Head): BarGauge {
  return withHead(new BarGauge(), head)
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Basic)
    .namePlacement(BarGaugeNamePlacement.Left)
    .reduceOptions(lastValue())
    .min(0)
}

export function table(head: Head): Table {
  return withHead(new Table(), head).filterable(true)
}

export function timeSeries(head: Head): TimeSeries {
  return withHead(new TimeSeries(), head)
    .lineWidth(1)
    .fillOpacity(10)
    .showPoints(VisibilityMode.Never)
    .axisSoftMin(0)
    .tooltip(
      new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending),
    )
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .calcs([]),
    )
}

/** Colours from a value on: `[[null, 'green'], [1, 'red']]` is green below 1. */
export function thresholds(steps: readonly (readonly [number | null, string])[]) {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps(steps.map(([value, color]): Threshold => ({ value, color })))
}

export const byThreshold = () => new FieldColorBuilder().mode(FieldColorModeId.Thresholds)

/** Properties that give a series or a column one colour. */
export const fixedColour = (color: string): DynamicConfigValue[] => [
  { id: 'color', value: { mode: FieldColorModeId.Fixed, fixedColor: color } },
]

const lastValue = () => new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false)

type Common = {
  title(text: string): unknown
  description(text: string): unknown
  unit(unit: string): unknown
  datasource(ref: typeof dataSource): unknown
  span(width: number): unknown
  height(height: number): unknown
  targets(targets: Builder<Dataquery>[]): unknown
}

// The SDK's panel builders have these methods in common but no type that says so.
function withHead<T extends Common>(panel: T, head: Head): T {
  panel.title(head.title)
  panel.description(head.description)
  panel.unit(head.unit)
  panel.datasource(dataSource)
  panel.span(head.width)
  panel.height(head.height)
  panel.targets(head.queries.map((query, index) => query.refId(String.fromCharCode(65 + index))))
  return panel
}
