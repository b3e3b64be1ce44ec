import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { signIn } from '../support/browser-session.ts';
import { butterCall, createRoleKey, createTwilio } from '../support/butter.ts';
import { hasFocus, heading, onDashboard } from '../support/dashboard.ts';
import { deadLetters, until, untilDelivery, unusable } from '../support/delivery.ts';
import { createSegment, newEvent, postEvents } from '../support/webhook.ts';

describe('the pages of the dashboard', () => {
  onDashboard((dashboard, kind) => {
    it('show dead letters, and retry or discard them', async () => {
      const { page, app } = dashboard();
      const { id } = await createSegment(app, ['delivered']);
      await postEvents(app, [unusable(), unusable(), unusable()]);
      await untilDelivery(app, id, { dead_letters: 3 });
      await page.goto(`/integrations/${id}?tab=dead-letters`);
      await page.getByRole('row').nth(3).waitFor();
      await page.getByRole('row').nth(1).getByRole('checkbox').focus();
      await page.keyboard.press('Space');
      await page.getByRole('button', { name: 'Discard 1 dead letter…' }).click();
      await page.getByRole('alertdialog').getByRole('button', { name: 'Discard', exact: true }).click();
      await untilDelivery(app, id, { dead_letters: 2 });
      await page.getByRole('checkbox', { name: 'Select all on this page' }).focus();
      await page.keyboard.press('Space');
      await page.getByRole('button', { name: 'Retry 2 dead letters' }).waitFor();
      // what somebody else has discarded is chosen no longer
      const [{ dead_letter_id: other }] = await deadLetters(app, id);
      await butterCall(app, 'DELETE', `/api/integrations/${id}/dead-letters?ids=${other}`);
      await page.getByRole('button', { name: 'Retry 1 dead letter' }).click();
      await page.getByRole('log').filter({ hasText: '1 dead letter is sent again' }).waitFor();
    });

    it('show a test event, pause, resume and replay', async () => {
      const { page, app, sink } = dashboard();
      const { id, writeKey } = await createSegment(app, ['delivered']);
      await postEvents(app, [newEvent()]);
      await until(() => expect(sink.takenFor(writeKey).size).toBe(1));
      await page.goto(`/integrations/${id}`);
      const test = page.getByRole('button', { name: 'Send a test event' });
      await test.press('Enter');
      await page.getByRole('status').filter({ hasText: 'The destination took the test event' }).waitFor();
      await until(async () => expect(await hasFocus(test)).toBe(true));
      await page.getByRole('button', { name: 'Pause' }).press('Enter');
      await page.getByRole('note', { name: 'Delivery is paused' }).waitFor();
      const resume = page.getByRole('button', { name: 'Resume' });
      await until(async () => expect(await hasFocus(resume)).toBe(true));
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Replay from a time…' }).click();
      const from = page.getByRole('textbox', { name: 'From' });
      const begin = await from.inputValue();
      await from.fill('2099-01-01T00:00');
      const late = { name: 'From', description: 'Nothing has come in after now' };
      await page.getByRole('textbox', late).waitFor();
      expect(await page.getByRole('button', { name: 'Start the replay' }).isDisabled()).toBe(true);
      await from.fill(begin);
      await page.getByRole('button', { name: 'Start the replay' }).click();
      await page
        .getByRole('log')
        .filter({ hasText: /Replay started: \d+ events? on (its|their) way/ })
        .waitFor();
      await until(() =>
        expect([...sink.takenFor(writeKey).values()].some((each) => each.length > 1)).toBe(true),
      );
    });

    it('follow an event by its id, whatever the id holds', async () => {
      const { page, app, sink } = dashboard();
      const { id, writeKey } = await createSegment(app, ['delivered']);
      const event = newEvent('delivered', { sg_event_id: '<script>document.title=1</script>' });
      await postEvents(app, [event]);
      await until(() => expect(sink.takenFor(writeKey).size).toBe(1));
      await page.goto('/follow');
      await page.getByRole('textbox', { name: 'Event id' }).fill(event.sg_event_id);
      await page.getByRole('button', { name: 'Follow', exact: true }).click();
      const stop = page.getByRole('listitem').filter({ hasText: id }).filter({ hasText: 'Delivered' });
      await stop.getByRole('link', { name: 'Segment' }).waitFor();
      await page.getByRole('textbox', { name: 'Event id' }).fill('unknown');
      await page.getByRole('button', { name: 'Follow', exact: true }).click();
      await page.getByRole('status').filter({ hasText: 'No such event is in the log' }).waitFor();
    });

    it('make API keys that are shown once, and revoke them', async () => {
      const { page, app } = dashboard();
      await page.goto('/');
      await page.getByRole('link', { name: 'API keys' }).click();
      await page.getByRole('button', { name: 'Create a key' }).click();
      await page.getByRole('textbox', { name: 'Name' }).fill('Pipeline');
      await page.getByRole('textbox', { name: 'Last day' }).fill('2020-01-01');
      await page.getByRole('button', { name: 'Create', exact: true }).click();
      await page.getByRole('alert').filter({ hasText: 'The key was not made' }).waitFor();
      await page.getByRole('textbox', { name: 'Last day' }).fill('');
      await page.getByRole('button', { name: 'Create', exact: true }).click();
      const dialog = page.getByRole('dialog', { name: 'The key was made' });
      const key = (await dialog.getByRole('status', { name: 'Pipeline' }).textContent()) ?? '';
      expect((await butterCall(app, 'GET', '/api/integrations', { key })).status).toBe(200);
      // no slip closes it
      await dialog.getByRole('button', { name: 'Copy the key' }).focus();
      await page.keyboard.press('Escape');
      await page.mouse.click(5, 5);
      expect(await dialog.getByRole('status', { name: 'Pipeline' }).textContent()).toBe(key);
      expect(await dialog.getByRole('button', { name: 'Close' }).count()).toBe(0);
      // neither the way back, nor a reload without a question
      await page.goBack();
      expect(await page.evaluate("dispatchEvent(new Event('beforeunload', { cancelable: true }))")).toBe(
        false,
      );
      await dialog.getByRole('button', { name: 'I have stored it' }).press('Enter');
      await dialog.waitFor({ state: 'hidden' });
      expect(await page.content()).not.toContain(key);
      const opener = page.getByRole('button', { name: 'Create a key' });
      await until(async () => expect(await hasFocus(opener)).toBe(true));
      await page.getByRole('button', { name: 'Revoke Pipeline' }).click();
      await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click();
      await page.getByRole('row').filter({ hasText: 'Pipeline' }).filter({ hasText: 'Revoked' }).waitFor();
      expect((await butterCall(app, 'GET', '/api/integrations', { key })).status).toBe(401);
    });

    it('filter the audit log, and export it as filtered', async () => {
      const { page, app } = dashboard();
      const { id } = await createSegment(app);
      await page.goto('/audit-log');
      await page.getByRole('textbox', { name: 'Target id' }).fill(id);
      await page.getByRole('textbox', { name: 'Until' }).fill('2099-12-31');
      const asked = page.waitForRequest((request) => request.url().includes('/api/audit-log?'));
      await page.getByRole('button', { name: 'Apply' }).click();
      const { searchParams } = new URL((await asked).url());
      // the whole of that day
      expect(searchParams.get('to')).toBe(new Date(2100, 0, 1).toISOString());
      await page.getByRole('status').filter({ hasText: '1–1 of 1 entries' }).waitFor();
      const lines = (await exported(page, 'Export these entries', /^audit-log-.*\.jsonl$/)).split('\n');
      expect(lines.map((line) => JSON.parse(line).target.id)).toEqual([id]);
      const rows = (await exported(page, 'Export as CSV', /^audit-log-.*\.csv$/)).split('\r\n');
      expect(rows).toEqual([expect.stringMatching(/\btarget_id\b/), expect.stringContaining(id)]);
    });

    // what follows is the same whatever the database is
    if (kind === 'embedded') return;

    it('keep what is being typed, and say what somebody else changed or deleted', async () => {
      const { page, app } = dashboard();
      const { id } = await createSegment(app);
      await page.goto(`/integrations/${id}?tab=settings`);
      const name = page.getByRole('textbox', { name: 'Name' });
      await name.fill('Half typed');
      await butterCall(app, 'PUT', `/api/integrations/${id}`, { json: { name: 'Theirs' } });
      await page.getByRole('status').filter({ hasText: 'Somebody renamed it to “Theirs”' }).waitFor();
      expect(await name.inputValue()).toBe('Half typed');
      await page.getByRole('button', { name: 'Save the name' }).click();
      await heading(page, 'Half typed');
      await butterCall(app, 'DELETE', `/api/integrations/${id}`);
      await page.getByRole('status').filter({ hasText: 'There is no such integration' }).waitFor();
    });

    it('say on the button that was pressed that the audit log is being exported', async () => {
      const { page } = dashboard();
      const held = Promise.withResolvers<void>();
      await page.route('**/api/audit-log/export**', async (route) => {
        await held.promise;
        await route.continue();
      });
      await page.goto('/audit-log');
      await page.getByRole('button', { name: 'Export as CSV' }).click();
      await page.getByRole('button', { name: 'Exporting…' }).waitFor();
      expect(await page.getByRole('button', { name: 'Export these entries' }).isDisabled()).toBe(true);
      held.resolve();
      await page.getByRole('button', { name: 'Export as CSV' }).waitFor();
    });

    it('keep saying how long ago something was', async () => {
      const { page, app } = dashboard();
      await page.clock.install();
      await page.goto('/api-keys');
      const keys = page.getByRole('region', { name: 'Keys with roles' });
      const used = keys
        .getByRole('row')
        .filter({ hasText: app.roleKey.slice(0, 12) })
        .getByRole('time');
      await used.filter({ hasText: /now|second/ }).waitFor();
      await page.clock.fastForward(300_000);
      await used.filter({ hasText: /5 minutes ago/ }).waitFor();
    });

    it('show what nobody announces after a while', async () => {
      const { page, app } = dashboard();
      const key = await createRoleKey(app, 'user');
      await page.clock.install();
      await page.goto('/audit-log?action=session.started');
      await heading(page, 'Audit log');
      const entries = page.getByRole('status').filter({ hasText: /of \d+ entries/ });
      const before = await entries.textContent();
      await signIn(app, key);
      await until(async () => {
        await page.clock.fastForward(31_000);
        expect(await entries.textContent()).not.toBe(before);
      });

      const { id } = await createSegment(app);
      for (const path of ['/', `/integrations/${id}`]) {
        const figures = /\/api\/overview|\/stats/;
        const [first] = await Promise.all([page.waitForResponse(figures), page.goto(path)]);
        await page.getByRole('figure', { name: /^Events.* over time$/ }).waitFor();
        const asked = new Set([first.url()]);
        page.on('response', (answer) => figures.test(answer.url()) && asked.add(answer.url()));
        await until(async () => {
          await page.clock.fastForward(61_000);
          expect(asked.size).toBeGreaterThan(1);
        });
      }
    });

    it('say in words what is wrong in a form, at its field, whether page or server finds it', async () => {
      const { page, app } = dashboard();
      await page.goto('/integrations/new');
      const field = (name: string) => page.getByRole('textbox', { name });
      const wrong = (name: string, description: string) => page.getByRole('textbox', { name, description });
      await page.getByRole('radio', { name: /^Segment/ }).check();
      await page.getByRole('button', { name: 'Add Segment' }).click();
      await wrong('Name', 'Name is needed').waitFor();
      await wrong('Write key', 'Write key is needed').waitFor();
      await page.getByRole('radio', { name: /^Twilio/ }).check();
      await field('Account SID').fill('AC1');
      await field('Auth token').fill('x');
      await page.getByRole('button', { name: 'Add Twilio' }).click();
      const sid = 'Account SID should be AC and 32 digits from 0 to 9 and A to F';
      await wrong('Account SID', sid).waitFor();

      const twilio = await createTwilio(app);
      await page.goto('/phone-numbers');
      await page.getByRole('button', { name: 'Import a number' }).first().click();
      await page.getByRole('dialog').getByRole('combobox', { name: 'Integration' }).selectOption(twilio);
      await field('Phone number').fill('0123');
      await page.getByRole('button', { name: 'Import', exact: true }).click();
      const number = 'Phone number should be + and 7 to 15 digits, the first of them not 0';
      await page.getByRole('alert').filter({ hasText: number }).waitFor();
      await wrong('Phone number', number).waitFor();
    });

    it('need less than 300 KB for the first of them', async () => {
      const { page } = dashboard();
      await page.goto('/');
      await heading(page, 'Overview');
      await page.getByRole('figure', { name: 'Events over time' }).waitFor();
      const bytes: number = await page.evaluate(() => {
        const loaded: readonly any[] = (['navigation', 'resource'] as any[]).flatMap((entryType) =>
          performance.getEntriesByType(entryType),
        );
        return loaded.reduce((total, { transferSize }) => total + (transferSize ?? 0), 0);
      });
      expect(bytes).toBeGreaterThan(50_000);
      expect(bytes).toBeLessThan(300_000);
    });
  });
});

/** The text of the file that a button downloads. */
async function exported(page: Page, button: string, name: RegExp): Promise<string> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: button }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(name);
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString().trim();
}
