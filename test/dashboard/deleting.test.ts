import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { type ButterClient, butterCall, createTwilio, twilioBody } from '../support/butter.ts';
import { onDashboard } from '../support/dashboard.ts';
import { act, data, until } from '../support/delivery.ts';
import { createSegment, newEvents, postEvents } from '../support/webhook.ts';

async function tick(page: Page, row: string): Promise<void> {
  await page.getByRole('row').filter({ hasText: row }).getByRole('checkbox').focus();
  await page.keyboard.press('Space');
}

async function idOf(client: ButterClient, name: string): Promise<string> {
  const [found] = await data(client, `/api/integrations?search=${encodeURIComponent(name)}`);
  return found.integration_id;
}

describe('deleting in the dashboard', () => {
  onDashboard((dashboard, kind) => {
    it('and replaying go on where an answer was lost or refused', async () => {
      const { page, context, app, sink } = dashboard();
      await context.grantPermissions(['clipboard-read', 'clipboard-write']);
      const target = await createSegment(app, []);
      const doomed = [await createSegment(app), await createSegment(app)];
      for (const { id } of doomed) await act(app, id, 'pause');
      await postEvents(app, newEvents(2));
      await page.goto('/integrations');
      for (const { id } of doomed) await tick(page, id);
      await page.getByRole('button', { name: 'Delete…' }).click();
      const button = page.getByRole('button', { name: 'Delete 2 integrations' });
      await until(async () => expect(await button.isEnabled()).toBe(true));
      await page.route('**/bulk-delete', async (route) => {
        // carried out, and nobody hears of it
        if (route.request().postDataJSON().dry_run === true) return await route.continue();
        await route.fetch();
        return await route.abort();
      });
      let release = () => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      await page.route('**/api/audit-log?*', async (route) => {
        await held;
        await route.continue();
      });
      await button.click();
      await page.getByRole('alert').filter({ hasText: 'It is not certain' }).waitFor();
      await page.unroute('**/bulk-delete');
      await page.getByRole('button', { name: 'Try again' }).click();
      const result = page.getByRole('dialog', { name: '2 integrations deleted' });
      const copy = result.getByRole('button', { name: 'Copy the result' });
      await copy.waitFor();
      expect(await copy.isDisabled()).toBe(true);
      release();
      await copy.click();
      await result.getByRole('status').filter({ hasText: 'Copied' }).waitFor();
      const copied = await page.evaluate<string>('navigator.clipboard.readText()');
      for (const { id } of doomed)
        expect(copied).toMatch(new RegExp(`^${id}\\t.*\\t2 undelivered events$`, 'm'));

      let replays = 0;
      await page.route('**/replay', async (route) => {
        if (++replays === 2) await route.fulfill({ status: 503, json: { success: false } });
        else await route.continue();
      });
      await result.getByRole('combobox', { name: 'Replay them to' }).selectOption(target.id);
      await result.getByRole('button', { name: 'Replay 4 events' }).click();
      await result.getByRole('alert').filter({ hasText: '1 of 2 replays' }).waitFor();
      await result.getByRole('button', { name: 'Replay 4 events' }).click();
      await result.getByRole('status').filter({ hasText: '4 events on their way' }).waitFor();
      expect(replays).toBe(3);
      await until(() => expect(sink.tracksFor(target.writeKey)).toHaveLength(2));

      // long after the dialog was closed they can still go elsewhere
      const later = await createSegment(app, []);
      await page.goto(`/audit-log?target_id=${doomed[0]?.id}`);
      await page.getByRole('button', { name: /^Replay 2 events that/ }).click();
      const again = page.getByRole('dialog');
      await again.getByRole('combobox', { name: 'Replay them to' }).selectOption(later.id);
      await again.getByRole('button', { name: 'Replay 2 events' }).click();
      await until(() => expect(sink.tracksFor(later.writeKey)).toHaveLength(2));
    });

    // what follows is the same whatever the database is
    if (kind === 'embedded') return;

    it('say which is which, whatever direction a name is written in', async () => {
      const { page, app } = dashboard();
      const id = await createTwilio(app, { json: twilioBody('Übung \u202eevil') });
      await page.goto(`/integrations/${id}`);
      await page.getByRole('button', { name: 'Delete…' }).click();
      const row = page.getByRole('alertdialog').getByRole('listitem').filter({ hasText: id });
      // what follows the name still runs from left to right
      const places = await row.evaluate((element) => {
        const walker = element.ownerDocument.createTreeWalker(element, 4);
        const texts: { readonly text: string; readonly left: number }[] = [];
        while (walker.nextNode()) {
          const range = element.ownerDocument.createRange();
          range.selectNodeContents(walker.currentNode);
          texts.push({ text: range.toString(), left: range.getBoundingClientRect().left });
        }
        return ['evil', 'Twilio', 'intg_'].map((part) => texts.find(({ text }) => text.includes(part))?.left);
      });
      expect(places).toEqual(places.toSorted((a, b) => Number(a) - Number(b)));
      expect(places).not.toContain(undefined);

      // and that it is gone, with nothing left to press but the way out
      await butterCall(app, 'DELETE', `/api/integrations/${id}`);
      const dialog = page.getByRole('alertdialog');
      await dialog.getByRole('status').filter({ hasText: 'Somebody else deleted Übung' }).waitFor();
      expect(await dialog.getByRole('button', { name: 'Delete 1 integration' }).count()).toBe(0);
      await page.keyboard.press('Escape');
      await page.getByRole('status').filter({ hasText: 'There is no such integration' }).waitFor();
    });

    it('and choosing reach every integration where there are many', async () => {
      const { page, app } = dashboard();
      const names = Array.from({ length: 102 }, (_, index) => `Line ${String(index).padStart(3, '0')}`);
      await Promise.all(names.map(async (name) => await createTwilio(app, { json: twilioBody(name) })));
      await page.goto('/integrations?search=line');
      await page.getByRole('combobox', { name: 'Category' }).selectOption('Telephony');
      await page.getByRole('button', { name: 'Name' }).click();
      await page.getByRole('row').nth(1).filter({ hasText: 'Line 000' }).waitFor();
      expect(await page.getByRole('columnheader', { name: 'Name' }).getAttribute('aria-sort')).toBe(
        'ascending',
      );
      await page.getByRole('button', { name: 'Next' }).click();
      await page.getByRole('status').filter({ hasText: '51–100 of 102 integrations' }).waitFor();
      await page.getByRole('checkbox', { name: 'Select Line 050' }).check({ force: true });
      await page.keyboard.down('Shift');
      await page.getByRole('checkbox', { name: 'Select Line 063' }).focus();
      await page.keyboard.press('Space');
      await page.keyboard.up('Shift');
      await page.getByRole('status').filter({ hasText: '14 integrations selected' }).waitFor();
      const pages: string[] = [];
      page.on('request', (request) => {
        if (request.url().includes('sort=-waiting')) pages.push(request.url());
      });
      await page.getByRole('button', { name: 'Delete…' }).click();
      const dialog = page.getByRole('alertdialog', { name: 'Delete 14 integrations?' });
      await dialog.getByRole('listitem').filter({ hasText: 'Line 063' }).waitFor();
      // what waits nowhere is not looked for on every page
      expect(pages).toHaveLength(1);
      await until(async () =>
        expect(await dialog.getByRole('textbox').evaluate((element) => element.matches(':focus'))).toBe(true),
      );
      const last = await idOf(app, 'Line 063');
      await butterCall(app, 'DELETE', `/api/integrations/${last}`);
      await dialog.getByRole('status').filter({ hasText: 'Somebody else deleted Line 063' }).waitFor();
      await dialog
        .getByRole('listitem')
        .filter({ hasText: 'Line 063' })
        .filter({ hasText: 'Gone' })
        .waitFor();
      await dialog.getByRole('button', { name: 'Go on without it' }).click();
      await page.getByRole('alertdialog', { name: 'Delete 13 integrations?' }).waitFor();
      await page.getByRole('button', { name: 'Keep them' }).click();
      await page.getByRole('status').filter({ hasText: '13 integrations selected' }).waitFor();

      await page.goto('/phone-numbers');
      await page.getByRole('button', { name: 'Import a number' }).first().click();
      const form = page.getByRole('dialog', { name: 'Import a number' });
      await form.getByRole('searchbox', { name: 'Integration: search' }).fill('line 100');
      await form.getByRole('status').filter({ hasText: '1 integration found' }).waitFor();
      await form.getByRole('combobox', { name: 'Integration' }).selectOption({ index: 1 });
      await form.getByRole('textbox', { name: 'Phone number' }).fill('+442079465001');
      await form.getByRole('button', { name: 'Import', exact: true }).click();
      await page
        .getByRole('row')
        .filter({ hasText: '+442079465001' })
        .filter({ hasText: 'Line 100' })
        .waitFor();
      expect(await data(app, '/api/phone-numbers')).toHaveLength(1);
    });
  });
});
