import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'

/**
 * Anonymous network namespaces: a network of one's own in which every address is free, nothing can leave, and
 * which is gone with its last process.
 */
export type Namespaces =
  | { readonly allowed: true; readonly unshare: readonly string[] }
  | { readonly allowed: false; readonly reason: string }

// What the lab does inside: if this works, all of it does.
const TRIAL = `
ip link set lo up &&
ip route add local 198.18.0.0/15 dev lo src 127.0.0.1 &&
nft add table inet lab
`

/** With the directories of ip and nft, which an ordinary user's PATH leaves out. */
export function withSystemPath(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return { ...env, PATH: `${env['PATH'] ?? ''}:/usr/sbin:/sbin` }
}

/** Tries it: as root, else (or where root may not) as the root of a user namespace. */
export async function findNamespaces(env: NodeJS.ProcessEnv = process.env): Promise<Namespaces> {
  const isRoot = process.getuid?.() === 0
  const ways = isRoot ? [['-n'], ['-rn']] : [['-rn']]
  const problems: string[] = []
  for (const flags of ways) {
    const problem = await tryOut(['unshare', ...flags], env)
    if (problem === null) return { allowed: true, unshare: ['unshare', ...flags] }
    problems.push(problem)
  }
  return { allowed: false, reason: explain(problems[0] ?? '') }
}

/**
 * Starts a command in a namespace of its own. It gets SIGTERM when the process that called this dies, and its
 * pid is the command's (neither unshare nor setpriv stays around).
 */
export function spawnInNamespace(
  namespaces: Extract<Namespaces, { allowed: true }>,
  command: readonly string[],
  options: SpawnOptions = {},
): ChildProcess {
  const [file = '', ...args] = [...namespaces.unshare, ...endingWithParent(command)]
  return spawn(file, args, options)
}

/** The command with SIGTERM at its parent's death, however that comes. */
export function endingWithParent(command: readonly string[]): readonly string[] {
  return ['setpriv', '--pdeathsig', 'TERM', '--', ...command]
}

/** Null when it works, else what was said. */
function tryOut(unshare: readonly string[], env: NodeJS.ProcessEnv): Promise<string | null> {
  const [file = '', ...args] = [...unshare, ...endingWithParent(['sh', '-c', TRIAL])]
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      env: withSystemPath(env),
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
    child.on('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'ENOENT' ? `${file}: not found` : error.message),
    )
    child.on('close', (code) => resolve(code === 0 ? null : said.trim() || `exit code ${code}`))
  })
}

function explain(said: string): string {
  const lastLine = said.split('\n').at(-1) ?? said
  const missing = /(unshare|setpriv|ip|nft): .*(not found|No such file)/.exec(said)?.[1]
  if (missing !== undefined) return `${missing} is not installed (Debian: ${PACKAGES[missing]})`
  if (/unshare/.test(said) && /not permitted|No space left|Invalid argument/.test(said))
    return (
      `the system does not allow network namespaces (${lastLine}); ` +
      'run it as root, or allow user namespaces: sysctl kernel.unprivileged_userns_clone, ' +
      'user.max_user_namespaces and kernel.apparmor_restrict_unprivileged_userns; ' +
      'in a container: --cap-add SYS_ADMIN --cap-add NET_ADMIN --security-opt seccomp=unconfined'
    )
  return `a trial of one failed: ${lastLine}`
}

const PACKAGES: Readonly<Record<string, string>> = {
  unshare: 'util-linux',
  setpriv: 'util-linux',
  ip: 'iproute2',
  nft: 'nftables',
}
