/** The API reference in a real browser: its console, its colours, and a narrow screen. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { createOrganization, createTwilio } from '../support/butter.ts';
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

      it('tries requests for the organization that was chosen in the dashboard, and says which', async () => {
        const { page, app } = dashboard();
        const id = await createTwilio(app);
        const other = await createOrganization(app);
        const otherId = await createTwilio(other);
        await page.goto('/');
        await page.getByRole('link', { name: 'Add another organization' }).click();
        await page.getByRole('textbox', { name: 'API key' }).fill(other.roleKey);
        await page.getByRole('button', { name: 'Sign in', exact: true }).click();
        await heading(page, 'Overview');
        const switcher = page.getByRole('combobox', { name: 'Organization' });
        for (const [organizationId, own, foreign] of [
          [other.organizationId, otherId, id],
          [app.organizationId, id, otherId],
        ] as const) {
          await switcher.selectOption(organizationId);
          await page.goto('/docs/butter');
          await page.getByRole('status').filter({ hasText: organizationId }).waitFor();
          const { text } = await tryOut(page, 'GET /api/integrations List integrations', '/api/integrations');
          expect([text.includes(own), text.includes(foreign)]).toEqual([true, false]);
          await page.goto('/');
        }
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
          expect([path, await look(page)]).toEqual([path, { isDark: true, isWide: false }]);
        }
        // in one line, where it fits
        const title = await page.getByRole('heading', { level: 1 }).boundingBox();
        expect(title?.height).toBeLessThan(40);
        await page.goto('/docs/session');
        await heading(page, /Jackfield/);
        await page.emulateMedia({ colorScheme: 'light' });
        expect(await look(page)).toEqual({ isDark: false, isWide: false });
        // what was chosen in the dashboard comes before
        await page.setViewportSize({ width: 1280, height: 800 });
        await page.goto('/');
        await page.getByRole('radio', { name: 'Dark' }).check();
        for (const path of ['/docs', '/docs/session']) {
          await page.goto(path);
          await heading(page, /API reference|Jackfield/);
          expect([path, await look(page)]).toEqual([path, { isDark: true, isWide: false }]);
        }
      });
    },
    ['postgres'],
  );
});

/** Whether bright text stands on dark ground, and whether a part runs out of the screen. */
async function look(page: Page): Promise<{ readonly isDark: boolean; readonly isWide: boolean }> {
  const texts = (['paragraph', 'link', 'definition'] as const).reduce(
    (all, role) => all.or(page.getByRole(role)),
    page.getByRole('heading', { level: 1 }),
  );
  const inks = await texts.evaluateAll((elements: readonly any[]) =>
    elements.map((element): string => (globalThis as any).getComputedStyle(element).color),
  );
  const { ground, isWide } = await page.evaluate(() => {
    const { document, getComputedStyle } = globalThis as any;
    const { documentElement: root, body } = document;
    return {
      ground: String(getComputedStyle(body).backgroundColor),
      isWide: root.scrollWidth > root.clientWidth,
    };
  });
  expect(inks.length).toBeGreaterThan(0);
  const isDark = inks.every((ink) => brightness(ink) > 0.5) && brightness(ground) < 0.25;
  return { isDark, isWide };
}

/** Of rgb(…), from 0 to 1. */
function brightness(colour: string): number {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  return (red + green + blue) / (3 * 255);
}

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
