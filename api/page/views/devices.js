export const view = {
  title: (app) => app.text('devices.title'),
  open: () => ({}),
}
