import { h } from '../../core/dom.js'
import { text } from '../../core/texts.js'

/** What somebody or some program may: a role, and regions or branches that it ends at. */

const ROLES = ['viewer', 'operator', 'admin']

/** Gives `{elements, value()}`: `{role, scope}`. */
export function grantFields(app, given = { role: 'viewer', scope: null }) {
  const role = h(
    'select',
    {},
    ...ROLES.map((each) =>
      h('option', { value: each, selected: each === given.role }, text(`role.${each}`)),
    ),
  )
  const regions = several(app.fleet.values('region'), given.scope?.regions ?? [])
  const branches = several(app.fleet.values('branch'), given.scope?.branches ?? [])
  const field = (key, control, note) =>
    h(
      'label',
      { class: 'field' },
      h('span', {}, text(key)),
      control,
      note === undefined ? null : h('small', {}, text(note)),
    )
  return {
    elements: [
      field('account.role', role),
      field('grant.regions', regions, 'grant.note'),
      field('grant.branches', branches),
    ],
    value() {
      const [inRegions, inBranches] = [regions, branches].map((list) =>
        [...list.selectedOptions].map(({ value }) => value),
      )
      const isWhole = inRegions.length + inBranches.length === 0
      return {
        role: role.value,
        scope: isWhole ? null : { regions: inRegions, branches: inBranches },
      }
    },
  }
}

function several(values, chosen) {
  const all = [...new Set([...values, ...chosen])]
  return h(
    'select',
    { multiple: true, size: String(Math.min(5, Math.max(2, all.length))) },
    ...all.map((value) => h('option', { value, selected: chosen.includes(value) }, value)),
  )
}

export const scopeText = (scope) =>
  scope === null ? text('account.whole') : [...scope.regions, ...scope.branches].join(', ')
