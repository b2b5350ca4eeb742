/** Who looks at the page, and what they may do. */

const ROLES = ['viewer', 'operator', 'admin']

/** Before anything is known, and where the API knows of no sessions: anybody may look. */
export const NOBODY = {
  authenticated: false,
  name: 'anybody',
  kind: 'open',
  role: 'viewer',
  scope: null,
  open_access: true,
  login: { password: false, oidc: null },
  needs_first_admin: false,
}

export const mayRead = ({ authenticated, open_access: isOpen }) => authenticated || isOpen

export const roleReaches = ({ role }, needed) => ROLES.indexOf(role) >= ROLES.indexOf(needed)

/** The session of now; `known` where the API can't be asked. */
export async function readSession(known = NOBODY) {
  try {
    const response = await fetch('/api/v1/session')
    return response.ok ? await response.json() : known
  } catch {
    return known
  }
}
