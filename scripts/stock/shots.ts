/** Which pages are pictured, and what is done there before. */
import type { Page } from 'playwright-core';
import type { Stock } from '../dashboard-stock.ts';

export interface Shot {
  readonly name: string;
  readonly path: string;
  readonly prepare?: (page: Page) => Promise<void>;
  /** Where to look, in each form of the page; the top of it unless said. */
  readonly look?: (page: Page) => Promise<void>;
}

export function shotsOf(stock: Stock): readonly Shot[] {
  const { segments, twilios, followedEvent } = stock;
  const at = (index: number, tab: string) => `/integrations/${segments[index]}?tab=${tab}`;
  return [
    { name: 'overview', path: '/' },
    { name: 'overview-day', path: '/', prepare: async (page) => await chooseDay(page) },
    { name: 'integrations', path: '/integrations?sort=health' },
    {
      name: 'delete',
      path: '/integrations?sort=health',
      prepare: openDelete('Lifecycle campaigns', 'Billing notices'),
    },
    { name: 'delete-blocked', path: '/integrations', prepare: openDelete('Support line') },
    {
      name: 'delete-mixed',
      path: '/integrations?sort=health',
      prepare: openDelete('Billing notices', 'Support line', 'Partner portal'),
    },
    { name: 'delete-reassign', path: '/integrations', prepare: reassign },
    { name: 'new-integration', path: '/integrations/new' },
    { name: 'integration', path: at(2, 'delivery') },
    { name: 'integration-down', path: at(4, 'delivery') },
    {
      name: 'integration-attempts',
      path: at(1, 'attempts'),
      prepare: findRefusal,
      look: async (page) => await refusals(page).last().scrollIntoViewIfNeeded(),
    },
    { name: 'integration-retries', path: at(4, 'attempts') },
    { name: 'integration-dead-letters', path: at(1, 'dead-letters') },
    { name: 'integration-settings', path: at(0, 'settings') },
    { name: 'integration-usage', path: `/integrations/${twilios[0]}?tab=usage` },
    { name: 'integration-history', path: at(5, 'history') },
    { name: 'integration-gone', path: '/integrations/intg_000000000000' },
    { name: 'replay', path: at(2, 'delivery'), prepare: press('Replay from a time…') },
    { name: 'phone-numbers', path: '/phone-numbers' },
    { name: 'number-import', path: '/phone-numbers', prepare: press('Import a number') },
    { name: 'number-edit', path: '/phone-numbers', prepare: press(/^Edit/) },
    { name: 'event-sources', path: '/event-sources' },
    { name: 'follow-event', path: `/follow?id=${encodeURIComponent(followedEvent)}` },
    { name: 'api-keys', path: '/api-keys' },
    { name: 'api-key-new', path: '/api-keys', prepare: press('Create a key') },
    { name: 'sendgrid-key-new', path: '/api-keys', prepare: press('Create a SendGrid key') },
    { name: 'audit-log', path: '/audit-log' },
    { name: 'audit-log-replay', path: '/audit-log', prepare: press(/^Replay [\d,]+ events? that/) },
    { name: 'not-found', path: '/nowhere' },
    { name: 'server-down', path: '/api-keys', prepare: cutOff },
    { name: 'docs', path: '/docs' },
    {
      name: 'docs-console',
      path: '/docs/butter',
      prepare: tryOperation,
      look: async (page) => await execute(page).scrollIntoViewIfNeeded(),
    },
    { name: 'docs-error', path: '/docs/errors/integrations_in_use' },
    // these change what is there
    { name: 'api-key-shown', path: '/api-keys', prepare: createKey },
    {
      name: 'delete-result',
      path: '/integrations',
      prepare: async (page) => {
        await stock.addDoomed();
        await page.reload();
        await openDelete('Spring campaign', 'Press list')(page);
        await page.getByRole('button', { name: 'Delete 2 integrations' }).click();
        await page.getByRole('button', { name: /^Replay \d/ }).waitFor();
      },
    },
  ];
}

function openDelete(...names: readonly string[]) {
  return async (page: Page): Promise<void> => {
    for (const name of names)
      await page.getByRole('checkbox', { name: `Select ${name}` }).check({ force: true });
    await page.getByRole('button', { name: 'Delete…' }).click();
    await page.getByRole('heading', { name: 'What is deleted' }).waitFor();
  };
}

async function reassign(page: Page): Promise<void> {
  await openDelete('Support line')(page);
  const choice = page.getByRole('combobox', { name: 'Reassign the phone numbers to' });
  await choice.getByRole('option', { name: 'Sales line' }).waitFor({ state: 'attached' });
  await choice.selectOption({ index: 1 });
  await page.getByRole('heading', { name: 'What happens' }).waitFor();
}

function press(name: string | RegExp) {
  return async (page: Page): Promise<void> => {
    await page.getByRole('button', { name }).first().click();
    await page.getByRole('heading', { level: 2 }).last().waitFor();
  };
}

async function chooseDay(page: Page): Promise<void> {
  await page.getByRole('combobox', { name: 'Time', exact: true }).selectOption('day');
}

const refusals = (page: Page) => page.getByRole('cell', { name: 'Refused, sent again in parts' });

/** The page with the newest one. */
async function findRefusal(page: Page): Promise<void> {
  const next = page.getByRole('button', { name: 'Next' });
  while ((await refusals(page).count()) === 0 && (await next.isEnabled())) {
    await next.click();
    await page.waitForTimeout(300);
  }
}

/** As when the server has gone away while the page was open. */
async function cutOff(page: Page): Promise<void> {
  await page.route('**/api/**', async (route) => await route.abort());
  await page.getByRole('button', { name: 'Create a key' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Nightly export');
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await page.getByRole('alert').first().waitFor();
  await page.unroute('**/api/**');
}

async function createKey(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Create a key' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Nightly export');
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await page.getByRole('heading', { name: 'The key was made' }).waitFor();
}

/** As who is signed in, without a key. */
async function tryOperation(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'GET /api/integrations List integrations' }).click();
  await execute(page).click();
  await page.getByRole('heading', { name: 'Response headers' }).waitFor();
}

/** Only one operation is open. */
const execute = (page: Page) => page.getByRole('button', { name: 'Execute' });
