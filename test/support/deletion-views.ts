/** What is shown of a delete: before it, while nobody knows about it, and after it. */
import type { Page } from 'playwright-core';
import { act } from './delivery.ts';
import { chooseAll, dialog, press, type View } from './view.ts';
import { createSegment, newEvents, postEvents } from './webhook.ts';

export interface DeletionStock {
  readonly segment: string;
  /** Events were waiting for it. */
  readonly removed: string;
  /** It has a phone number. */
  readonly twilio: string;
}

export function deletionsOf({ segment, removed, twilio }: DeletionStock): readonly View[] {
  return [
    dialog('delete', `/integrations/${segment}`, 'Delete…', rehearsed),
    dialog('delete, blocked', `/integrations/${twilio}`, 'Delete…', async (page) => {
      await page.getByRole('combobox', { name: 'Reassign the phone numbers to' }).waitFor();
    }),
    dialog('delete, uncertain', `/integrations/${segment}`, 'Delete…', async (page) => {
      await page.route('**/bulk-delete', async (route) => {
        const isRehearsal = route.request().postDataJSON().dry_run === true;
        await (isRehearsal ? route.continue() : route.abort());
      });
      await press(page, 'Delete 1 integration');
      await page.getByRole('alert').filter({ hasText: 'It is not certain' }).waitFor();
      await page.unroute('**/bulk-delete');
    }),
    dialog('replay from the audit log', `/audit-log?target_id=${removed}`, /^Replay \d+ events that/, choose),
    {
      name: 'delete of many',
      path: '/integrations?provider=segment',
      title: 'Integrations',
      open: async (page) => {
        await chooseAll(page);
        await press(page, 'Delete…');
        await page.getByRole('textbox', { name: /^Type \d+ to confirm$/ }).waitFor();
      },
    },
    {
      name: 'delete of many, blocked',
      path: '/integrations',
      title: 'Integrations',
      open: async (page) => {
        await chooseAll(page);
        await press(page, 'Delete…');
        await page.getByRole('button', { name: 'Keep that one, delete the rest' }).waitFor();
      },
    },
    {
      name: 'result of a delete',
      path: '/integrations',
      title: 'Integrations',
      open: async (page, app) => {
        const { id } = await createSegment(app, ['delivered'], { name: 'Doomed' });
        await act(app, id, 'pause');
        await postEvents(app, newEvents(2));
        await page.getByRole('link', { name: 'Doomed' }).click();
        await press(page, 'Delete…');
        await press(page, 'Delete 1 integration');
        await choose(page);
      },
    },
  ];
}

async function rehearsed(page: Page): Promise<void> {
  await page.getByRole('heading', { name: 'What happens' }).waitFor();
}

/** Where what was not delivered could go. */
async function choose(page: Page): Promise<void> {
  await page.getByRole('combobox', { name: 'Replay them to' }).waitFor();
}
