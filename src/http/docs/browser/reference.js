// Shows the OpenAPI file that the page names.
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
});
