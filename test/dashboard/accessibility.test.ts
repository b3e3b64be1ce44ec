/** Every page and dialog as axe sees it, in light and dark, on a wide screen and on a phone. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { cutOff, findingsOf, paint, phone, prepareAxe, problemsOf, wide } from '../support/accessibility.ts';
import type { TestApp } from '../support/app.ts';
import { become, heading, onDashboard, settle } from '../support/dashboard.ts';
import { createStock, type Stock, viewGroups } from '../support/dashboard-views.ts';
import type { View } from '../support/view.ts';
import { createSegment } from '../support/webhook.ts';

describe('the dashboard and the reference are accessible, light and dark, wide and narrow', () => {
  onDashboard(
    (dashboard) => {
      let stock: Promise<Stock> | undefined;
      it.for(Object.entries(viewGroups))('%s', { timeout: 180_000 }, async ([, groupOf]) => {
        const { page, context, app, sink } = dashboard();
        await prepareAxe(context);
        const { views, key } = groupOf(await (stock ??= createStock(app, sink)));
        if (key !== undefined) await become(dashboard(), key);
        const problems: Record<string, unknown> = {};
        for (const view of views) {
          await show(page, app, view);
          // who may do less sees less of what the first groups have shown in dark and on a phone
          const found = key === undefined ? await problemsOf(page) : await findingsOf(page);
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

async function show(page: Page, app: TestApp, view: View): Promise<void> {
  await page.setViewportSize(view.isNarrow ? phone : wide);
  if (view.stays) await paint(page, 'light');
  else {
    await page.emulateMedia({ colorScheme: 'light' });
    await page.goto(view.path);
  }
  await heading(page, view.title);
  await settle(page);
  await view.open?.(page, app);
  await settle(page);
}
