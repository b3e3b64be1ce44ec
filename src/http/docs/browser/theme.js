// Paints a page as it was chosen in the dashboard, else as the system has it.
const dark = globalThis.matchMedia('(prefers-color-scheme: dark)');
function paint() {
  const { classList, dataset } = document.documentElement;
  const chosen = localStorage.getItem('jackfield.theme');
  dataset.theme = chosen === 'dark' || (chosen !== 'light' && dark.matches) ? 'dark' : 'light';
  // what Swagger UI goes by
  classList.toggle('dark-mode', dataset.theme === 'dark');
}
paint();
dark.addEventListener('change', paint);
// chosen in another tab
globalThis.addEventListener('storage', paint);
