import { z } from 'zod'
import { RedisUrlError, URL_EXPECTED, readRedisUrl } from '../redis/url.ts'

export const redisSection = z.strictObject({
  url: z
    .string()
    .regex(/^(redis|rediss|unix|redis\+sentinel|rediss\+sentinel):\/\/./, { error: URL_EXPECTED })
    .superRefine((url, context) => {
      try {
        readRedisUrl(url)
      } catch (error) {
        if (!(error instanceof RedisUrlError)) throw error
        context.addIssue(error.message)
      }
    })
    .optional()
    .describe(
      'redis://, rediss://, unix:// or redis+sentinel://host:26379,host:26379/master; left out: wardline starts one of its own on a unix socket',
    ),
})
