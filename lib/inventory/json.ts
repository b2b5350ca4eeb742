import { parseYaml } from '../config/yaml.ts'
import { type DeviceFile, type DeviceRecord, findDevices } from './records.ts'

/** Devices of JSON: a list, or `{"devices": [...]}`. */
export function readJson(file: string, text: string): DeviceFile {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    const { line, message } = explainSyntax(text, error as SyntaxError)
    return { file, records: [], problems: [{ file, line, message }] }
  }
  const found = findDevices(value)
  if (!found.ok) {
    const line = parseYaml(file, text).line(found.path)
    return { file, records: [], problems: [{ file, line, message: found.message }] }
  }
  // Lines are asked for only where something is wrong: nothing is scanned for a good file.
  let places: readonly Place[] | undefined
  const records = found.devices.map((device, index): DeviceRecord => ({
    value: device,
    line(path = []) {
      places ??= findPlaces(text, found.path.length + 1)
      const place = places[index]
      if (place === undefined) return undefined
      if (path.length === 0) return place.line
      const inner = parseYaml(file, text.slice(place.start, place.end)).line(path) ?? 1
      return place.line + inner - 1
    },
  }))
  return { file, records, problems: [] }
}

function explainSyntax(text: string, error: SyntaxError): { line?: number; message: string } {
  if (text.trim() === '') return { message: 'expected a list of devices, got an empty file' }
  const at = /at position (\d+)/.exec(error.message)?.[1]
  const place = at === undefined ? text.length : Number(at)
  const ended = place >= text.trimEnd().length
  return {
    line: text.slice(0, place).split('\n').length,
    message: ended
      ? 'not valid JSON: the file ends too early; a bracket or a quote is not closed'
      : `not valid JSON at ${JSON.stringify(text.slice(place, place + 20))}: check commas, quotes and brackets`,
  }
}

/** Where an element of the list stands in the text. */
type Place = { readonly start: number; readonly end: number; readonly line: number }

/** The elements at the depth `inside` (1 is the inside of the outermost bracket). The text is valid JSON. */
function findPlaces(text: string, inside: number): Place[] {
  const places: Place[] = []
  let level = 0
  let line = 1
  let start: { at: number; line: number } | null = null
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (char === '\n') line++
    else if (char === '"') {
      if (level === inside && start === null) start = { at, line }
      at = endOfText(text, at)
    } else if (char === '[' || char === '{') {
      if (level === inside && start === null) start = { at, line }
      level++
    } else if (char === ']' || char === '}') {
      level--
      if (level === inside - 1) close(at)
    } else if (char === ',' && level === inside) close(at)
    else if (level === inside && start === null && char?.trim() !== '') start = { at, line }
  }
  return places

  function close(end: number): void {
    if (start !== null) places.push({ start: start.at, end, line: start.line })
    start = null
  }
}

/** The place of the quote that ends the text that begins at `start`. */
function endOfText(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at
}
