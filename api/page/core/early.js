// Before the first paint: the theme and the language that were chosen here. No module, so that nothing is drawn before.
{
  const root = document.documentElement
  const read = (key) => {
    try {
      return localStorage.getItem(key)
    } catch {
      return null // storage may be switched off: then everything is as the system has it
    }
  }
  const theme = read('wardline.theme')
  if (theme === 'light' || theme === 'dark') root.dataset.theme = theme
  const language = read('wardline.language')
  if (language !== null) root.lang = language
}
