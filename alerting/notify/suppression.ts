/** Why an alert is held back. `cause` is an id, a name or a fingerprint, of `parent` the device that is down; `until` null where nobody can say. */
export type Suppression = {
  readonly by:
    | 'inhibition'
    | 'parent'
    | 'silence'
    | 'maintenance'
    | 'time-interval'
    | 'acknowledged'
    | 'escalation'
  readonly cause: string
  readonly until: number | null
}
