// @ts-check
// Installs what wardline needs and this machine lacks, says what and why in a line each, and is silent when
// there is nothing to do. Plain JavaScript without dependencies: it runs on whatever Node there is.
//   node setup.mjs          for `npm start`
//   node setup.mjs --test   for `npm test`, too
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** @typedef {{ package: string, program: string, why: string, unit?: string, url?: string, test?: boolean }} Part */

/** @type {readonly Part[]} */
export const PARTS = [
  { package: 'fping', program: 'fping', why: 'sends the pings' },
  {
    package: 'victoria-metrics',
    program: 'victoria-metrics',
    why: 'stores the samples',
    unit: 'victoria-metrics.service',
    url: 'victoriametrics',
  },
  {
    package: 'redis-server',
    program: 'redis-server',
    why: 'keeps what people decide: silences, acknowledgements',
    unit: 'redis-server.service',
    url: 'redis',
  },
  { package: 'iproute2', program: 'ip', why: "gives the demo's devices their addresses" },
  { package: 'nftables', program: 'nft', why: "takes the demo's devices down and up" },
  {
    package: 'snmpd',
    program: 'snmpd',
    why: 'is the SNMP agent of the tests',
    unit: 'snmpd.service',
    test: true,
  },
  { package: 'snmp', program: 'snmpget', why: 'is what the tests compare with', test: true },
  {
    package: 'prometheus-snmp-exporter',
    program: 'prometheus-snmp-exporter',
    why: 'is what modules are compared with',
    unit: 'prometheus-snmp-exporter.service',
    test: true,
  },
  {
    package: 'snmpsim',
    program: 'snmpsimd',
    why: 'plays recorded agents for the tests',
    test: true,
  },
  {
    package: 'prometheus-alertmanager',
    program: 'prometheus-alertmanager',
    why: 'is told by the tests, and its amtool silences',
    unit: 'prometheus-alertmanager.service',
    test: true,
  },
  { package: 'openssl', program: 'openssl', why: 'makes certificates for the tests', test: true },
  { package: 'chromium', program: 'chromium', why: 'shows the page to the tests', test: true },
]

/**
 * What is missing. A store whose URL is configured runs elsewhere and isn't needed here, but for the tests.
 * @param {{ test: boolean, config: string, has: (program: string) => boolean }} given
 */
export function missingParts({ test, config, has }) {
  return PARTS.filter(
    (part) =>
      (test || part.test !== true) &&
      (test || part.url === undefined || !hasUrl(config, part.url)) &&
      !has(part.program),
  )
}

/**
 * Whether the text of wardline.yaml sets `<section>.url`. There may be no YAML parser yet, so it is a plain look:
 * what it doesn't recognise only means that one package more is installed.
 * @param {string} config @param {string} section
 */
