/** The API reference in a real browser: its console, its colours, and a narrow screen. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { createTwilio } from '../support/butter.ts';
import { heading, onDashboard } from '../support/dashboard.ts';

describe('the API reference', () => {
  onDashboard(
    (dashboard) => {
      it('lets who is signed in try a request without a key, and others with one', async () => {
        const { page, app, context } = dashboard();
        const id = await createTwilio(app);
        await page.goto('/docs/butter');
        const list = async () =>
          await tryOut(page, 'GET /api/integrations List integrations', '/api/integrations');
        const listed = { status: 200, text: expect.stringContaining(id) };
        expect(await list()).toMatchObject(listed);
        await context.clearCookies();
        expect((await list()).status).toBe(401);
        await authorize(page, [app.roleKey, app.organizationId]);
        expect(await list()).toMatchObject(listed);
      });

      it('tries requests of the operator, with the operator’s key', async () => {
        const { page, app } = dashboard();
        await page.goto('/docs/operator');
        await authorize(page, [app.operatorKey]);
        const list = await tryOut(page, 'GET /operator/organizations One page', '/operator/organizations');
        expect(list).toMatchObject({ status: 200, text: expect.stringContaining(app.organizationId) });
      });

      it('is dark where the system is, on every page, and fits a narrow screen', async () => {
        const { page } = dashboard();
        await page.emulateMedia({ colorScheme: 'dark' });
        await page.setViewportSize({ width: 360, height: 800 });
        for (const path of ['/docs', '/docs/session', '/docs/errors', '/docs/errors/integrations_in_use']) {
          await page.goto(path);
          await heading(page, /API reference|Jackfield|Errors|integrations_in_use/);
          expect([path, await page.evaluate(look)]).toEqual([path, { isDark: true, isWide: false }]);
        }
        // in one line, where it fits
        const title = await page.getByRole('heading', { level: 1 }).boundingBox();
        expect(title?.height).toBeLessThan(40);
        await page.goto('/docs/session');
        await heading(page, /Jackfield/);
        await page.emulateMedia({ colorScheme: 'light' });
        expect(await page.evaluate(look)).toEqual({ isDark: false, isWide: false });
      });
    },
    ['embedded'],
  );
});

/** Runs in the browser: whether bright text stands on dark ground everywhere, and whether a part runs out of the screen. */
const look = `(() => {
  const brightness = (color) => color.match(/[\\d.]+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0);
  const isBright = (element) => brightness(getComputedStyle(element).color) > 3 * 128;
  const isOnDark = (element) => {
    const color = getComputedStyle(element).backgroundColor;
    return color === 'rgba(0, 0, 0, 0)' || brightness(color) < 3 * 64;
  };
  const every = (selector, check) => [...document.querySelectorAll(selector)].every(check);
  const root = document.documentElement;
  return {
    isDark: every('h1, p, a, dd', isBright) && every('html, body, main, main > div, section', isOnDark),
    isWide: root.scrollWidth > root.clientWidth,
  };
})()`;

/** Sends what an operation suggests, and waits until the answer is shown. */
async function tryOut(
  page: Page,
  operation: string,
  path: string,
): Promise<{ status: number; text: string }> {
  const head = page.getByRole('button', { name: operation });
  await head.click();
  const answered = page.waitForResponse((response) => new URL(response.url()).pathname === path);
  await page.getByRole('button', { name: 'Execute' }).click();
  const answer = await answered;
  const id = answer.headers()['x-request-id'] ?? '';
  await page.getByRole('row').filter({ hasText: id }).first().waitFor();
  await head.click();
  return { status: answer.status(), text: await answer.text() };
}

async function authorize(page: Page, values: readonly string[]): Promise<void> {
  await page.getByRole('button', { name: 'Authorize', exact: true }).click();
  // a form for each; one that is filled in has no field any more
  for (const value of values) {
    await page.getByRole('textbox').first().fill(value);
    await page.getByRole('button', { name: 'Apply credentials' }).first().click();
  }
  await page.getByRole('button', { name: 'Close' }).first().click();
}
