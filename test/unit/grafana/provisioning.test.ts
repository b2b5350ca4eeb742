import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { DATA_SOURCE_UID } from '../../../grafana/variables.ts'

const read = async (file: string): Promise<unknown> =>
  parse(await readFile(new URL(`../../../grafana/provisioning/${file}`, import.meta.url), 'utf8'))

test('the data source is VictoriaMetrics, read as Prometheus, under the uid that dashboards name', async () => {
  expect(await read('datasources/victoriametrics.yaml')).toEqual({
    apiVersion: 1,
    datasources: [
      {
        name: 'VictoriaMetrics',
        uid: DATA_SOURCE_UID,
        type: 'prometheus',
        access: 'proxy',
        url: 'http://victoriametrics:8428',
        isDefault: true,
        jsonData: {
          httpMethod: 'POST',
          timeInterval: '15s',
          prometheusType: 'Prometheus',
          manageAlerts: true,
        },
      },
    ],
  })
})

test('dashboards come from a folder of files that the browser cannot change', async () => {
  expect(await read('dashboards/wardline.yaml')).toMatchObject({
    apiVersion: 1,
    providers: [
      {
        name: 'wardline',
        type: 'file',
        folder: 'wardline',
        allowUiUpdates: false,
        options: { path: '/var/lib/grafana/dashboards' },
      },
    ],
  })
})
