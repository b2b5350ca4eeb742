import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'

/** The two cookies: a session, and what binds a sign-in with the provider to the browser that began it. */
const NAMES = { session: 'wardline', oidc: 'wardline-oidc' } as const
type Cookie = keyof typeof NAMES

/** `__Host-`: of this very host alone, over https alone. Over http browsers take no such cookie. */
const nameOf = (cookie: Cookie, isSecure: boolean): string =>
  isSecure ? `__Host-${NAMES[cookie]}` : NAMES[cookie]

export const readCookie = (c: Context, cookie: Cookie, isSecure: boolean): string | undefined =>
  getCookie(c, nameOf(cookie, isSecure))

export function giveCookie(
  c: Context,
  cookie: Cookie,
  value: string,
  { isSecure, maxAgeSeconds }: { isSecure: boolean; maxAgeSeconds: number },
): void {
  setCookie(c, nameOf(cookie, isSecure), value, {
    path: '/',
    httpOnly: true,
    secure: isSecure,
    // The provider leads back from another site: a strict cookie would stay behind.
    sameSite: cookie === 'oidc' ? 'Lax' : 'Strict',
    maxAge: maxAgeSeconds,
  })
}

export function takeCookie(c: Context, cookie: Cookie, isSecure: boolean): void {
  deleteCookie(c, nameOf(cookie, isSecure), { path: '/', secure: isSecure })
}
