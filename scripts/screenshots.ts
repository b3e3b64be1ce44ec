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
import { startStock } from './dashboard-stock.ts';
import { type Shot, shotsOf } from './stock/shots.ts';

const { values } = parseArgs({
  options: {
    into: { type: 'string', default: fileURLToPath(new URL('../docs/images', import.meta.url)) },
    only: { type: 'string', default: '' },
    png: { type: 'boolean', default: false },
    // to the end of the page, for whoever looks for what is wrong
    full: { type: 'boolean', default: false },
  },
});

const wide = { width: 1280, height: 860 } as const;
const narrow = { width: 360, height: 740 } as const;

execFileSync(process.execPath, [fileURLToPath(new URL('build-dashboard.ts', import.meta.url))], {
  stdio: 'inherit',
});
await mkdir(values.into, { recursive: true });
await using stock = await startStock();
const browser = await launchBrowser();
try {
  const page = await browser.newPage({ viewport: wide, reducedMotion: 'reduce' });
  page.on('pageerror', (error) => console.error(error));
  const key = page.getByRole('textbox', { name: 'API key' });
  if ('sign-in'.startsWith(values.only)) await takeAll(page, { name: 'sign-in', path: '/sign-in' });
  await page.setViewportSize(wide);
  await page.goto(`${stock.url}/sign-in`);
  await key.fill(stock.roleKey);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('navigation', { name: 'Main' }).waitFor();
  for (const shot of shotsOf(stock)) {
    if (!shot.name.startsWith(values.only)) continue;
    await takeAll(page, shot);
  }
} finally {
  await browser.close();
}

async function takeAll(page: Page, { name, path, prepare, look }: Shot): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(wide);
    await page.goto(stock.url + path);
    await settle(page);
    await prepare?.(page);
    for (const size of [wide, narrow]) {
      await page.setViewportSize(size);
      if (!values.full) await page.evaluate('scrollTo(0, 0)');
      await look?.(page);
      await settle(page);
      await take(page, `${name}-${colorScheme}-${size.width}`);
    }
  }
}

/** Until nothing says that it is loading, and everything has been drawn. */
async function settle(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).first().waitFor({ state: 'attached' });
  await page
    .getByRole('status')
    .filter({ hasText: /^Loading .*…$/ })
    .first()
    .waitFor({ state: 'hidden' });
  await page.waitForTimeout(150);
}

async function take(page: Page, name: string): Promise<void> {
  if (values.png) {
    await page.screenshot({ path: join(values.into, `${name}.png`), fullPage: values.full });
    return;
  }
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 72 });
  await writeFile(join(values.into, `${name}.webp`), Buffer.from(data, 'base64'));
  await session.detach();
}
