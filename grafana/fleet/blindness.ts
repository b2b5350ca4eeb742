import { type Row, bars, instant, range, stat, thresholds, timeSeries } from '../panels.ts'

/**
 * Whether the collectors see their networks. Written every 15 seconds while one does, each second while it doesn't: what it
 * gets no answer to meanwhile says nothing of devices.
 */
export const blindnessRow = (): Row => ({
  title: 'Blindness',
  panels: [
    stat({
      title: 'Blind collectors',
      description:
        'Collectors that have lost their network now. The status of what they alone probe is unknown, and no alert about it is told.',
      unit: 'short',
      width: 4,
      height: 7,
      queries: [
        instant('sum(max by (vantage) (last_over_time(wardline_vantage_blind[1m])))', 'blind'),
      ],
    })
      .decimals(0)
      .noValue('no collector')
      .thresholds(
        thresholds([
          [null, 'green'],
          [1, 'red'],
        ]),
      ),
    timeSeries({
      title: 'Blind, by collector',
      description:
        'It is 1 while the collector reaches none of its canaries and most of what it probes is silent.',
      unit: 'short',
      width: 12,
      height: 7,
      queries: [
        range(
          'max by (vantage) (max_over_time(wardline_vantage_blind[$__rate_interval]))',
          '{{vantage}}',
        ),
      ],
    }),
    bars({
      title: 'Blind in the last 24 h',
      description:
        'How long each collector was: it is said each second. A collector that never was has no bar.',
      unit: 's',
      width: 8,
      height: 7,
      queries: [
        instant(
          'sort_desc(sum by (vantage) (count_eq_over_time(wardline_vantage_blind[24h], 1)))',
          '{{vantage}}',
        ),
      ],
    }).thresholds(
      thresholds([
        [null, 'green'],
        [1, 'orange'],
        [300, 'red'],
      ]),
    ),
  ],
})
