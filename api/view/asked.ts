import type { StatusView } from '../status-view.ts'
import { viewFor } from '../auth/scope.ts'
import type { Principal } from '../auth/principal.ts'
import type { View } from './build.ts'
import type { PastViews } from './past.ts'

/** The view that is asked for, of now or of a past instant, as this principal may see it. */
export async function viewAsked(
  { view, past }: { readonly view: Pick<StatusView, 'current'>; readonly past: PastViews },
  principal: Principal,
  at: number | undefined,
): Promise<View> {
  const whole = at === undefined ? await view.current() : await past.at(at)
  return viewFor(whole, principal)
}
