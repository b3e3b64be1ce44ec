/** What the API reference shows. */
import { press, type View } from './view.ts';

export const referencePages: readonly View[] = [
  { name: 'reference', path: '/docs', title: 'API reference' },
  { name: 'errors', path: '/docs/errors', title: 'Errors' },
  { name: 'error', path: '/docs/errors/integrations_in_use', title: 'integrations_in_use' },
  ...['sendgrid', 'session', 'operator'].map((name) => ({
    name: `reference of ${name}`,
    path: `/docs/${name}`,
    title: /Jackfield/,
  })),
  // large: it is loaded once
  {
    name: 'keys for requests',
    path: '/docs/butter',
    title: /Jackfield/,
    open: async (page) => {
      await press(page, 'Authorize');
      await page.getByRole('button', { name: 'Apply credentials' }).first().waitFor();
    },
  },
  {
    name: 'operations, with an answer and with a body',
    path: '/docs/butter',
    title: /Jackfield/,
    stays: true,
    open: async (page) => {
      await press(page, 'Close');
      await page.getByRole('button', { name: 'GET /api/integrations List integrations' }).click();
      await press(page, 'Execute');
      await page.getByRole('heading', { name: 'Response headers' }).waitFor();
      await page.getByRole('button', { name: 'POST /api/integrations Create' }).click();
      await page.getByRole('button', { name: 'Execute' }).nth(1).waitFor();
    },
  },
];
