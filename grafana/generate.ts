import { writeFile } from 'node:fs/promises'
import { DASHBOARDS, render } from './catalog.ts'

// `npm run grafana`: writes the committed files that Grafana's provisioning reads.
for (const [file, dashboard] of Object.entries(DASHBOARDS)) {
  await writeFile(new URL(`dashboards/${file}`, import.meta.url), render(dashboard()))
}
