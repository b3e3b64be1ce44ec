/**
 * `npm run bench:dashboard [-- --integrations 10000 --attempts 1000000]`: how long pages take in Chromium, from the
 * request for them or from a click until what was asked for is there. Prints Markdown; times are medians, in ms.
 */
import { parseArgs } from 'node:util';
import type { BrowserContext, Page } from 'playwright-core';
import { launchBrowser } from '../../test/support/browser.ts';
import { signIn } from '../../test/support/browser-session.ts';
import { startPostgres } from '../../test/support/postgres-server.ts';
import { createPostgres } from '../database.ts';
import { startJackfield } from '../forward/jackfield-side.ts';
import { openBench } from '../forward/side.ts';
import { describeMachine } from '../machine.ts';
import { median } from '../measure.ts';
import { fill } from './stock.ts';

const rounds = 5;
const { values } = parseArgs({
  options: {
    integrations: { type: 'string', default: '10000' },
    attempts: { type: 'string', default: '1000000' },
  },
});

await using postgres = await startPostgres({ durable: true });
await using bench = await openBench();
const database = await createPostgres(postgres.url);
await using side = await startJackfield(bench, { database, organizations: 1, destinations: 1 });
const [owner] = side.owners;
const [first] = side.integrationIds;
if (owner === undefined || first === undefined) throw new Error('nothing was created');
await fill(database.url, first, {
  integrations: Number(values.integrations),
  attempts: Number(values.attempts),
});

const browser = await launchBrowser();
const times = new Map<string, number[]>();
for (let round = 0; round <= rounds; round++) {
  // one of its own: nothing is in its cache
  const context = await browser.newContext({ baseURL: side.url });
  await visit(context, round > 0);
  await context.close();
}
await browser.close();
console.log(`${await describeMachine(postgres.url)}\n`);
console.log(`${values.integrations} integrations, ${values.attempts} attempts in 24 hours.\n`);
console.log('| what | ms |\n| --- | --- |');
for (const [what, each] of times) console.log(`| ${what} | ${Math.round(median(each))} |`);

/** The first round warms the server up. */
async function visit(context: BrowserContext, counts: boolean): Promise<void> {
  const { client } = await signIn(side, owner?.roleKey ?? '');
  const [name = '', value = ''] = client.cookie.split('=', 2);
  await context.addCookies([{ name, value, url: side.url }]);
  const page = await context.newPage();
  const take = async (what: string, act: () => Promise<unknown>, seen: () => Promise<unknown>) => {
    const start = performance.now();
    await act();
    await seen();
    if (counts) times.set(what, [...(times.get(what) ?? []), performance.now() - start]);
  };
  const table = page.getByRole('table', { name: 'Integrations' });
  const listed = async () => (await table.getByRole('link').allInnerTexts()).join();
  await take(
    'overview: everything is there, with an empty cache',
    async () => await page.goto('/'),
    async () => {
      for (const figure of ['Events over time', 'Waiting and dead letters over time'])
        await page.getByRole('figure', { name: figure }).waitFor();
    },
  );
  if (counts)
    times.set('overview: first paint', [...(times.get('overview: first paint') ?? []), await paint(page)]);
  await take(
    'integrations, from the overview',
    async () => await page.getByRole('navigation').getByRole('link', { name: 'Integrations' }).click(),
    async () => await page.getByRole('cell', { name: 'Shop 1', exact: false }).first().waitFor(),
  );
  for (const order of ['Name', 'Waiting']) {
    const before = await listed();
    await take(
      `integrations, sorted by ${order.toLowerCase()}`,
      async () => await table.getByRole('columnheader', { name: order }).getByRole('button').click(),
      async () => {
        while ((await listed()) === before || (await table.getAttribute('aria-busy')) === 'true');
      },
    );
  }
  await take(
    'integrations, searched by name',
    async () => await page.getByRole('searchbox').fill(`Shop ${Number(values.integrations) - 1}`),
    async () => await page.getByRole('status').filter({ hasText: '1–1 of 1 integrations' }).waitFor(),
  );
  await take(
    'the integration with half of all attempts, with its chart',
    async () => await page.goto(`/integrations/${first}`),
    async () => await page.getByRole('figure').first().waitFor(),
  );
  await take(
    'its attempts',
    async () => await page.getByRole('tab', { name: 'Attempts' }).click(),
    async () => await page.getByRole('table', { name: 'Attempts' }).waitFor(),
  );
}

async function paint(page: Page): Promise<number> {
  return await page.evaluate(
    () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
  );
}
