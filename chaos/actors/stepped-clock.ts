import { readFileSync } from 'node:fs'
import { offsetDate } from '../../lab/offset-date.ts'

// Loaded into a service with --import: its clock is off by as many milliseconds as the file of WARDLINE_CHAOS_CLOCK says.
// Everything that wardline stamps comes from Date; timers follow the monotonic clock, as they do when a clock is set.

const EVERY_MS = 100

const path = process.env['WARDLINE_CHAOS_CLOCK'] ?? ''
let offsetMs = 0

function look(): void {
  try {
    offsetMs = Number(readFileSync(path, 'utf8')) || 0
  } catch {
    offsetMs = 0
  }
}

if (path !== '') {
  look()
  setInterval(look, EVERY_MS).unref()
  globalThis.Date = offsetDate(() => offsetMs)
}
