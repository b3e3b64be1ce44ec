import { describe, expect, it } from 'vitest';
import { createOrganization, createRoleKey } from '../support/butter.ts';
import { heading, onDashboard, signIn } from '../support/dashboard.ts';
import { until } from '../support/delivery.ts';
import { query } from '../support/sql.ts';

describe('signing in to the dashboard', () => {
  onDashboard((dashboard, kind) => {
    it('refuses an unknown key in words, and signs out', async () => {
      const { page } = dashboard();
      await page.goto('/');
      await page.getByRole('button', { name: 'Sign out' }).click();
      await heading(page, 'Sign in');
      await page.getByRole('textbox', { name: 'API key' }).fill('bk_live_unknown');
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.getByRole('alert').filter({ hasText: 'unknown, revoked or expired' }).waitFor();
      await page.goto('/integrations');
      await heading(page, 'Sign in');
    });

    it('comes back to the page where the session ended', async () => {
      const { page, context, app } = dashboard();
      await page.goto('/integrations?sort=name');
      await heading(page, 'Integrations');
      // expired on the server; where the test cannot reach its store, forgotten by the browser
      if (kind === 'postgres')
        await query(app.database.environment['DATABASE_URL'] ?? '', 'update session set expires_at = now()');
      else await context.clearCookies();
      await page.getByRole('combobox', { name: 'Order' }).selectOption('waiting');
      await heading(page, 'Sign in');
      await page.getByRole('status').filter({ hasText: 'Your session has ended' }).waitFor();
      await page.getByRole('textbox', { name: 'API key' }).fill(app.roleKey);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await heading(page, 'Integrations');
      expect(new URL(page.url()).searchParams.get('sort')).toBe('waiting');
    });

    it('says that the server is away, and goes on when it is back', async () => {
      const { page, line } = dashboard();
      const live = page.getByRole('status').filter({ hasText: /^Live$/ });
      await page.setViewportSize({ width: 360, height: 740 });
      await page.clock.install();
      await page.goto('/integrations');
      await live.waitFor();
      await line.cut();
      // at once, and where it is seen on a phone too
      await page
        .getByRole('status')
        .filter({ hasText: /^Server not reached$/ })
        .waitFor({ timeout: 5_000 });
      await page.getByRole('combobox', { name: 'Order' }).selectOption('name');
      // it is asked a few times, with longer and longer pauses, before it is called unreachable
      const alert = page.getByRole('alert').filter({ hasText: 'The server cannot be reached' });
      const later = async (isThere: boolean) => {
        await page.clock.fastForward(5_000);
        expect(await alert.isVisible()).toBe(isThere);
      };
      await until(async () => await later(true));
      await line.mend();
      await until(async () => await later(false));
      await live.waitFor();
    });

    // what follows is the same whatever the database is
    if (kind === 'embedded') return;

    it('never leads to another site afterwards', async () => {
      const { page, context, app, sink } = dashboard();
      await context.clearCookies();
      const { host } = new URL(sink.url);
      for (const from of [sink.url, `/\t/${host}`, 'javascript:alert(1)']) {
        await page.goto(`/sign-in?from=${encodeURIComponent(from)}`);
        await page.getByRole('textbox', { name: 'API key' }).fill(app.roleKey);
        await page.getByRole('button', { name: 'Sign in', exact: true }).click();
        await heading(page, 'Overview');
      }
    });

    it('shows its pages whatever their addresses hold', async () => {
      const { page } = dashboard();
      await page.goto('/audit-log?from=2026-13-45&to=5&action=7');
      await page.getByRole('heading', { name: 'No entries' }).waitFor();
      await page.goto('/follow?id=12345678901234567890');
      await page.getByRole('status').filter({ hasText: 'No such event is in the log' }).waitFor();
      expect(await page.getByRole('textbox', { name: 'Event id' }).inputValue()).toBe('12345678901234567890');
      await page.getByRole('textbox', { name: 'Event id' }).fill('12345');
      await page.getByRole('button', { name: 'Follow', exact: true }).click();
      await page.waitForURL('**/follow?id=12345');
      await page.goto('/integrations?state=bar&sort=bogus&provider=toString&category=3&search=7');
      await page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
      expect(await page.getByRole('alert').count()).toBe(0);
    });

    it('switches between the organizations of several keys', async () => {
      const { page, app } = dashboard();
      const other = await createOrganization(app);
      await page.goto('/');
      await page.getByRole('link', { name: 'Add another organization' }).click();
      await heading(page, 'Sign in');
      await page.getByRole('textbox', { name: 'API key' }).fill(other.roleKey);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await heading(page, 'Overview');
      const switcher = page.getByRole('combobox', { name: 'Organization' });
      expect(await switcher.inputValue()).toBe(other.organizationId);
      await page.getByRole('heading', { name: 'Two steps, and events flow' }).waitFor();
      await switcher.selectOption(app.organizationId);
      expect(await switcher.inputValue()).toBe(app.organizationId);
      // with a key of one that is open already it is gone to as well
      await page.getByRole('link', { name: 'Add another organization' }).click();
      await page.getByRole('textbox', { name: 'API key' }).fill(other.roleKey);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await heading(page, 'Overview');
      expect(await switcher.inputValue()).toBe(other.organizationId);
    });

    it('offers a reader nothing that would be refused', async () => {
      const { page, app } = dashboard();
      const key = await createRoleKey(app, 'user');
      await page.goto('/');
      await page.getByRole('button', { name: 'Sign out' }).click();
      await heading(page, 'Sign in');
      await signIn(page, key);
      await page.getByRole('heading', { name: 'Two steps, and events flow' }).waitFor();
      expect(await page.getByRole('link', { name: 'Add an integration' }).count()).toBe(0);
      await page.getByRole('link', { name: 'Integrations', exact: true }).click();
      await heading(page, 'Integrations');
      expect(await page.getByRole('link', { name: 'Add an integration' }).count()).toBe(0);
      const reference = page.getByRole('link', { name: 'API reference' });
      expect(await reference.getAttribute('href')).toBe('/docs');
      await page.getByRole('link', { name: 'Audit log' }).click();
      await page.getByRole('note', { name: 'The audit log is for admins' }).waitFor();
      await page.goto('/integrations/new');
      await page.getByRole('note', { name: 'Integrations are added by admins' }).waitFor();
    });
  });
});
