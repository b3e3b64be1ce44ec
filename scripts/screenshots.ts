/**
 * Takes pictures of every page, light and dark, wide and narrow, into docs/images: `npm run screenshots`. Behind
 * `--into` another folder, behind `--only` the beginning of the names of those that are wanted.
 */
import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { launchBrowser } from '../test/support/browser.ts';
import { type Stock, startStock } from './dashboard-stock.ts';

const { values } = parseArgs({
  options: {
    into: { type: 'string', default: fileURLToPath(new URL('../docs/images', import.meta.url)) },
    only: { type: 'string', default: '' },
    png: { type: 'boolean', default: false },
  },
});

const widths = { wide: 1280, narrow: 360 } as const;
const heights = { wide: 860, narrow: 740 } as const;

interface Shot {
  readonly name: string;
  readonly path: string;
  readonly prepare?: (page: Page) => Promise<void>;
}

function shotsOf({ segments, twilios, followedEvent }: Stock): readonly Shot[] {
  const segment = `/integrations/${segments[0]}`;
  return [
    { name: 'overview', path: '/' },
    { name: 'integrations', path: '/integrations?sort=health' },
    {
      name: 'delete',
      path: '/integrations?sort=health',
      prepare: openDelete(['Lifecycle campaigns', 'Billing notices']),
    },
    { name: 'delete-blocked', path: '/integrations', prepare: openDelete(['Support line']) },
    { name: 'new-integration', path: '/integrations/new' },
    { name: 'integration', path: segment },
    { name: 'integration-settings', path: `${segment}?tab=settings` },
    { name: 'integration-dead-letters', path: `${segment}?tab=dead-letters` },
    { name: 'integration-usage', path: `/integrations/${twilios[0]}?tab=usage` },
    { name: 'phone-numbers', path: '/phone-numbers' },
    { name: 'event-sources', path: '/event-sources' },
    { name: 'follow-event', path: `/follow?id=${encodeURIComponent(followedEvent)}` },
    { name: 'api-keys', path: '/api-keys' },
    { name: 'audit-log', path: '/audit-log' },
  ];
}

const openDelete =
  (names: readonly string[]) =>
  async (page: Page): Promise<void> => {
    for (const name of names)
      await page.getByRole('checkbox', { name: `Select ${name}` }).check({ force: true });
    await page.getByRole('button', { name: 'Delete…' }).click();
    await page.getByRole('heading', { name: 'What is deleted' }).waitFor();
  };

execFileSync(process.execPath, [fileURLToPath(new URL('build-dashboard.ts', import.meta.url))], {
  stdio: 'inherit',
});
await mkdir(values.into, { recursive: true });
await using stock = await startStock();
const browser = await launchBrowser();
try {
  for (const size of ['wide', 'narrow'] as const) {
    for (const colours of ['light', 'dark'] as const) {
      const context = await browser.newContext({
        viewport: { width: widths[size], height: heights[size] },
        colorScheme: colours,
        reducedMotion: 'reduce',
      });
      const page = await context.newPage();
      page.on('console', (message) => message.type() === 'error' && console.error(message.text()));
      page.on('pageerror', (error) => console.error(error));
      const suffix = `${colours}-${widths[size]}`;
      await page.goto(`${stock.url}/sign-in`);
      await page.getByRole('textbox', { name: 'API key' }).waitFor();
      if ('sign-in'.startsWith(values.only)) await take(page, `sign-in-${suffix}`);
      await page.getByRole('textbox', { name: 'API key' }).fill(stock.roleKey);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.getByRole('link', { name: 'Skip to the content' }).waitFor({ state: 'attached' });
      for (const { name, path, prepare } of shotsOf(stock)) {
        if (!name.startsWith(values.only)) continue;
        await page.goto(stock.url + path);
        await settle(page);
        await prepare?.(page);
        await settle(page);
        await take(page, `${name}-${suffix}`);
      }
      await context.close();
    }
  }
} finally {
  await browser.close();
}

/** Until nothing says that it is loading. */
async function settle(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).first().waitFor({ state: 'attached' });
  await page
    .getByText(/^Loading .*…$/)
    .first()
    .waitFor({ state: 'hidden' });
  await page.waitForTimeout(350);
}

async function take(page: Page, name: string): Promise<void> {
  if (values.png) {
    await page.screenshot({ path: join(values.into, `${name}.png`) });
    return;
  }
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 72 });
  await writeFile(join(values.into, `${name}.webp`), Buffer.from(data, 'base64'));
  await session.detach();
}
