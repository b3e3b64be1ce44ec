import { describe, expect, it } from 'vitest';
import { butterCall, createOrganization, createRoleKey, createSendGridKey } from '../support/butter.ts';
import { become, onDashboard, settle, signIn } from '../support/dashboard.ts';
import { call } from '../support/http.ts';

describe('the keys for the SendGrid API in the dashboard', () => {
  onDashboard(
    (dashboard) => {
      it('are made with the scopes that are chosen, shown once, and revoked', async () => {
        const { page, app } = dashboard();
        // as on a phone, where all of it can be done, too
        await page.setViewportSize({ width: 360, height: 740 });
        await page.goto('/api-keys');
        const section = page.getByRole('region', { name: 'Keys for the SendGrid API' });
        await section
          .getByRole('row')
          .filter({ hasText: 'First key' })
          .filter({ hasText: 'Everything' })
          .waitFor();
        await section.getByRole('button', { name: 'Create a SendGrid key' }).click();
        const form = page.getByRole('dialog', { name: 'Create a SendGrid key' });
        await form.getByRole('textbox', { name: 'Name' }).fill('Mailer');
        const create = form.getByRole('button', { name: 'Create', exact: true });
        expect(await create.isDisabled()).toBe(true);
        for (const scope of ['marketing.read', 'marketing_campaigns.create']) {
          await form.getByRole('checkbox', { name: scope }).focus();
          await page.keyboard.press('Space');
        }
        await form.getByRole('checkbox', { name: 'marketing.read', checked: true }).waitFor();
        await create.click();

        const shown = page.getByRole('dialog', { name: 'The key was made' });
        const key = (await shown.getByRole('status', { name: 'Mailer' }).textContent()) ?? '';
        expect((await call(app, 'GET', '/v3/scopes', { key })).json).toEqual({
          scopes: ['marketing.read', 'marketing_campaigns.create'],
        });
        // no slip closes it
        await shown.getByRole('button', { name: 'Copy the key' }).focus();
        await page.keyboard.press('Escape');
        await shown.getByRole('button', { name: 'I have stored it' }).click();
        expect(await page.content()).not.toContain(key);

        const row = section.getByRole('row').filter({ hasText: 'Mailer' });
        await row.filter({ hasText: 'marketing_campaigns.create' }).waitFor();
        await row.getByRole('button', { name: 'Revoke the SendGrid key Mailer' }).click();
        await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click();
        await row.waitFor({ state: 'hidden' });
        expect((await call(app, 'GET', '/v3/scopes', { key })).status).toBe(401);
      });

      it('of full access are made with a name alone, and appear as others make them', async () => {
        const { page, app } = dashboard();
        await page.goto('/api-keys');
        await page.getByRole('button', { name: 'Create a SendGrid key' }).click();
        const form = page.getByRole('dialog', { name: 'Create a SendGrid key' });
        await form.getByRole('textbox', { name: 'Name' }).fill('Everything else');
        await form.getByRole('combobox', { name: 'Access' }).selectOption('full');
        expect(await form.getByRole('checkbox').count()).toBe(0);
        let posts = 0;
        await page.route('**/api/sendgrid-keys', async (route) => {
          if (route.request().method() !== 'POST' || ++posts > 1) return await route.continue();
          // carried out, and nobody hears of it
          await route.fetch();
          return await route.abort();
        });
        await form.getByRole('button', { name: 'Create', exact: true }).click();
        await form.getByRole('alert').filter({ hasText: 'The key was not made' }).waitFor();
        // the same key then, not a second one
        await form.getByRole('button', { name: 'Create', exact: true }).click();
        await page.getByRole('button', { name: 'I have stored it' }).click();
        const listed = (await butterCall(app, 'GET', '/api/sendgrid-keys')).json.data;
        const made = listed.filter(({ name }: { readonly name: string }) => name === 'Everything else');
        expect(made).toMatchObject([{ full_access: true }]);
        await createSendGridKey(app, { name: 'Theirs', scopes: ['subusers.read'] });
        await page
          .getByRole('row')
          .filter({ hasText: 'Theirs' })
          .filter({ hasText: 'subusers.read' })
          .waitFor();
      });

      it('and keys with roles are offered as far as the own role reaches', async () => {
        const { page, app } = dashboard();
        const own = await createOrganization(app);
        await createSendGridKey(own, { name: 'Reader', scopes: ['marketing.read'] });
        await createSendGridKey(own, { name: 'Key maker', scopes: ['marketing.read', 'api_keys.create'] });
        await become(dashboard(), await createRoleKey(own, 'agent_manager'));
        await page.goto('/api-keys');
        for (const row of ['Key maker', 'First key', 'Admin'])
          await page.getByRole('row').filter({ hasText: row }).first().waitFor();
        const revoke = page.getByRole('button', { name: /^Revoke / });
        expect(await revoke.count()).toBe(2);
        await page.getByRole('button', { name: 'Revoke the SendGrid key Reader' }).waitFor();
        await revoke.first().click();
        const question = page.getByRole('alertdialog');
        expect(await question.textContent()).not.toContain('last admin key');
        await question.getByRole('button', { name: 'Cancel' }).click();
        await page.getByRole('button', { name: 'Create a key' }).click();
        const choices = page.getByRole('combobox', { name: 'Role' }).getByRole('option');
        expect(await choices.count()).toBe(2);
        expect((await choices.allTextContents()).join()).not.toContain('Admin');

        await become(dashboard(), own.roleKey);
        await page.goto('/api-keys');
        await page.getByRole('row').filter({ hasText: 'Admin' }).getByRole('button').click();
        await question.filter({ hasText: 'It is the last admin key' }).waitFor();
      });

      it('are explained where there are none', async () => {
        const { page, context, app } = dashboard();
        const own = await createOrganization(app);
        const [{ api_key_id: id }] = (await butterCall(own, 'GET', '/api/sendgrid-keys')).json.data;
        await butterCall(own, 'DELETE', `/api/sendgrid-keys/${id}`);
        await context.clearCookies();
        await signIn(page, own.roleKey);
        await page.goto('/api-keys');
        await settle(page);
        const section = page.getByRole('region', { name: 'Keys for the SendGrid API' });
        await section.getByRole('heading', { name: 'No keys' }).waitFor();
        await section.filter({ hasText: 'a program that was written for SendGrid' }).waitFor();
      });
    },
    ['postgres'],
  );
});
