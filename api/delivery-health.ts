import { MOST_SKEW_MS } from '../lib/clock-skew.ts'
import { NEARLY_FULL } from '../lib/spool/nearly-full.ts'
import { isoOrNull } from './device-json.ts'
import type { HealthJson } from './health-schema.ts'
import type { Delivery, SpoolFigures } from './view/delivery.ts'

type Components = Pick<HealthJson['components'], 'spool' | 'clocks'>

/** A VictoriaMetrics that restarts is made up for in less. */
const LATE_MS = 10_000

/**
 * Pure: whether what is measured gets to VictoriaMetrics, in time and with the right stamps. The reasons name no figure that
 * moves: whoever hears them read out hears them once.
 */
export function assessDelivery(
  delivery: Delivery | null,
  at: number,
): Components & { readonly reasons: readonly string[] } {
  if (delivery === null) return NOT_KNOWN
  const { spools, lateFrom, skews } = delivery
  const late = [...lateFrom].filter(([, from]) => at - from > LATE_MS)
  const failing = [...spools].filter(([, { isFailing }]) => isFailing).map(([name]) => name)
  const filling = [...spools].filter(([, spool]) => (filledOf(spool) ?? 0) > NEARLY_FULL)
  const off = [...skews].filter(([, seconds]) => Math.abs(seconds) * 1000 >= MOST_SKEW_MS)
  const sum = (figure: 'samples' | 'bytes'): number =>
    [...spools.values()].reduce((total, spool) => total + Math.max(0, Math.round(spool[figure])), 0)
  return {
    spool: {
      status: failing.length > 0 ? 'failing' : late.length > 0 ? 'late' : 'ok',
      samples: sum('samples'),
      bytes: sum('bytes'),
      ...roomOf([...spools.values()]),
      late_since: isoOrNull(late.length === 0 ? null : Math.min(...late.map(([, from]) => from))),
    },
    clocks: {
      status: off.length > 0 ? 'off' : 'ok',
      worst_seconds: worstOf(skews.values()),
    },
    reasons: [
      ...off.map(
        ([name, seconds]) =>
          `the clock of ${name} is ${seconds > 0 ? 'ahead of' : 'behind'} VictoriaMetrics': check its time synchronization`,
      ),
      ...failing.map(
        (name) =>
          `the spool of ${name} can't be written to: samples that wait are in memory alone, check the space and the permissions of its data_dir`,
      ),
      ...filling.map(
        ([name]) =>
          `the spool of ${name} is nearly full: VictoriaMetrics takes samples more slowly than they come, or none; once it is full the oldest are dropped`,
      ),
      ...late.map(
        ([name]) =>
          `samples of collector ${name} come late, out of its spool: the states of what it probes may be old`,
      ),
    ],
  }
}

const NOT_KNOWN = {
  spool: {
    status: 'unknown',
    samples: null,
    bytes: null,
    limit_bytes: null,
    filled_ratio: null,
    late_since: null,
  },
  clocks: { status: 'unknown', worst_seconds: null },
  reasons: [],
} as const

const filledOf = ({ bytes, limitBytes }: SpoolFigures): number | null =>
  limitBytes === null || limitBytes <= 0 ? null : Math.max(0, bytes / limitBytes)

/** The room of all, and the share of it that is used where that is greatest: one that is full loses samples, whatever others have. */
function roomOf(
  spools: readonly SpoolFigures[],
): Pick<Components['spool'], 'limit_bytes' | 'filled_ratio'> {
  const limits = spools.flatMap(({ limitBytes }) => (limitBytes === null ? [] : [limitBytes]))
  const filled = spools.map(filledOf).filter((ratio) => ratio !== null)
  return {
    limit_bytes: limits.length === 0 ? null : Math.round(limits.reduce((sum, one) => sum + one, 0)),
    filled_ratio: filled.length === 0 ? null : Math.max(...filled),
  }
}

const worstOf = (skews: Iterable<number>): number | null =>
  [...skews].reduce<number | null>(
    (worst, seconds) => (worst === null || Math.abs(seconds) > Math.abs(worst) ? seconds : worst),
    null,
  )
