import type { KindConfig } from '../../../lib/config/receivers.ts'
import type { Secret } from '../../../lib/secret.ts'

type Credentials = Pick<KindConfig<'webhook'>, 'bearer_token' | 'basic' | 'headers'>

/** The headers that a user configured; for the wire alone. */
export function ownHeaders({ bearer_token, basic, headers }: Credentials): Record<string, string> {
  const own = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value.reveal()]),
  )
  if (bearer_token !== undefined) own['authorization'] = `Bearer ${bearer_token.reveal()}`
  if (basic !== undefined) {
    const pair = Buffer.from(`${basic.username}:${basic.password.reveal()}`)
    own['authorization'] = `Basic ${pair.toString('base64')}`
  }
  return own
}

export const ownSecrets = ({
  bearer_token,
  basic,
  headers,
}: Credentials): (Secret | undefined)[] => [
  bearer_token,
  basic?.password,
  ...Object.values(headers),
]
