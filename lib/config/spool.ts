import { z } from 'zod'
import { whole } from './fields.ts'

const error = 'expected a whole number from 1048576 (1 MiB) to 1099511627776 (1 TiB), or 0 for none'

export const spoolSchema = z.strictObject({
  bytes: whole(0, 1_099_511_627_776)
    .refine((bytes) => bytes === 0 || bytes >= 1_048_576, { error })
    .default(1_073_741_824)
    .describe('Bound of what waits on disk, under data_dir; past it the oldest goes. 0: none'),
})
