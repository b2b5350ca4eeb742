/** Where a secret may be `file:/path`. `*` stands for any key or place in a list. */
export const SECRET_PATHS = [
  'credentials.*.community',
  'credentials.*.auth_password',
  'credentials.*.priv_password',
  'auth.oidc.client_secret',
  'alerting.heartbeat.url',
  'alerting.heartbeat.fail_url',
  ...[
    'webhook.secret',
    '*.bearer_token',
    '*.basic.password',
    '*.headers.*',
    '*.tls.ca',
    '*.tls.cert',
    '*.tls.key',
    '*.webhook_url',
    '*.bot_token',
    'pagerduty.routing_key',
    'opsgenie.api_key',
    'email.password',
  ].map((path) => `receivers.*.${path}`),
] as const

/** Values that messages may show although they stand beside secrets. */
const SHOWN = new RegExp(
  [
    String.raw`^credentials\.[^.]+\.(version|(auth|priv)_protocol)$`,
    String.raw`^receivers\.\d+\.(name|send_resolved|send_updates|repeat_interval|retry_for|max_alerts|time_zone)$`,
    String.raw`^receivers\.\d+\.group_by(\.\d+)?$`,
    String.raw`^receivers\.\d+\.[a-z]+\.(timeout|channel|chat_id|thread_id|(severities|priorities)\.[^.]+|host|port|encryption|from|to(\.\d+)?|tls\.(server_name|insecure_skip_verify))$`,
  ].join('|'),
)
const HIDDEN =
  /^(credentials|receivers|redis|victoriametrics\.url|auth\.oidc\.client_secret|alerting\.heartbeat\.(fail_)?url)(\.|$)/

/** True where a value may be a secret, or hold one as a URL does: a message must not repeat it. */
export const isHidden = (path: string): boolean => HIDDEN.test(path) && !SHOWN.test(path)
