// Shows the OpenAPI file that the page names.
const element = document.querySelector('#reference');
const organizationLine = document.querySelector('#organization');

/** Who is signed in to the dashboard needs no key here: the request says so as the dashboard's own do. */
async function asSignedIn(request) {
  const { origin, pathname } = new URL(request.url, globalThis.location.href);
  const names = new Set(Object.keys(request.headers).map((name) => name.toLowerCase()));
  const isOurs = origin === globalThis.location.origin && /^\/(api|session)(\/|$)/.test(pathname);
  if (!isOurs || names.has('x-api-key') || names.has('authorization')) return request;
  const session = await readSession();
  if (session === undefined) return request;
  request.headers['X-CSRF-Token'] = session.csrf_token;
  if (!names.has('x-organization-id')) {
    request.headers['X-Organization-Id'] = organizationOf(session)?.organization_id ?? '';
  }
  return request;
}

async function readSession() {
  const answer = await fetch('/session');
  const session = answer.ok ? (await answer.json()).data : undefined;
  if (organizationLine !== null) organizationLine.textContent = lineOf(session && organizationOf(session));
  return session;
}

/** The one that the dashboard shows in this tab, where it is one of the session's, else the first. */
function organizationOf({ organizations }) {
  const chosen = sessionStorage.getItem('jackfield.organization');
  return organizations.find((each) => each.organization_id === chosen) ?? organizations[0];
}

function lineOf(organization) {
  if (organization === undefined) return '';
  const { name, organization_id: id } = organization;
  return `You are signed in: requests without a key are made for the organization ${name ? `${name} (${id})` : id}.`;
}

/** What Swagger UI leaves without a name that can be read out, or out of reach of the keyboard. */
function complete() {
  label('#servers', () => 'Server');
  label('select:not(#servers)', (select) => select.closest('tr')?.dataset.paramName ?? 'Media type');
  label('textarea.body-param__text', () => 'Request body');
  label('.close-modal', () => 'Close');
  // read out as it is shown
  for (const button of element.querySelectorAll('[aria-label="Apply credentials"]')) {
    button.setAttribute('aria-label', `${button.textContent}: apply credentials`);
  }
  for (const code of element.querySelectorAll('pre:not([tabindex])')) code.tabIndex = 0;
}

function label(selector, nameOf) {
  for (const each of element.querySelectorAll(`:is(${selector}):not([aria-label])`)) {
    each.setAttribute('aria-label', nameOf(each));
  }
}

let isDue = false;
new MutationObserver(() => {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    complete();
  });
}).observe(element, { childList: true, subtree: true });

/** The path of an operation stands inside its button, which leads to its address: no link of its own goes there. */
const withoutNestedLinks = {
  wrapComponents: {
    DeepLink:
      (DeepLink, { React }) =>
      (props) =>
        props.path?.includes('/')
          ? React.createElement('span', undefined, props.text)
          : React.createElement(DeepLink, props),
  },
};

globalThis.SwaggerUIBundle({
  url: element.dataset.url,
  domNode: element,
  deepLinking: true,
  layout: 'BaseLayout',
  presets: [globalThis.SwaggerUIBundle.presets.apis],
  plugins: [withoutNestedLinks],
  tryItOutEnabled: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  // nothing is asked of other servers
  validatorUrl: null,
  requestInterceptor: asSignedIn,
});

if (organizationLine !== null) void readSession();
