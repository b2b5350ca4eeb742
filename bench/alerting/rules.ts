/**
 * The rules of a network operations centre over `devices`, as a file that vmalert reads. Groups of both evaluators are
 * apart by name, and what they record by the label `evaluator`.
 */
export function ruleFile(evaluator: string, intervalSeconds: number, devices: number): string {
  const own = `{evaluator="${evaluator}"}`
  return `
groups:
  - name: ${evaluator}
    interval: ${intervalSeconds}s
    labels:
      evaluator: ${evaluator}
    rules:
      - record: device:rtt_seconds:avg5m
        expr: avg_over_time(ping_rtt_seconds[5m])
      - record: device:loss_ratio:avg5m
        expr: avg_over_time(ping_loss_ratio[5m])
      - record: branch:ping_up:ratio
        expr: avg by (branch, region) (ping_up)
      - record: region:rtt_seconds:p95
        expr: quantile by (region) (0.95, ping_rtt_seconds)
      - alert: Down
        expr: ping_up == 0
        for: 30s
        labels: {severity: critical}
        annotations:
          summary: '{{ $labels.device }} in {{ $labels.branch }} is down'
          page: 'https://noc.example/devices/{{ $labels.device | queryEscape }}'
      - alert: Slow
        expr: ping_rtt_seconds > 0.2
        for: 30s
        labels: {severity: warning}
        annotations: {summary: '{{ $labels.device }} answers after {{ $value | humanizeDuration }}'}
      - alert: Slow
        expr: ping_rtt_seconds > 0.5
        for: 1m
        labels: {severity: critical}
        annotations: {summary: '{{ $labels.device }} answers after {{ $value | humanizeDuration }}'}
      - alert: Loss
        expr: ping_loss_ratio > 0.1
        for: 30s
        labels: {severity: warning}
        annotations:
          summary: '{{ $labels.device }} loses {{ $value | humanizePercentage }}{{ if gt $value 0.4 }}, nearly half{{ end }}'
      - alert: LossLasts
        expr: device:loss_ratio:avg5m${own} > 0.05
        annotations: {summary: '{{ $labels.device }} lost {{ $value | humanizePercentage }} in five minutes'}
      - alert: SlowLasts
        expr: device:rtt_seconds:avg5m${own} > 0.15
        for: 1m
        annotations: {summary: '{{ $labels.device }}: {{ printf "%.0f" $value }} s on average'}
      - alert: DownByModel
        expr: (ping_up == 0) * on (device) group_left (vendor, model, name) device_info
        annotations: {summary: '{{ $labels.name }} ({{ $labels.vendor }} {{ $labels.model }}) is down'}
      - alert: RouterDown
        expr: ping_up == 0 and on (device) device_info{type="router"}
        labels: {severity: critical}
        annotations: {summary: 'Router {{ $labels.device }} of {{ $labels.branch | toUpper }} is down'}
      - alert: RouterSlow
        expr: ping_rtt_seconds > 0.1 and on (device) device_info{type="router"}
        for: 30s
        annotations: {summary: 'Router {{ $labels.device }} answers after {{ $value | humanizeDuration }}'}
      - alert: RttRisen
        expr: ping_rtt_seconds > on (device) 2 * device:rtt_seconds:avg5m${own} and ping_rtt_seconds > 0.1
        annotations: {summary: '{{ $labels.device }} answers twice as late as before'}
      - alert: Unsteady
        expr: changes(ping_up[10m]) > 3
        annotations: {summary: '{{ $labels.device }} changed {{ $value }} times in ten minutes'}
      - alert: BranchDegraded
        expr: branch:ping_up:ratio${own} < 0.97
        for: 30s
        labels: {severity: critical}
        annotations: {summary: '{{ $value | humanizePercentage }} of {{ $labels.branch }} answer'}
      - alert: BranchLoss
        expr: avg by (branch, region) (ping_loss_ratio) > 0.04
        for: 30s
        annotations: {summary: '{{ $labels.branch }} loses {{ $value | humanizePercentage }}'}
      - alert: RegionSlow
        expr: region:rtt_seconds:p95${own} > 0.2
        annotations: {summary: '{{ $labels.region }}: {{ $value | humanizeDuration }}'}
      - alert: ManyDown
        expr: count(ping_up == 0) / count(ping_up) > 0.005
        annotations: {summary: '{{ $value | humanizePercentage }} of all devices are down'}
      - alert: SamplesMissing
        expr: count(ping_up) < ${devices}
        for: 1m
        annotations: {summary: 'only {{ $value }} devices have samples'}
`
}
