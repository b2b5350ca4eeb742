import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { SERVICE_NAMES } from '../../../lib/service.ts'
import { ROOT, copiedIntoImage, readCompose } from '../../compose-file.ts'

const { services, volumes } = readCompose()
const each = Object.entries(services)

describe('docker-compose.yml', () => {
  test('has the two stores, the three services and Grafana', () => {
    expect(Object.keys(services).sort()).toEqual(
      ['victoriametrics', 'redis', 'grafana', ...SERVICE_NAMES].sort(),
    )
  })

  test.each(each)('%s comes from a pinned image or from this repository', (_, service) => {
    if (service.build === undefined) expect(service.image).toMatch(/:v?\d+\.\d+/)
    else expect(existsSync(join(ROOT, service.build, 'Dockerfile'))).toBe(true)
  })

  test('VictoriaMetrics is new enough for the features that wardline uses of it', () => {
    const minor = Number(/:v1\.(\d+)\./.exec(services['victoriametrics']?.image ?? '')?.[1])
    expect(minor).toBeGreaterThanOrEqual(112)
  })

  test.each(each)('what %s mounts is in the repository or a declared volume', (_, service) => {
    for (const [source = ''] of (service.volumes ?? []).map((volume) => volume.split(':'))) {
      const known = source.startsWith('./') ? existsSync(join(ROOT, source)) : source in volumes
      expect(known, source).toBe(true)
    }
  })

  test.each(each)(
    '%s mounts folders, in which a file that an editor replaces is seen',
    (_, service) => {
      const sources = (service.volumes ?? []).map((volume) => volume.split(':')[0] ?? '')
      const files = sources.filter(
        (source) => source.startsWith('./') && !statSync(join(ROOT, source)).isDirectory(),
      )
      expect(files).toEqual([])
    },
  )

  test.each(SERVICE_NAMES)('%s finds its configuration where the image looks for it', (name) => {
    const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8')
    const path = /WARDLINE_CONFIG=(\S+)/.exec(dockerfile)?.[1] ?? ''
    expect(services[name]?.volumes).toContain(`./deploy:${dirname(path)}:ro`)
    expect(existsSync(join(ROOT, 'deploy', basename(path)))).toBe(true)
  })

  test.each(each)('%s waits only for services that say when they are healthy', (_, service) => {
    for (const name of Object.keys(service.depends_on ?? {})) {
      expect(services[name]?.healthcheck, name).toBeDefined()
    }
  })

  test.each(SERVICE_NAMES.map((name) => [name, services[name]] as const))(
    '%s is an unprivileged user on a read-only root, and fping alone may open a raw socket',
    (name, service) => {
      expect(service).toMatchObject({ user: 'node', read_only: true, cap_drop: ['ALL'] })
      expect(service?.cap_add ?? []).toEqual(name === 'collector' ? ['NET_RAW'] : [])
    },
  )

  test.each(SERVICE_NAMES)(
    "%s keeps its data in a volume that is the unprivileged user's own",
    (name) => {
      const { data_dir: dataDir = '' } = parse(
        readFileSync(join(ROOT, 'deploy/wardline.yaml'), 'utf8'),
      ) as { data_dir?: string }
      const volume = services[name]?.volumes?.find((each) => each.endsWith(`:${dataDir}`)) ?? ''
      expect(volume.split(':')[0]).toSatisfy((source: string) => source in volumes)
      const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8')
      const user = services[name]?.user
      expect(dockerfile).toMatch(new RegExp(`^RUN install -d -o ${user} .*${dataDir}$`, 'm'))
    },
  )

  test('the API, whose port is published, is published on loopback alone: reading is open there', () => {
    const published = Object.entries(services).filter(([, { ports }]) => ports !== undefined)
    expect(published.map(([name]) => name).sort()).toEqual(['api', 'grafana'])
    for (const [name, { ports = [] }] of published)
      for (const port of ports) expect(port, name).toMatch(/^127\.0\.0\.1:/)
  })

  test('the dashboards are mounted where their provider looks for them', () => {
    const provider = readFileSync(
      join(ROOT, 'grafana/provisioning/dashboards/wardline.yaml'),
      'utf8',
    )
    const path = /^\s*path: (\S+)$/m.exec(provider)?.[1]
    expect(services['grafana']?.volumes).toContain(`./grafana/dashboards:${path}:ro`)
  })

  test('Grafana makes no administrator with a well-known password', () => {
    expect(services['grafana']?.environment).toMatchObject({
      GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION: 'true',
    })
  })
})

describe('docker compose up --scale collector=4', () => {
  const collector = services['collector']
  const deployed = parse(readFileSync(join(ROOT, 'deploy/wardline.yaml'), 'utf8')) as {
    collector: Readonly<Record<string, unknown>>
    api: { collector_url: string }
  }

  test('works: none has a name or a port of the host that another one would want too', () => {
    expect(collector?.ports).toBeUndefined()
    expect(deployed.collector).not.toHaveProperty('name')
  })

  test('reaches any of them where a person probes by hand', () => {
    expect(new URL(deployed.api.collector_url).hostname).toBe('collector')
  })
})

test('what the image is made of exists, and gets past .dockerignore', () => {
  const letIn = readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n')
  const sources = copiedIntoImage().map(([source]) => source)
  expect(sources).toContain('bin')
  for (const source of sources) {
    expect(existsSync(join(ROOT, source)), source).toBe(true)
    expect(letIn).toContain(`!${source}`)
  }
})
