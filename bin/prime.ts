import { flushCompileCache } from 'node:module'

// Fills Node's compile cache (NODE_COMPILE_CACHE): a process whose TypeScript is in it starts faster and never loads the
// type stripper, which takes 18 MB. setup.mjs and the Dockerfile run this once.
await Promise.all([
  import('./main.ts'),
  import('./up.ts'),
  import('./run.ts'),
  import('./demo.ts'),
  import('./check.ts'),
  import('../collector/main.ts'),
  import('../alerting/main.ts'),
  import('../api/main.ts'),
])
flushCompileCache()
