import type { KindConfig } from '../../../lib/config/receivers.ts'
import { Secret } from '../../../lib/secret.ts'

type Credentials = Pick<KindConfig<'webhook'>, 'bearer_token' | 'basic' | 'headers'>

/** The headers that a user configured; for the wire alone. */
export function ownHeaders({ bearer_token, basic, headers }: Credentials): Record<string, string> {
  const own = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value.reveal()]),
  )
  if (bearer_token !== undefined) own['authorization'] = `Bearer ${bearer_token.reveal()}`
  if (basic !== undefined) own['authorization'] = `Basic ${encoded(basic)}`
  return own
}

const encoded = ({ username, password }: NonNullable<Credentials['basic']>): string =>
  Buffer.from(`${username}:${password.reveal()}`).toString('base64')

export const ownSecrets = ({
  bearer_token,
  basic,
  headers,
}: Credentials): (Secret | undefined)[] => [
  bearer_token,
  basic?.password,
  basic && new Secret(encoded(basic)),
  ...Object.values(headers),
]
