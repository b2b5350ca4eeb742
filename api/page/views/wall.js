export const view = {
  title: (app) => app.text('wall.title'),
  open: () => ({}),
}
