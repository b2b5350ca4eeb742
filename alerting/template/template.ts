import type { Labels } from '../../lib/labels.ts'
import type { Vector } from '../../lib/victoriametrics.ts'
import { Awaiting, execute } from './execute.ts'
import { FUNCTIONS } from './functions.ts'
import { parseTemplate } from './parse.ts'
import { type GoMap, type Value, durationOf } from './value.ts'

/** What a template of a rule may tell: the variables and the dot of vmalert. Instants are Unix milliseconds. */
export type TemplateData = {
  readonly labels: Labels
  readonly value: number
  readonly expr: string
  readonly alertId: string
  readonly groupId: string
  readonly activeAt: number
  readonly forMs: number
  readonly isPartial: boolean
  readonly externalLabels: Labels
  readonly externalUrl: string
  /** The evaluation's instant. */
  readonly at: number
  query(expr: string): Promise<Vector>
}

export type Template = {
  readonly source: string
  /** At once where no query is asked; throws or rejects with TemplateError. */
  render(data: TemplateData): string | Promise<string>
}

const VARIABLES = {
  $value: 'Value',
  $type: 'Type',
  $labels: 'Labels',
  $expr: 'Expr',
  $interval: 'Interval',
  $externalLabels: 'ExternalLabels',
  $externalURL: 'ExternalURL',
  $alertID: 'AlertID',
  $groupID: 'GroupID',
  $activeAt: 'ActiveAt',
  $for: 'For',
  $isPartial: 'IsPartial',
} as const

const KNOWN = { functions: FUNCTIONS, variables: Object.keys(VARIABLES) }

/** A template in Go's text/template language, with vmalert's functions; throws TemplateError where it is wrong. */
export function compileTemplate(source: string, intervalMs: number): Template {
  if (!source.includes('{{')) return { source, render: () => source }
  const tree = parseTemplate(source, KNOWN)
  // Most templates tell of few things; the others needn't be made for each alert.
  const told = Object.entries(VARIABLES).filter(([name, field]) =>
    [name, `.${field}`].some((word) => source.includes(word)),
  )
  return {
    source,
    render(data) {
      const fields = Object.fromEntries(
        told.map(([, field]) => [field, FIELDS[field](data, intervalMs)]),
      )
      const dot: Value = { kind: 'struct', type: 'notifier.AlertTplData', fields }
      const given = told.map(([name, field]) => ({ name, value: fields[field] ?? null }))
      const results = new Map<string, Value>()
      const cost = { steps: 0 }
      const environment = {
        at: data.at,
        externalUrl: data.externalUrl,
        query(expr: string): Value {
          const result = results.get(expr)
          if (result === undefined) throw new Awaiting(expr)
          return result
        },
      }
      return attempt()

      /** Rendering has no effects: where a result is missing, it is fetched and rendering begins anew. */
      function attempt(): string | Promise<string> {
        try {
          return execute(source, tree, dot, given, environment, cost)
        } catch (error) {
          if (error instanceof Awaiting) return afterQuery(error.expr)
          throw error
        }
      }

      async function afterQuery(expr: string): Promise<string> {
        results.set(expr, metricsOf(await data.query(expr)))
        return attempt()
      }
    },
  }
}

/** Renders as vmalert does to check a template: with nothing in it, and one empty series of each query. */
export async function tryTemplate(template: Template): Promise<void> {
  await template.render({
    labels: {},
    value: 0,
    expr: '',
    alertId: '0',
    groupId: '0',
    activeAt: 0,
    forMs: 0,
    isPartial: false,
    externalLabels: {},
    externalUrl: '',
    at: 0,
    query: () => Promise.resolve([{ labels: {}, value: 0, at: 0 }]),
  })
}

type Field = (typeof VARIABLES)[keyof typeof VARIABLES]

const FIELDS: Readonly<Record<Field, (data: TemplateData, intervalMs: number) => Value>> = {
  Type: () => 'prometheus',
  Labels: ({ labels }) => labelMap(labels),
  Value: ({ value }) => value,
  Expr: ({ expr }) => expr,
  Interval: (_, intervalMs) => durationOf(intervalMs),
  AlertID: ({ alertId }) => BigInt(alertId),
  GroupID: ({ groupId }) => BigInt(groupId),
  ActiveAt: ({ activeAt }) => ({ kind: 'time', at: activeAt }),
  For: ({ forMs }) => durationOf(forMs),
  IsPartial: ({ isPartial }) => isPartial,
  ExternalLabels: ({ externalLabels }) => labelMap(externalLabels),
  ExternalURL: ({ externalUrl }) => externalUrl,
}

const labelMap = (entries: Labels): GoMap => ({ kind: 'map', of: 'string', entries })

const metricsOf = (vector: Vector): Value =>
  vector.map(({ labels, value, at }) => ({
    kind: 'struct',
    type: 'templates.metric',
    fields: { Labels: labelMap(labels), Timestamp: BigInt(Math.floor(at / 1000)), Value: value },
  }))
