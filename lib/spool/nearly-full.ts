/** Share of the room in a spool from which it is told that it fills: whoever looks then still has time. */
export const NEARLY_FULL = 0.8
