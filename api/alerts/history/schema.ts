import { z } from '@hono/zod-openapi'
import { time } from '../../schemas.ts'

const text = z.string().nullable()
const seconds = z.number().min(0)

/** One time that an alert fired. */
export const episodeSchema = z
  .strictObject({
    alert: z.string().meta({ examples: ['DeviceDown'] }),
    severity: text,
    device: text,
    device_name: text,
    branch: text,
    region: text,
    labels: z.record(z.string(), z.string()),
    start: time.describe(
      'Since when its condition held; it may be before the time that was asked for',
    ),
    end: time
      .nullable()
      .describe('Null where it still fired at the end of the time that was asked for'),
    duration_seconds: seconds,
    notifications: z
      .array(
        z.strictObject({
          at: time,
          receiver: z.string(),
          result: z.string().meta({ examples: ['accepted'] }),
          reason: z.string().describe('Why it failed, or what was told'),
          seconds: seconds
            .nullable()
            .describe('Of the attempt; null for a message about several devices'),
        }),
      )
      .describe('Attempts to tell a receiver of it, oldest first'),
  })
  .openapi('AlertEpisode')

export type EpisodeJson = z.output<typeof episodeSchema>
