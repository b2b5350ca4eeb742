import { setTimeout as delay } from 'node:timers/promises'
import { inventoryOf } from '../../fakes/inventory.ts'
import { seldomPinged, startApi } from './stand.ts'

/** Prints what the API tells of one device that doesn't depend on when it is asked: run under several time zones. */
const [, , vmUrl = '', redisUrl = ''] = process.argv
await using api = await startApi({ vmUrl, redisUrl }, inventoryOf(seldomPinged('abroad')))
let answer = await api.get('/api/v1/devices/abroad')
while (answer.body.status !== 'down') {
  await delay(50)
  answer = await api.get('/api/v1/devices/abroad')
}
const history = await api.get('/api/v1/devices/abroad/history?range=13mo')
const alerts = await api.get('/api/v1/alerts')
const { down_since, since, last_sample_at, problems } = answer.body
console.log(
  JSON.stringify({
    device: { down_since, since, last_sample_at, problems },
    outages: history.body.outages.map(({ start, end }: Record<string, unknown>) => ({
      start,
      end,
    })),
    alerts: alerts.body,
  }),
)
