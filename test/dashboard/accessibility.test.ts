/** Every page and dialog as axe sees it, in light and dark, on a wide screen and on a phone. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { cutOff, paint, prepareAxe, seriousProblems } from '../support/accessibility.ts';
import type { TestApp } from '../support/app.ts';
import { heading, onDashboard, settle } from '../support/dashboard.ts';
import { createStock, type Stock, type View, viewsOf } from '../support/dashboard-views.ts';
import { createSegment } from '../support/webhook.ts';

const wide = { width: 1280, height: 860 };
const phone = { width: 360, height: 740 };
/** Those that another width can make a difference to. */
const rulesOfWidth = [
  'aria-hidden-focus',
  'button-name',
  'label',
  'link-name',
  'scrollable-region-focusable',
  'target-size',
];

describe('the dashboard and the reference are accessible, light and dark, wide and narrow', () => {
  onDashboard(
    (dashboard) => {
      let stock: Promise<Stock> | undefined;
      it.for(['pages', 'dialogs', 'reference'] as const)('%s', { timeout: 180_000 }, async (group) => {
        const { page, context, app, sink } = dashboard();
        await prepareAxe(context);
        const views = viewsOf(await (stock ??= createStock(app, sink)))[group];
        const problems: Record<string, unknown> = {};
        for (const view of views) {
          const found = await problemsOf(page, app, view);
          if (found.length > 0) problems[view.name] = found;
        }
        expect(problems).toEqual({});
      });

      it('what has the focus is seen on a phone, the head of a table too', async () => {
        const { page, app } = dashboard();
        await createSegment(app);
        await page.setViewportSize(phone);
        await page.goto('/integrations');
        await page.getByRole('checkbox', { name: 'Select all on this page' }).focus();
        const head = page.getByRole('rowgroup').first();
        expect((await head.boundingBox())?.height).toBeGreaterThan(24);
        expect(await cutOff(page)).toEqual([]);
      });
    },
    ['postgres'],
  );
});

async function problemsOf(page: Page, app: TestApp, view: View): Promise<readonly string[]> {
  await paint(page, 'light');
  await page.setViewportSize(view.isNarrow ? phone : wide);
  await page.goto(view.path);
  await heading(page, view.title);
  await settle(page);
  await view.open?.(page, app);
  await settle(page);
  const whole = await seriousProblems(page);
  await paint(page, 'dark');
  const dark = await seriousProblems(page, ['color-contrast']);
  await page.setViewportSize(phone);
  const narrow = await seriousProblems(page, rulesOfWidth);
  return [...whole, ...dark, ...narrow, ...(await cutOff(page))];
}
