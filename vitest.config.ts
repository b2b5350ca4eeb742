import { defineConfig } from 'vitest/config'
import BalancedShards from './test/shards.ts'

// Unit tests stand beside nothing outside; integration and e2e tests start the real VictoriaMetrics, Redis,
// fping and snmpd, and run inside a network namespace of their own (see test/run.ts).
export default defineConfig({
  test: {
    sequence: { sequencer: BalancedShards },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          setupFiles: ['test/seed.ts'],
          testTimeout: 30_000, // so that a machine that has others' work to do fails none
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          setupFiles: ['test/seed.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000, // no second try mends what a hook didn't wait for
          fileParallelism: false,
          retry: 1, // told at the end of the run: see test/second-try.ts
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          retry: 1, // told at the end of the run: see test/second-try.ts
        },
      },
    ],
  },
})
