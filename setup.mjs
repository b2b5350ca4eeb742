// @ts-check
// Installs what wardline needs and this machine lacks, says what and why in a line each, and is silent when
// there is nothing to do. Plain JavaScript without dependencies: it runs on whatever Node there is.
//   node setup.mjs          for `npm start`
//   node setup.mjs --test   for `npm test`, too
import { spawnSync } from 'node:child_process'
import {
  accessSync,
  constants,
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
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
 * The machine as `installParts` sees it; tests pass one of their own.
 * @typedef {{
 *   isRoot: boolean,
 *   has: (program: string) => boolean,
 *   exists: (path: string) => boolean,
 *   read: (path: string) => string,
 *   run: (command: string, args: readonly string[]) => { ok: boolean, output: string },
 *   say: (line: string) => void,
 * }} Machine
 */

const POLICY = '/usr/sbin/policy-rc.d'
const POLICY_MARK = '# wardline setup: packages start no services while it installs'

/**
 * Installs packages by apt, without letting them start services. Returns null, or why it couldn't.
 * @param {readonly Part[]} missing @param {Machine} machine
 * @returns {string | null}
 */
export function installParts(missing, machine) {
  if (!machine.has('apt-get')) return 'there is no apt-get'
  if (!machine.isRoot && !machine.has('sudo')) return 'this is not root, and there is no sudo'
  if (!machine.isRoot && !machine.run('sudo', ['-n', 'true']).ok)
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
  const release = withoutServices(missing, machine, asRoot)
  try {
    let result = install()
    if (!result.ok) {
      machine.say('apt-get update: the package lists are missing or old')
      asRoot('env', ...apt, 'update')
      result = install()
    }
    if (!result.ok) return `apt-get failed:\n${lastLines(result.output)}`
  } finally {
    release()
  }
  disableUnits(missing, machine, asRoot)
  return null
}

/** @typedef {(command: string, ...args: string[]) => { ok: boolean, output: string }} AsRoot */

/**
 * Debian's packages start their services when installed, on the very ports that wardline's own stores use:
 * policy-rc.d is how a machine says no. One that is there already is somebody's and stays.
 * @param {readonly Part[]} missing @param {Machine} machine @param {AsRoot} asRoot
 */
function withoutServices(missing, machine, asRoot) {
  const own = machine.exists(POLICY) && machine.read(POLICY).includes(POLICY_MARK)
  const wanted = missing.some((part) => part.unit !== undefined)
  if (!wanted || (machine.exists(POLICY) && !own)) return () => {}
  const folder = mkdtempSync(join(tmpdir(), 'wardline-setup-'))
  const file = join(folder, 'policy-rc.d')
  writeFileSync(file, `#!/bin/sh\n${POLICY_MARK}\nexit 101\n`)
  asRoot('install', '-m', '755', file, POLICY)
  rmSync(folder, { recursive: true, force: true })
  return () => asRoot('rm', '-f', POLICY)
}

/**
 * Nobody used these services before they were installed just now; at the next boot they would take the ports.
 * @param {readonly Part[]} missing @param {Machine} machine @param {AsRoot} asRoot
 */
function disableUnits(missing, machine, asRoot) {
  const units = missing.flatMap((part) => part.unit ?? [])
  if (units.length === 0 || !machine.exists('/run/systemd/system')) return
  machine.say(`disabling ${units.join(', ')}: wardline runs its own`)
  asRoot('systemctl', 'disable', '--now', ...units)
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

/** @type {Machine['run']} */
function run(command, args) {
  const { status, signal, stdout, stderr } = spawnSync(command, args, {
    cwd: HERE,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  if (signal === 'SIGINT' || status === 130) throw new Error(`interrupted: ${command} did not end`)
  return { ok: status === 0, output: `${stdout ?? ''}${stderr ?? ''}` }
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

/** Fills the compile cache once (bin/prime.ts). Without it wardline runs as well, with 18 MB more. */
function primeCompileCache() {
  const cache = join(HERE, 'node_modules/.cache/wardline')
  if (existsSync(cache)) return
  console.log('filling the compile cache: wardline starts faster and takes less memory')
  const node = isPinned ? join(HERE, 'node_modules/.bin/node') : process.execPath
  const env = { ...process.env, NODE_COMPILE_CACHE: cache }
  for (const args of [['bin/prime.ts'], ['bin/wardline.ts', '--version']]) {
    spawnSync(node, args, { cwd: HERE, env, stdio: 'ignore' })
  }
}

function main() {
  const test = process.argv.includes('--test')
  const tooOld = refuseOldNode()
  if (tooOld !== null) return fail(tooOld)
  if (!nodeModulesAreRight()) {
    console.log(
      "npm ci: brings wardline's libraries and its Node 24, as package-lock.json has them",
    )
    const { ok, output } = run('npm', ['ci', '--no-audit', '--no-fund'])
    // npm gives the reason first, and then pages of usage.
    const errors = output.split('\n').filter((line) => line.startsWith('npm error'))
    if (!ok) return fail(['npm ci failed:', ...errors.slice(0, 6)].join('\n'))
  }
  if (!test) primeCompileCache()
  const config = readOr(process.env['WARDLINE_CONFIG'] || join(HERE, 'wardline.yaml'), '')
  const missing = missingParts({ test, config, has })
  if (missing.length === 0) return 0
  // Ctrl-C ends apt, and then what was prepared for it is still tidied up here.
  process.on('SIGINT', () => {})
  const reason = installParts(missing, {
    isRoot: process.getuid?.() === 0,
    has,
    exists: existsSync,
    read: (path) => readOr(path, ''),
    run,
    say: (line) => console.log(line),
  })
  return reason === null ? 0 : fail(cannotInstall(missing, reason))
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
  process.exitCode = main()
