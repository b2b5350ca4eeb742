import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { PARTS } from '../../../setup.mjs'

const SETUP = join(import.meta.dirname, '../../../setup.mjs')
let bin = ''
beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), 'wardline-bin-'))
  symlinkSync(process.execPath, join(bin, 'node'))
})
afterEach(() => rmSync(bin, { recursive: true, force: true }))

function provide(program: string, script: string): void {
  writeFileSync(join(bin, program), `#!/bin/sh\n${script}\n`)
  chmodSync(join(bin, program), 0o755)
}

/** Runs setup as a machine sees it on whose PATH there is nothing but `bin`. */
function setup(...args: string[]) {
  const startedAt = performance.now()
  const { status, stdout, stderr } = spawnSync(process.execPath, [SETUP, ...args], {
    env: { PATH: bin, WARDLINE_CONFIG: join(bin, 'wardline.yaml') },
    encoding: 'utf8',
  })
  return { status, stdout, stderr, ms: performance.now() - startedAt }
}

test('where everything is there it prints nothing, starts no other program and takes under a second', () => {
  for (const { program } of PARTS) provide(program, `: > ${join(bin, 'started')}`)
  const { ms, ...outcome } = setup('--test')
  expect(outcome).toEqual({ status: 0, stdout: '', stderr: '' })
  expect(existsSync(join(bin, 'started'))).toBe(false)
  expect(ms).toBeLessThan(1_000)
})

test('without apt it lists what is missing and how to get it, without a stack trace, and exits with 2', () => {
  const { status, stderr } = setup()
  expect(status).toBe(2)
  expect(stderr).toMatch(/fping +sends the pings/)
  expect(stderr).toMatch('docker compose up')
  expect(stderr).not.toMatch(/ {4}at /)
})

test('stores that are configured elsewhere are not asked for', () => {
  for (const { program, url } of PARTS) if (url === undefined) provide(program, '')
  writeFileSync(
    join(bin, 'wardline.yaml'),
    'victoriametrics:\n  url: http://10.0.0.1:8428\nredis: { url: redis://10.0.0.1 }\n',
  )
  expect(setup()).toMatchObject({ status: 0, stderr: '' })
})
