import { type CredentialConfig, credentialSchema } from '../../../lib/config/credential.ts'
import { type Finding, type Validated, validate } from '../../../lib/config/explain.ts'
import { type YmlAuth, authSchema } from './schema.ts'

/** Credentials of snmp.yml as those of wardline.yaml; snmp_exporter's defaults stand in for what is left out. */
export function readAuth(raw: unknown): Validated<CredentialConfig> {
  const auth = validate(authSchema, raw, { isHidden })
  if (!auth.ok) return auth
  const credential = validate(credentialSchema, toCredential(auth.data), { isHidden: () => true })
  if (credential.ok) return credential
  return { ok: false, findings: credential.findings.map(inItsWords) }
}

function toCredential(auth: YmlAuth): Record<string, unknown> {
  if (auth.version !== '3') {
    return { version: auth.version === '1' ? '1' : '2c', community: auth.community }
  }
  const { username, context_name: context, security_level: level } = auth
  return {
    version: '3',
    user: username ?? '',
    ...(context === undefined ? {} : { context }),
    ...(level === 'noAuthNoPriv'
      ? {}
      : { auth_protocol: auth.auth_protocol, auth_password: auth.password ?? '' }),
    ...(level === 'authPriv'
      ? { priv_protocol: auth.priv_protocol, priv_password: auth.priv_password ?? '' }
      : {}),
  }
}

const KEYS: Readonly<Record<string, string>> = {
  user: 'username',
  auth_password: 'password',
  context: 'context_name',
}

function inItsWords({ path, message }: Finding): Finding {
  const [key, ...rest] = path
  const words = Object.entries(KEYS).reduce(
    (text, [ours, its]) => text.replaceAll(ours, its),
    message,
  )
  return { path: key === undefined ? [] : [KEYS[String(key)] ?? key, ...rest], message: words }
}

const SHOWN: ReadonlySet<string> = new Set(['version', 'security_level'])

/** Messages repeat no value that is a secret, or stands where one may have slipped to. */
const isHidden = (path: string): boolean => !SHOWN.has(path)
