import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { createTwilio, importNumber, twilioBody } from '../support/butter.ts';
import { hasFocus, heading, onDashboard, tabTo } from '../support/dashboard.ts';
import { act, data, deletionOf, until } from '../support/delivery.ts';
import { createSegment, newEvents, postEvents } from '../support/webhook.ts';

async function openList(page: Page): Promise<void> {
  await page.goto('/integrations');
  await heading(page, 'Integrations');
}

async function select(page: Page, ...ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const row = page.getByRole('row').filter({ hasText: id });
    await row.getByRole('checkbox').focus();
    await page.keyboard.press('Space');
  }
}

describe('integrations in the dashboard', () => {
  onDashboard((dashboard) => {
    it('are created with the form of the provider, and edited', async () => {
      const { page, app } = dashboard();
      await page.goto('/integrations/new');
      await heading(page, 'Add an integration');
      await page.getByRole('button', { name: 'Add Segment' }).click();
      await page.getByRole('textbox', { name: 'Write key', description: 'Write key is needed' }).waitFor();
      await page.getByRole('textbox', { name: 'Name' }).fill('Warehouse');
      await page.getByRole('textbox', { name: 'Write key' }).fill('write-key-12345');
      await page.getByRole('combobox', { name: 'Region of the workspace' }).selectOption('EU');
      await page.getByRole('switch', { name: 'Processed' }).focus();
      await page.keyboard.press('Space');
      await page.getByRole('button', { name: 'Add Segment' }).click();
      await heading(page, 'Warehouse');
      const id = new URL(page.url()).pathname.split('/').at(-1) ?? '';
      const path = `/api/integrations/${id}?include=settings`;
      const { settings } = await data(app, path);
      expect(settings.destination_region).toBe('EU');
      expect(settings.email_events).not.toContain('processed');

      await page.getByRole('tab', { name: 'Settings' }).click();
      await page.getByRole('textbox', { name: 'Name' }).fill('Warehouse two');
      await page.getByRole('button', { name: 'Save the name' }).click();
      await heading(page, 'Warehouse two');
      await page.getByRole('button', { name: 'None' }).click();
      await page.getByRole('button', { name: 'Save the filter' }).click();
      const unsaved = page.getByRole('status').filter({ hasText: 'Not saved yet' });
      await unsaved.waitFor({ state: 'hidden' });
      expect((await data(app, path)).settings.email_events).toEqual([]);
      await page.getByRole('textbox', { name: 'Write key' }).fill('another-write-key');
      await page.getByRole('button', { name: 'Replace the credentials' }).click();
      await page.getByRole('log').filter({ hasText: 'The credentials were replaced' }).waitFor();
    });

    it('are found by name, provider and state, and drawn again when somebody else changes them', async () => {
      const { page, app } = dashboard();
      const { id } = await createSegment(app);
      await createTwilio(app, { json: twilioBody('Unmistakable line') });
      await openList(page);
      await page.getByRole('searchbox', { name: 'Search by name or id' }).fill('unmistakable');
      await page.getByRole('status').filter({ hasText: '1–1 of 1 integrations' }).waitFor();
      await page.getByRole('searchbox', { name: 'Search by name or id' }).fill(id);
      await page.getByRole('row').filter({ hasText: id }).waitFor();
      await page.getByRole('combobox', { name: 'State' }).selectOption('paused');
      await page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
      await act(app, id, 'pause');
      await page.getByRole('row').filter({ hasText: id }).filter({ hasText: 'Paused' }).waitFor();
    });

    it('do not run a script in their names', async () => {
      const { page, app } = dashboard();
      const name = '<img src=x onerror="document.title=1"><script>document.title=1</script>';
      await createTwilio(app, { json: twilioBody(name) });
      await openList(page);
      await page.getByRole('link', { name }).click();
      await heading(page, name);
      expect(await page.title()).toContain('<img');
    });

    it('are deleted by one, with what was not delivered replayed elsewhere', async () => {
      const { page, app, sink } = dashboard();
      const { id } = await createSegment(app, ['delivered']);
      const target = await createSegment(app, []);
      await act(app, id, 'pause');
      await postEvents(app, newEvents(3));
      await page.goto(`/integrations/${id}`);
      await page.getByRole('button', { name: 'Delete…' }).click();
      const dialog = page.getByRole('alertdialog', { name: 'Delete this integration?' });
      await dialog.getByRole('listitem').filter({ hasText: '3 events waiting' }).waitFor();
      await dialog.getByRole('button', { name: 'Delete 1 integration' }).click();
      const result = page.getByRole('dialog', { name: '1 integration deleted' });
      await result.getByRole('combobox', { name: 'Replay them to' }).selectOption(target.id);
      await result.getByRole('button', { name: 'Replay 3 events' }).click();
      await result.getByRole('status').filter({ hasText: '3 events on their way' }).waitFor();
      await until(() => expect(sink.tracksFor(target.writeKey)).toHaveLength(3));
      expect(await deletionOf(app, id)).toMatchObject({ undelivered_events: 3 });
      await result.getByRole('button', { name: 'Done' }).click();
      await heading(page, 'Integrations');
    });

    it('are deleted in bulk with the keyboard alone, and many only after their count was typed', async () => {
      const { page, app } = dashboard();
      const ids: string[] = [];
      for (let index = 0; index < 11; index++) ids.push((await createSegment(app)).id);
      await openList(page);
      const rows = page.getByRole('row');
      await rows.filter({ hasText: ids[0] ?? '' }).waitFor();
      // from where the page begins, through all that comes before the list; the newest is at its top
      let most = 40;
      for (const id of ids.toReversed()) {
        await tabTo(page, rows.filter({ hasText: id }).getByRole('checkbox'), most);
        await page.keyboard.press('Space');
        most = 4;
      }
      await page.getByRole('status').filter({ hasText: '11 integrations selected' }).waitFor();
      await tabTo(page, page.getByRole('button', { name: 'Delete…' }), 40, 'Shift+Tab');
      await page.keyboard.press('Enter');
      const dialog = page.getByRole('alertdialog', { name: 'Delete 11 integrations?' });
      const confirm = dialog.getByRole('textbox', { name: 'Type 11 to confirm' });
      await confirm.waitFor();
      const button = dialog.getByRole('button', { name: 'Delete 11 integrations' });
      expect(await button.isDisabled()).toBe(true);
      await tabTo(page, confirm, 6);
      await page.keyboard.type('11');
      await tabTo(page, button, 3);
      await page.keyboard.press('Enter');
      await page.getByRole('dialog', { name: '11 integrations deleted' }).waitFor();
      await page.keyboard.press('Escape');
      // the button that it began with is gone with the choice
      const title = page.getByRole('heading', { level: 1 });
      await until(async () => expect(await hasFocus(title)).toBe(true));
      for (const id of ids) await page.getByRole('row').filter({ hasText: id }).waitFor({ state: 'hidden' });
    });

    it('that phone numbers refer to are deleted once the numbers have another', async () => {
      const { page, app } = dashboard();
      const [old, next] = [await createTwilio(app), await createTwilio(app)];
      const { phoneNumber, id } = await importNumber(app, old);
      await openList(page);
      await select(page, old);
      await page.getByRole('button', { name: 'Delete…' }).click();
      const dialog = page.getByRole('alertdialog');
      await dialog
        .getByRole('listitem')
        .filter({ hasText: `In use by ${phoneNumber}` })
        .waitFor();
      const button = dialog.getByRole('button', { name: 'Delete 1 integration' });
      expect(await button.isDisabled()).toBe(true);
      await dialog.getByRole('combobox', { name: 'Reassign the phone numbers to' }).selectOption(next);
      await dialog.getByRole('listitem').filter({ hasText: '1 phone number moves' }).waitFor();
      await button.click();
      await page.getByRole('dialog', { name: '1 integration deleted' }).waitFor();
      expect(await data(app, `/api/phone-numbers/${id}`)).toMatchObject({ integration_id: next });
    });

    it('are given another in the place of one that is used with the keyboard alone', async () => {
      const { page, app } = dashboard();
      const names = ['Old line', '000 first in the list'].map((name) => ({ json: twilioBody(name) }));
      const [old, next] = [await createTwilio(app, names[0]), await createTwilio(app, names[1])];
      const { id } = await importNumber(app, old);
      await page.goto(`/integrations/${old}`);
      await tabTo(page, page.getByRole('button', { name: 'Delete…' }), 40);
      await page.keyboard.press('Enter');
      const dialog = page.getByRole('alertdialog');
      const choice = dialog.getByRole('combobox', { name: 'Reassign the phone numbers to' });
      const moves = dialog.getByRole('listitem').filter({ hasText: '1 phone number moves' });
      const button = dialog.getByRole('button', { name: 'Delete 1 integration' });
      await tabTo(page, choice, 6);
      await page.keyboard.press('ArrowDown');
      await moves.waitFor();
      expect([await choice.inputValue(), await hasFocus(choice)]).toEqual([next, true]);
      expect(await button.isEnabled()).toBe(true);
      // the answer to the choice before is none to this one
      const slow = Promise.withResolvers<void>();
      await page.route('**/bulk-delete', async (route) => {
        await slow.promise;
        await route.continue();
      });
      await page.keyboard.press('ArrowUp');
      await moves.waitFor({ state: 'hidden' });
      expect([await choice.inputValue(), await hasFocus(choice)]).toEqual(['', true]);
      expect(await button.isDisabled()).toBe(true);
      slow.resolve();
      await page.keyboard.press('ArrowDown');
      await moves.waitFor();
      expect([await choice.inputValue(), await hasFocus(choice)]).toEqual([next, true]);
      await tabTo(page, button, 4);
      await page.keyboard.press('Enter');
      await page.getByRole('dialog', { name: '1 integration deleted' }).waitFor();
      expect(await data(app, `/api/phone-numbers/${id}`)).toMatchObject({ integration_id: next });
    });

    it('are not deleted where something came in the way meanwhile', async () => {
      const { page, app } = dashboard();
      const id = await createTwilio(app);
      await openList(page);
      await select(page, id);
      await page.getByRole('button', { name: 'Delete…' }).click();
      const dialog = page.getByRole('alertdialog');
      const button = dialog.getByRole('button', { name: 'Delete 1 integration' });
      await until(async () => expect(await button.isEnabled()).toBe(true));
      await button.focus();
      const { phoneNumber } = await importNumber(app, id);
      await dialog
        .getByRole('listitem')
        .filter({ hasText: `In use by ${phoneNumber}` })
        .waitFor();
      expect(await button.isDisabled()).toBe(true);
      // the button took the focus along, and still the keyboard leads out
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'hidden' });
      expect((await data(app, `/api/integrations/${id}`)).integration_id).toBe(id);
    });
  });
});
