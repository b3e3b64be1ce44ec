import { describe, expect, it } from 'vitest';
import { butterCall, createTwilio, newPhoneNumber } from '../support/butter.ts';
import { hasFocus, onDashboard } from '../support/dashboard.ts';
import { data, until } from '../support/delivery.ts';
import { newSigningKey, postEvents } from '../support/webhook.ts';

describe('phone numbers and event sources', () => {
  onDashboard(
    (dashboard) => {
      it('import, give another integration to, and remove a number of Twilio', async () => {
        const { page, app } = dashboard();
        const [first, second] = [await createTwilio(app), await createTwilio(app)];
        const number = newPhoneNumber();
        await page.goto('/phone-numbers');
        await page.getByRole('button', { name: 'Import a number' }).first().click();
        const dialog = page.getByRole('dialog', { name: 'Import a number' });
        await dialog.getByRole('combobox', { name: 'Integration' }).selectOption(first);
        await dialog.getByRole('textbox', { name: 'Phone number' }).fill('0123');
        await dialog.getByRole('button', { name: 'Import', exact: true }).click();
        // refused, and taken once it is corrected
        await dialog.getByRole('alert').filter({ hasText: 'The number was not imported' }).waitFor();
        await dialog.getByRole('textbox', { name: 'Phone number' }).fill(number);
        await dialog.getByRole('button', { name: 'Import', exact: true }).click();
        await page.getByRole('button', { name: `Edit ${number}` }).click();
        const change = page.getByRole('dialog', { name: `Edit ${number}` });
        await change.getByRole('combobox', { name: 'Integration' }).selectOption(second);
        // what somebody else says meanwhile of something else stays
        const [{ phone_number_id: id }] = await data(app, `/api/phone-numbers?integration_id=${first}`);
        const theirs = { assigned_agent_id: 'agnt_theirs' };
        await butterCall(app, 'PUT', `/api/phone-numbers/${id}`, { json: theirs });
        await change.getByRole('button', { name: 'Save' }).click();
        await change.waitFor({ state: 'hidden' });
        const listed = await data(app, `/api/phone-numbers?integration_id=${second}`);
        expect(listed).toMatchObject([{ phone_number: number, ...theirs }]);
        await page.getByRole('button', { name: `Remove ${number}` }).click();
        await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
        await page.getByRole('row').filter({ hasText: number }).waitFor({ state: 'hidden' });
      });

      it('assign a number of a SIP trunk, and say what it is for', async () => {
        const { page, app } = dashboard();
        const number = newPhoneNumber();
        await butterCall(app, 'POST', '/api/phone-numbers', {
          json: { provider: 'sip', phone_number: number },
        });
        await page.goto('/phone-numbers');
        await page.getByRole('button', { name: `Edit ${number}` }).click();
        const dialog = page.getByRole('dialog', { name: `Edit ${number}` });
        expect(await dialog.getByRole('combobox').count()).toBe(0);
        await dialog.getByRole('checkbox', { name: 'Makes calls' }).focus();
        await page.keyboard.press('Space');
        const save = dialog.getByRole('button', { name: 'Save' });
        await save.press('Enter');
        // nothing is known of the trunk that calls would go through
        await dialog.getByRole('alert').filter({ hasText: 'The number was not changed' }).waitFor();
        const why = /without what outbound calls need/;
        await dialog.getByRole('checkbox', { name: 'Makes calls', description: why }).waitFor();
        // a refusal takes nobody's place: the keyboard goes on, and out
        await until(async () => expect(await hasFocus(save)).toBe(true));
        await page.keyboard.press('Escape');
        await dialog.waitFor({ state: 'hidden' });
        await page.getByRole('button', { name: `Edit ${number}` }).click();
        await dialog.getByRole('textbox', { name: 'Agent' }).fill('agnt_0123456789ab');
        await dialog.getByRole('checkbox', { name: 'Takes calls' }).focus();
        await page.keyboard.press('Space');
        await dialog.getByRole('button', { name: 'Save' }).click();
        const row = page.getByRole('row').filter({ hasText: number });
        await row.filter({ hasText: 'agnt_0123456789ab' }).filter({ hasText: 'Taken' }).waitFor();
        const stored = (await data(app, '/api/phone-numbers')).find(
          (each: { phone_number: string }) => each.phone_number === number,
        );
        expect(stored).toMatchObject({
          assigned_agent_id: 'agnt_0123456789ab',
          supports_inbound: true,
          supports_outbound: false,
        });
      });

      it('make event sources with the address for SendGrid', async () => {
        const { page, app } = dashboard();
        await page.goto('/event-sources');
        await page.getByRole('button', { name: 'Add a source' }).click();
        await page.getByRole('textbox', { name: 'Name' }).fill('Second account');
        await page.getByRole('textbox', { name: 'Public key' }).fill('not a key');
        await page.getByRole('button', { name: 'Save' }).click();
        await page.getByRole('alert').filter({ hasText: 'The source was not saved' }).waitFor();
        await page.getByRole('textbox', { name: 'Public key' }).fill(newSigningKey().publicKey);
        await page.getByRole('button', { name: 'Save' }).click();
        await page
          .getByRole('region', { name: 'Second account' })
          .filter({ hasText: 'Signatures are checked' })
          .waitFor();
        const sources = await data(app, '/api/event-sources');
        const { source_id: id } = sources.find(({ name }: { name: string }) => name === 'Second account');
        await page
          .getByRole('status')
          .filter({ hasText: `/events/sendgrid/${id}` })
          .waitFor();
        await page.getByRole('button', { name: 'Delete Second account' }).click();
        await page.getByRole('alertdialog').getByRole('button', { name: 'Delete', exact: true }).click();
        await page.getByRole('heading', { name: 'Second account', exact: true }).waitFor({ state: 'hidden' });
      });

      it('show what was posted and was no event, with the reason, page by page', async () => {
        const { page, app } = dashboard();
        await page.goto('/event-sources');
        const region = page.getByRole('region', { name: 'Rejected elements' });
        await region.getByRole('heading', { name: 'Nothing was rejected' }).waitFor();
        const script = '<img src=x onerror=alert(1)>';
        await postEvents(app, [...Array.from({ length: 25 }, (_, index) => ({ index })), { event: script }]);
        await page.reload();
        await region.getByRole('status').filter({ hasText: '1–25 rejected elements' }).waitFor();
        const [newest] = await data(app, '/api/rejected-elements');
        await region.getByRole('row').filter({ hasText: 'First source' }).first().waitFor();
        expect(await region.getByRole('row').nth(1).textContent()).toContain(newest.element);
        await region.getByRole('button', { name: 'Next' }).click();
        await region.getByRole('status').filter({ hasText: '26–26 rejected elements' }).waitFor();
        await region.getByRole('row').filter({ hasText: '{"index":0}' }).waitFor();
      });

      it('list more event sources than fit a page', async () => {
        const { page, app } = dashboard();
        for (let index = 0; index < 20; index++) {
          await butterCall(app, 'POST', '/api/event-sources', {
            json: { name: `Account ${index}`, kind: 'sendgrid' },
          });
        }
        // of one that stands on the last page
        await postEvents(app, [{ is: 'no event' }]);
        await page.goto('/event-sources');
        const rejected = page.getByRole('region', { name: 'Rejected elements' });
        await rejected
          .getByRole('row')
          .filter({ hasText: '"no event"' })
          .filter({ hasText: 'First source' })
          .waitFor();
        const pages = page.getByRole('navigation', { name: 'Pages of sources' });
        await pages.getByRole('button', { name: 'Next' }).click();
        await pages.getByRole('status').filter({ hasText: '21–21 of 21 sources' }).waitFor();
        await pages.getByRole('button', { name: 'Previous' }).click();
        await page.getByRole('region', { name: 'Account 19' }).waitFor();
      });

      it('say what was refused with the question it belongs to, and not with the next', async () => {
        const { page, app } = dashboard();
        for (const name of ['Kept for now', 'Another']) {
          await butterCall(app, 'POST', '/api/event-sources', { json: { name, kind: 'sendgrid' } });
        }
        await page.goto('/event-sources');
        await page.route('**/api/event-sources/*', async (route) => await route.abort());
        await page.getByRole('button', { name: 'Delete Kept for now' }).click();
        const question = page.getByRole('alertdialog');
        await question.getByRole('button', { name: 'Delete', exact: true }).click();
        await question.getByRole('alert').filter({ hasText: 'Nothing was changed' }).waitFor();
        await question.getByRole('button', { name: 'Cancel' }).click();
        await page.getByRole('button', { name: 'Delete Another' }).click();
        await page.getByRole('alertdialog', { name: 'Delete Another?' }).waitFor();
        expect(await question.getByRole('alert').count()).toBe(0);
      });
    },
    // the same whatever the database is
    ['postgres'],
  );
});
