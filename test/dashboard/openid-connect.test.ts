/** Signing in at an issuer of another site, in a real browser: what SameSite cookies really do is seen only there. */
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareAxe, problemsOf } from '../support/accessibility.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { launchBrowser } from '../support/browser.ts';
import { createOrganization } from '../support/butter.ts';
import { heading } from '../support/dashboard.ts';
import { freePort } from '../support/postgres-server.ts';
import { SignInIssuer } from '../support/sign-in-issuer.ts';

const dashboardFolder = fileURLToPath(new URL('../../dashboard/dist', import.meta.url));

describe.each(['postgres'] as const)('signing in to the dashboard with OpenID Connect, on %s', (kind) => {
  // by another name than the issuer's: to the browser they are two sites
  let publicUrl: string;
  let issuer: SignInIssuer;
  let app: TestApp;
  let browser: Browser;
  beforeAll(async () => {
    publicUrl = `http://localhost:${await freePort()}`;
    issuer = await SignInIssuer.start(publicUrl);
    app = await startApp(kind, issuer.environmentFor(publicUrl), dashboardFolder);
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await app[Symbol.asyncDispose]();
    await issuer[Symbol.asyncDispose]();
  });

  it('leads to the issuer and back to the page that was asked for, and stays signed in', async () => {
    const claims = { name: 'Ada', organizations: [app.organizationId], role: 'admin' };
    issuer.person = { id: 'ada|1', claims };
    await using context = await browser.newContext({ baseURL: publicUrl, reducedMotion: 'reduce' });
    const page = await context.newPage();
    await page.goto('/integrations?sort=name');
    await heading(page, 'Sign in');
    await page.getByRole('link', { name: 'Sign in with your organization' }).click();
    await heading(page, 'Integrations');
    expect(new URL(page.url()).origin).toBe(publicUrl);
    expect(new URL(page.url()).searchParams.get('sort')).toBe('name');
    const cookies = await context.cookies(publicUrl);
    expect(cookies.filter(({ name }) => name.startsWith('jackfield'))).toMatchObject([
      { name: 'jackfield_session', httpOnly: true, sameSite: 'Strict' },
    ]);
    await page.reload();
    await heading(page, 'Integrations');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await heading(page, 'Sign in');
  });

  it('says that a key ends such a session instead of adding to it', async () => {
    const claims = { name: 'Ada', organizations: [app.organizationId], role: 'admin' };
    issuer.person = { id: 'ada|2', claims };
    const other = await createOrganization(app);
    await using context = await browser.newContext({ baseURL: publicUrl, reducedMotion: 'reduce' });
    const page = await context.newPage();
    await page.goto('/');
    await page.getByRole('link', { name: 'Sign in with your organization' }).click();
    await heading(page, 'Overview');
    const another = page.getByRole('link', { name: 'Add another organization' });
    expect(await another.count()).toBe(0);
    await page.getByRole('link', { name: 'Sign in with a key (ends this session)…' }).click();
    await page.getByRole('textbox', { name: 'API key' }).fill(other.roleKey);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await heading(page, 'Overview');
    const organizations = page.getByRole('combobox', { name: 'Organization' }).getByRole('option');
    expect(await organizations.count()).toBe(1);
    // and the other way round
    await another.click();
    const sentence = 'This ends the session that you have with a key.';
    await page.getByRole('main').filter({ hasText: sentence }).waitFor();
  });

  it('says that it worked, and leads on where the browser does not do so by itself', async () => {
    const claims = { name: 'Ada', organizations: [app.organizationId], role: 'admin' };
    issuer.person = { id: 'ada|3', claims };
    await using context = await browser.newContext({ baseURL: publicUrl, reducedMotion: 'reduce' });
    await prepareAxe(context);
    const page = await context.newPage();
    await page.goto('/audit-log');
    await page.route('**/audit-log', async (route) => await route.fulfill({ status: 204 }));
    await page.getByRole('link', { name: 'Sign in with your organization' }).click();
    await heading(page, 'Signed in');
    expect(await problemsOf(page)).toEqual([]);
    await page.unroute('**/audit-log');
    await page.getByRole('link', { name: 'Go on' }).click();
    await heading(page, 'Audit log');
  });

  it('says so when somebody changes their mind at the issuer, and can be tried again', async () => {
    issuer.person = undefined;
    await using context = await browser.newContext({ baseURL: publicUrl, reducedMotion: 'reduce' });
    await prepareAxe(context);
    const page = await context.newPage();
    await page.goto('/');
    await page.getByRole('link', { name: 'Sign in with your organization' }).click();
    await heading(page, 'Not signed in');
    expect(await problemsOf(page)).toEqual([]);
    expect(await context.cookies(publicUrl)).not.toContainEqual(
      expect.objectContaining({ name: 'jackfield_session' }),
    );
    await page.getByRole('link', { name: 'Try again' }).click();
    await heading(page, 'Sign in');
  });
});
