import { defineModule } from './define.ts'
import { host } from './host-resources.ts'

/** Windows' agent has HOST-RESOURCES-MIB and nothing beyond it that is worth a poll. */
export const windows = defineModule('windows', ...host)
