// Shows the OpenAPI file that the page names, in the colours of the system.
const dark = globalThis.matchMedia('(prefers-color-scheme: dark)');
const paint = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
paint();
dark.addEventListener('change', paint);

/** Who is signed in to the dashboard needs no key here: the request says so as the dashboard's own do. */
async function asSignedIn(request) {
  const { origin, pathname } = new URL(request.url, globalThis.location.href);
  const names = new Set(Object.keys(request.headers).map((name) => name.toLowerCase()));
  const isOurs = origin === globalThis.location.origin && /^\/(api|session)(\/|$)/.test(pathname);
  if (!isOurs || names.has('x-api-key') || names.has('authorization')) return request;
  const session = await fetch('/session');
  if (!session.ok) return request;
  const { data } = await session.json();
  request.headers['X-CSRF-Token'] = data.csrf_token;
  if (!names.has('x-organization-id')) {
    request.headers['X-Organization-Id'] = data.organizations[0]?.organization_id ?? '';
  }
  return request;
}

const element = document.querySelector('#reference');
globalThis.SwaggerUIBundle({
  url: element.dataset.url,
  domNode: element,
  deepLinking: true,
  layout: 'BaseLayout',
  presets: [globalThis.SwaggerUIBundle.presets.apis],
  tryItOutEnabled: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  // nothing is asked of other servers
  validatorUrl: null,
  requestInterceptor: asSignedIn,
});
