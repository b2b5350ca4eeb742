import type { Secret } from '../../../lib/secret.ts'
import { takeCredentials } from '../../../lib/url-credentials.ts'

/** A part of a URL's path that is as long as this is no word but a key. */
const KEY_LENGTH = 8

/** Takes secrets out of a text: an answer may repeat what it was asked. */
export function hideSecrets(secrets: readonly (Secret | undefined)[]): (text: string) => string {
  const hidden = secrets
    .flatMap((secret) => (secret === undefined ? [] : formsOf(secret.reveal())))
    .filter((form) => form !== '')
    .sort((a, b) => b.length - a.length)
  return (text) => hidden.reduce((rest, form) => rest.replaceAll(form, '<secret>'), text)
}

/** As it is, as a URL or JSON would hold it, and the keys in the path where it is a URL. */
function formsOf(secret: string): string[] {
  const forms = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]
  if (!/^https?:\/\//.test(secret)) return forms
  const { pathname, search } = new URL(secret)
  const parts = [...pathname.split('/'), search.slice(1), `${pathname}${search}`]
  const keys = parts.filter((part) => part.length >= KEY_LENGTH)
  return [...forms, ...keys, ...credentialsOf(secret)]
}

/** The user info of a URL as it is written there, as it is meant, and as the header has it. */
function credentialsOf(url: string): string[] {
  const { authorization } = takeCredentials(url)
  if (authorization === undefined) return []
  const sent = authorization.replace('Basic ', '')
  const meant = Buffer.from(sent, 'base64')
    .toString()
    .replace(/^[^:]*:/, '')
  return [sent, meant, new URL(url).password]
}

/** As much of a URL as says where it leads: its path may be a key. */
export const origin = (url: string): string => `${new URL(url).origin}/…`
