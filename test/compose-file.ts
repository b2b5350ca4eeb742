import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'

export const ROOT = join(import.meta.dirname, '..')

// The parts of the Compose specification that docker-compose.yml uses, and no other key: a slip in a key, which
// docker would refuse, is refused here.
const duration = z.string().regex(/^(\d+(ms|s|m|h))+$/)
const healthcheckSchema = z.strictObject({
  test: z.tuple([z.literal('CMD'), z.string()], z.string()),
  interval: duration,
  timeout: duration,
  start_period: duration.optional(),
})
const serviceSchema = z.strictObject({
  build: z.string().optional(),
  image: z.string(),
  command: z.array(z.string()).optional(),
  user: z.string().optional(),
  init: z.boolean().optional(),
  read_only: z.boolean().optional(),
  tmpfs: z.array(z.string()).optional(),
  cap_drop: z.array(z.string()).optional(),
  cap_add: z.array(z.string()).optional(),
  security_opt: z.array(z.string()).optional(),
  restart: z.enum(['no', 'always', 'on-failure', 'unless-stopped']).optional(),
  stop_grace_period: duration.optional(),
  environment: z.record(z.string(), z.string()).optional(),
  ports: z.array(z.string().regex(/^127\.0\.0\.1:\d+:\d+$/)).optional(),
  volumes: z.array(z.string().regex(/^[^:]+:[^:]+(:ro)?$/)).optional(),
  depends_on: z
    .record(z.string(), z.strictObject({ condition: z.literal('service_healthy') }))
    .optional(),
  healthcheck: healthcheckSchema.optional(),
})
const composeSchema = z.strictObject({
  name: z.string(),
  services: z.record(z.string(), serviceSchema),
  volumes: z.record(z.string(), z.null()),
})

export type ComposeService = z.output<typeof serviceSchema>

export function readCompose(): z.output<typeof composeSchema> {
  const text = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8')
  const file = parse(text, { merge: true }) as Record<string, unknown>
  // x-… are extensions: pieces of YAML that services repeat.
  const known = Object.entries(file).filter(([key]) => !key.startsWith('x-'))
  return composeSchema.parse(Object.fromEntries(known))
}

/** What the Dockerfile copies from the repository into the image: `[source, destination]`. */
export function copiedIntoImage(): [string, string][] {
  const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8')
  const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '))
  return [...last.matchAll(/^COPY (?!--from)(.+) (\S+)$/gm)].flatMap(([, sources = '', to = '']) =>
    sources.split(' ').map((source): [string, string] => [source, to]),
  )
}