export function hasUrl(config, section) {
  const lines = config.split(/\r?\n/).filter((line) => !/^\s*(#|$)/.test(line))
  const start = lines.findIndex((line) => new RegExp(`^${section}\\s*:`).test(line))
  if (start < 0) return false
  const after = lines.slice(start + 1)
  const length = after.findIndex((line) => /^\S/.test(line))
  const block = [lines[start], ...(length < 0 ? after : after.slice(0, length))].join('\n')
  return /(^\s+|[{,]\s*)url\s*:\s*['"]?[^\s'"#,}]/m.test(block)
}

/**
 * Whether node_modules is what package-lock.json says, by the record that npm keeps in it. What is optional may
 * be absent: it may be for another platform.
 * @typedef {{ packages: Record<string, { version?: string, integrity?: string, optional?: boolean }> }} Lock
 * @param {Lock} lock @param {Lock} installed
 */
export function isInstalled(lock, installed) {
  return Object.entries(lock.packages).every(([path, { version, integrity, optional }]) => {
    if (path === '') return true
    const found = installed.packages[path]
    if (found === undefined) return optional === true
    return found.version === version && found.integrity === integrity
  })
}

/** @param {readonly Part[]} missing @param {string} reason */
export function cannotInstall(missing, reason) {
  const width = Math.max(...missing.map((part) => part.package.length))
  return [
    `wardline can't install what is missing here: ${reason}.`,
    ...missing.map((part) => `  ${part.package.padEnd(width)}  ${part.why}`),
    'On Debian 12 or newer:',
    `  sudo apt-get install --no-install-recommends ${missing.map((part) => part.package).join(' ')}`,
    'or run wardline in containers, which need nothing of this:',
    '  docker compose up',
  ].join('\n')
}

/**
 * Runs a program to its end; rejects with Interrupted when Ctrl-C came meanwhile.
 * @typedef {(command: string, args: readonly string[], env?: Record<string, string>) => Promise<{ ok: boolean, output: string }>} Run
 */

/** Ctrl-C: what was prepared is tidied up, and then it ends. */
export class Interrupted extends Error {}

/**
 * The machine as `installParts` sees it; tests pass one of their own.
 * @typedef {{
 *   isRoot: boolean,
 *   has: (program: string) => boolean,
 *   exists: (path: string) => boolean,
 *   read: (path: string) => string,
 *   run: Run,
 *   say: (line: string) => void,
 * }} Machine
 */

const POLICY = '/usr/sbin/policy-rc.d'
const POLICY_MARK = '# wardline setup: packages start no services while it installs'

/**
 * Installs packages by apt, without letting them start services. Returns null, or why it couldn't.
 * @param {readonly Part[]} missing @param {Machine} machine
 * @returns {Promise<string | null>}
 */
export async function installParts(missing, machine) {
  if (!machine.has('apt-get')) return 'there is no apt-get'
  if (!machine.isRoot && !machine.has('sudo')) return 'this is not root, and there is no sudo'
  if (!machine.isRoot && !(await machine.run('sudo', ['-n', 'true'])).ok)
    return 'this is not root, and sudo asks for a password'

  /** @type {AsRoot} */
  const asRoot = (command, ...args) =>
    machine.isRoot ? machine.run(command, args) : machine.run('sudo', ['-n', command, ...args])
  const names = missing.map((part) => part.package)
  const apt = ['DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', '-y']
  const waiting = ['-o', 'DPkg::Lock::Timeout=300']
  const install = () =>
    asRoot('env', ...apt, ...waiting, 'install', '--no-install-recommends', ...names)

  for (const part of missing) machine.say(`installing ${part.package}: ${part.why}`)
  const release = await withoutServices(missing, machine, asRoot)
  try {
    let result = await install()
    if (!result.ok) {
      machine.say('apt-get update: the package lists are missing or old')
      await asRoot('env', ...apt, 'update')
      result = await install()
    }
    if (!result.ok) return `apt-get failed:\n${lastLines(result.output)}`
  } finally {
    await release()
  }
  await disableUnits(missing, machine, asRoot)
  return null
}

/** @typedef {(command: string, ...args: string[]) => ReturnType<Run>} AsRoot */

/**
 * Debian's packages start their services when installed, on the very ports that wardline's own stores use:
 * policy-rc.d is how a machine says no. One that is there already is somebody's and stays.
 * @param {readonly Part[]} missing @param {Machine} machine @param {AsRoot} asRoot
 */
async function withoutServices(missing, machine, asRoot) {
  const own = machine.exists(POLICY) && machine.read(POLICY).includes(POLICY_MARK)
  const wanted = missing.some((part) => part.unit !== undefined)
  if (!wanted || (machine.exists(POLICY) && !own)) return async () => {}
  const folder = mkdtempSync(join(tmpdir(), 'wardline-setup-'))
  const file = join(folder, 'policy-rc.d')
  writeFileSync(file, `#!/bin/sh\n${POLICY_MARK}\nexit 101\n`)
  const release = () => asRoot('rm', '-f', POLICY)
  try {
    await asRoot('install', '-m', '755', file, POLICY)
    return release
  } catch (error) {
    await release()
    throw error
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Nobody used these services before they were installed just now; at the next boot they would take the ports.
 * @param {readonly Part[]} missing @param {Machine} machine @param {AsRoot} asRoot
 */
async function disableUnits(missing, machine, asRoot) {
  const units = missing.flatMap((part) => part.unit ?? [])
  if (units.length === 0 || !machine.exists('/run/systemd/system')) return
  machine.say(`disabling ${units.join(', ')}: wardline runs its own`)
  await asRoot('systemctl', 'disable', '--now', ...units)
}

/**
 * Why npm failed: npm gives the reason first, in marked lines, and then pages of usage. Something else's words stand last.
 * @param {string} output
 */
export function npmReason(output) {
  const errors = output.split('\n').filter((line) => /^npm (error|ERR!)/.test(line))
  return errors.length > 0 ? errors.slice(0, 6).join('\n') : lastLines(output)
}

const CODE = ['bin', 'lib', 'collector', 'alerting', 'api', 'lab']
const PRIMED = 'primed'

/**
 * What the compile cache is of: where the code is, how many files, the newest of them, the libraries and the Node.
 * Cheap, for it is asked at each start.
 * @param {string} root
 */
export function codeFingerprint(root) {
  const files = CODE.flatMap((folder) => sourcesIn(join(root, folder)))
  const newest = Math.max(0, ...files.map((file) => statSync(file).mtimeMs))
  const lock = createHash('sha256')
    .update(readOr(join(root, 'package-lock.json'), ''))
    .digest('hex')
  return [root, files.length, newest, lock, isPinned ? '' : process.version].join(' ')
}

/** @param {string} folder @returns {string[]} */
function sourcesIn(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return sourcesIn(path)
    return entry.name.endsWith('.ts') ? [path] : []
  })
}

/**
 * Fills the compile cache (bin/prime.ts) when it isn't of this code; a marker in it says so, since any command may have
 * made the folder. Without the cache wardline runs as well, with 18 MB more: a failure is only told.
 * @param {string} root @param {string} node @param {Pick<Machine, 'run' | 'say'>} machine
 */
export async function primeCompileCache(root, node, { run, say }) {
  const cache = join(root, 'node_modules/.cache/wardline')
  const marker = join(cache, PRIMED)
  const wanted = codeFingerprint(root)
  if (readOr(marker, '') === wanted) return
  say('filling the compile cache: wardline starts faster and takes less memory')
  try {
    rmSync(cache, { recursive: true, force: true })
    for (const args of [['bin/prime.ts'], ['bin/wardline.ts', '--version']]) {
      const { ok, output } = await run(node, args, { NODE_COMPILE_CACHE: cache })
      if (!ok) throw new Error(reasonOf(output))
    }
    mkdirSync(cache, { recursive: true })
    writeFileSync(marker, wanted)
  } catch (error) {
    if (error instanceof Interrupted) throw error
    const { message } = /** @type {Error} */ (error)
    say(`the compile cache could not be filled, wardline goes without: ${message}`)
  }
}

/** The line that says most of why a program failed. @param {string} output */
function reasonOf(output) {
  const lines = output.trim().split('\n')
  return lines.find((line) => /error/i.test(line)) ?? (lines.at(-1) || 'it did not say why')
}

/** @param {string} output */
function lastLines(output) {
  return output.trim().split('\n').slice(-8).join('\n')
}

// --- this machine ---

const HERE = fileURLToPath(new URL('.', import.meta.url))
// Where Debian keeps what only root usually runs; not on every user's PATH.
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin']
const FOLDERS = (process.env['PATH'] ?? '').split(delimiter).concat(SYSTEM_FOLDERS)

/** @param {string} program */
function has(program) {
  return FOLDERS.some((folder) => folder !== '' && isExecutable(join(folder, program)))
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** @type {Run} */
async function run(command, args, env = {}) {
  let interrupted = false
  const onInterrupt = () => void (interrupted = true)
  process.on('SIGINT', onInterrupt)
  const child = spawn(command, args, {
    cwd: HERE,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (output += text))
  /** @type {boolean} */
  const ok = await new Promise((resolve) => {
    child.once('error', (/** @type {NodeJS.ErrnoException} */ { code, message }) => {
      output += code === 'ENOENT' ? `there is no ${command} on PATH` : message
      resolve(false)
    })
    child.once('close', (status, signal) => {
      interrupted ||= signal === 'SIGINT' || status === 130
      resolve(status === 0)
    })
  })
  process.off('SIGINT', onInterrupt)
  if (interrupted) throw new Interrupted('interrupted: start it again to go on')
  return { ok, output }
}

/** @param {string} path @param {string} otherwise */
function readOr(path, otherwise) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return otherwise
  }
}

const isPinned = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch)

function nodeModulesAreRight() {
  if (isPinned && !existsSync(join(HERE, 'node_modules/.bin/node'))) return false
  const installed = readOr(join(HERE, 'node_modules/.package-lock.json'), '')
  if (installed === '') return false
  return isInstalled(
    JSON.parse(readFileSync(join(HERE, 'package-lock.json'), 'utf8')),
    JSON.parse(installed),
  )
}

/** Elsewhere than on Linux there is no Node to install by npm: the one on PATH must do. */
function refuseOldNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (isPinned || major > 24 || (major === 24 && minor >= 12)) return null
  return `wardline needs Node 24.12 or newer on PATH here (${process.platform} ${process.arch}); this is ${process.version}: see nodejs.org`
}

async function main() {
  const test = process.argv.includes('--test')
  const tooOld = refuseOldNode()
  if (tooOld !== null) return fail(tooOld)
  // Between two programs Ctrl-C would leave behind what was prepared for them.
  process.on('SIGINT', () => {})
  if (!nodeModulesAreRight()) {
    say("npm ci: brings wardline's libraries and its Node 24, as package-lock.json has them")
    const { ok, output } = await run('npm', ['ci', '--no-audit', '--no-fund'])
    if (!ok) return fail(`npm ci failed:\n${npmReason(output)}`)
  }
  const node = isPinned ? join(HERE, 'node_modules/.bin/node') : process.execPath
  if (!test) await primeCompileCache(HERE, node, { run, say })
  const config = readOr(process.env['WARDLINE_CONFIG'] || join(HERE, 'wardline.yaml'), '')
  const missing = missingParts({ test, config, has })
  if (missing.length === 0) return 0
  const reason = await installParts(missing, {
    isRoot: process.getuid?.() === 0,
    has,
    exists: existsSync,
    read: (path) => readOr(path, ''),
    run,
    say,
  })
  return reason === null ? 0 : fail(cannotInstall(missing, reason))
}

/** @param {string} line */
function say(line) {
  console.log(line)
}

/** @param {string} message */
function fail(message) {
  console.error(message)
  return 2
}

if (
  process.argv[1] !== undefined &&
  realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)
)
  process.exitCode = await main().catch((error) => {
    if (!(error instanceof Interrupted)) throw error
    console.error(error.message)
    return 130
  })
