/** Everything that the dashboard and the reference show, and what must be there and done for it to be seen. */
import type { Page } from 'playwright-core';
import type { TestApp } from './app.ts';
import { butterCall, createTwilio, importNumber, twilioBody } from './butter.ts';
import { act, untilDelivery, unusable } from './delivery.ts';
import { type SegmentSink, sinkStatus } from './segment-sink.ts';
import { createSegment, newEvent, newEvents, postEvents } from './webhook.ts';

export interface View {
  readonly name: string;
  readonly path: string;
  /** Its heading. */
  readonly title: string | RegExp;
  /** It is there on a phone only. */
  readonly isNarrow?: true;
  /** What is done on the page before it is looked at. */
  readonly open?: (page: Page, app: TestApp) => Promise<void>;
}

export interface Stock {
  /** It has attempts, a dead letter and a history. */
  readonly segment: string;
  readonly failing: string;
  readonly paused: string;
  readonly removed: string;
  /** It has a phone number. */
  readonly twilio: string;
  readonly phoneNumber: string;
  readonly eventId: string;
}

export async function createStock(app: TestApp, sink: SegmentSink): Promise<Stock> {
  const { id: segment } = await createSegment(app, ['delivered', 'open']);
  const { id: failing, writeKey } = await createSegment(app, ['delivered'], { name: 'Failing' });
  sink.answers.set(writeKey, sinkStatus(503));
  const { id: paused } = await createSegment(app, ['delivered'], { name: 'Paused' });
  await act(app, paused, 'pause');
  const { id: removed } = await createSegment(app);
  await butterCall(app, 'DELETE', `/api/integrations/${removed}`);
  for (let index = 0; index < 8; index++) await createSegment(app, [], { name: `Spare ${index}` });
  const twilio = await createTwilio(app, { json: twilioBody('Support line') });
  await createTwilio(app, { json: twilioBody('Sales line') });
  const { phoneNumber } = await importNumber(app, twilio);
  const [event] = [newEvent(), newEvent('open')];
  await postEvents(app, [event, unusable(), ...newEvents(2)]);
  await untilDelivery(app, segment, { waiting_events: 0, dead_letters: 1 });
  await untilDelivery(app, failing, { state: 'backing_off' });
  return { segment, failing, paused, removed, twilio, phoneNumber, eventId: event.sg_event_id };
}

export type ViewGroup = 'pages' | 'dialogs' | 'reference';

export function viewsOf(stock: Stock): Readonly<Record<ViewGroup, readonly View[]>> {
  return {
    pages: [...pagesOf(stock), ...integrationsOf(stock), ...signedOut],
    dialogs: [...dialogsOf(stock), ...deletionsOf(stock)],
    reference: referencePages,
  };
}

function pagesOf({ eventId }: Stock): readonly View[] {
  return [
    {
      name: 'overview',
      path: '/',
      title: 'Overview',
      open: async (page) => await press(page, 'Show as a table'),
    },
    {
      name: 'menu',
      path: '/',
      title: 'Overview',
      isNarrow: true,
      open: async (page) => await press(page, 'Open the menu'),
    },
    { name: 'integrations, chosen', path: '/integrations', title: 'Integrations', open: chooseAll },
    { name: 'no integration found', path: '/integrations?search=nowhere', title: 'Integrations' },
    {
      name: 'new integration, incomplete',
      path: '/integrations/new',
      title: 'Add an integration',
      open: async (page) => {
        await press(page, 'Add Segment');
        await page.getByRole('textbox', { name: 'Write key', description: 'is needed' }).waitFor();
      },
    },
    { name: 'phone numbers', path: '/phone-numbers', title: 'Phone numbers' },
    { name: 'event sources', path: '/event-sources', title: 'Event sources' },
    { name: 'event that was found', path: `/follow?id=${eventId}`, title: 'Follow an event' },
    { name: 'event that is unknown', path: '/follow?id=unknown', title: 'Follow an event' },
    { name: 'API keys', path: '/api-keys', title: 'API keys' },
    { name: 'audit log', path: '/audit-log', title: 'Audit log', open: openDetails },
    { name: 'no such page', path: '/nowhere', title: 'There is no page here' },
  ];
}

function integrationsOf({ segment, failing, paused, removed, twilio }: Stock): readonly View[] {
  const tab = (name: string): View => ({
    name,
    path: `/integrations/${segment}?tab=${name}`,
    title: 'Segment',
  });
  return [
    {
      name: 'delivery, tested',
      path: `/integrations/${segment}`,
      title: 'Segment',
      open: async (page) => {
        await press(page, 'Send a test event');
        await page.getByRole('status').filter({ hasText: 'The destination took' }).waitFor();
      },
    },
    tab('attempts'),
    tab('dead-letters'),
    tab('settings'),
    { ...tab('history'), open: openDetails },
    { name: 'usage', path: `/integrations/${twilio}?tab=usage`, title: 'Support line' },
    { name: 'delivery that fails', path: `/integrations/${failing}`, title: 'Failing' },
    { name: 'delivery that is paused', path: `/integrations/${paused}`, title: 'Paused' },
    { name: 'integration that is gone', path: `/integrations/${removed}`, title: 'Integration' },
  ];
}

function dialogsOf({ segment, phoneNumber }: Stock): readonly View[] {
  return [
    dialog('replay from a time', `/integrations/${segment}`, 'Replay from a time…'),
    dialog('discard', `/integrations/${segment}?tab=dead-letters`, 'Discard all dead letters…'),
    dialog('import a number', '/phone-numbers', 'Import a number', async (page) => {
      await page.getByRole('dialog').getByRole('combobox', { name: 'Provider' }).selectOption('SIP trunk');
    }),
    dialog('edit a number', '/phone-numbers', `Edit ${phoneNumber}`),
    dialog('remove a number', '/phone-numbers', `Remove ${phoneNumber}`),
    dialog('event source', '/event-sources', 'Add a source', async (page) => {
      await page.getByRole('textbox', { name: 'Name' }).fill('Second account');
      await page.getByRole('textbox', { name: 'Public key' }).fill('not a key');
      await press(page, 'Save');
      await page.getByRole('alert').waitFor();
    }),
    dialog('API key', '/api-keys', 'Create a key'),
    dialog('API key, shown once', '/api-keys', 'Create a key', async (page) => {
      await page.getByRole('textbox', { name: 'Name' }).fill('Pipeline');
      await press(page, 'Create');
      await page.getByRole('dialog', { name: 'The key was made' }).waitFor();
    }),
  ];
}

function deletionsOf({ segment, twilio }: Stock): readonly View[] {
  return [
    dialog('delete', `/integrations/${segment}`, 'Delete…', rehearsed),
    dialog('delete, blocked', `/integrations/${twilio}`, 'Delete…', async (page) => {
      await page.getByRole('combobox', { name: 'Reassign the phone numbers to' }).waitFor();
    }),
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
        await page.getByRole('combobox', { name: 'Replay them to' }).waitFor();
      },
    },
  ];
}

const signedOut: readonly View[] = [
  {
    name: 'sign-in after a session, refused',
    path: '/sign-in?ended=true',
    title: 'Sign in',
    open: async (page) => {
      await page.getByRole('textbox', { name: 'API key' }).fill('bk_live_unknown');
      await press(page, 'Sign in');
      await page.getByRole('alert').waitFor();
    },
  },
];

const referencePages: readonly View[] = [
  { name: 'reference', path: '/docs', title: 'API reference' },
  { name: 'errors', path: '/docs/errors', title: 'Errors' },
  { name: 'error', path: '/docs/errors/integrations_in_use', title: 'integrations_in_use' },
  { name: 'reference of /v3', path: '/docs/sendgrid', title: /Jackfield/ },
  {
    name: 'operation',
    path: '/docs/butter',
    title: /Jackfield/,
    open: async (page) => {
      await page.getByRole('button', { name: 'GET /api/integrations List integrations' }).click();
      await press(page, 'Execute');
      await page.getByRole('heading', { name: 'Response headers' }).waitFor();
    },
  },
  {
    name: 'operation with a body',
    path: '/docs/butter',
    title: /Jackfield/,
    open: async (page) => await page.getByRole('button', { name: 'POST /api/integrations Create' }).click(),
  },
  {
    name: 'keys for requests',
    path: '/docs/butter',
    title: /Jackfield/,
    open: async (page) => {
      await press(page, 'Authorize');
      await page.getByRole('button', { name: 'Apply credentials' }).first().waitFor();
    },
  },
];

function dialog(name: string, path: string, button: string, then?: (page: Page) => Promise<void>): View {
  return {
    name: `dialog: ${name}`,
    path,
    title: /./,
    open: async (page) => {
      await press(page, button);
      await page.getByRole('dialog').or(page.getByRole('alertdialog')).waitFor();
      await then?.(page);
    },
  };
}

async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).first().click();
}

async function rehearsed(page: Page): Promise<void> {
  await page.getByRole('heading', { name: 'What happens' }).waitFor();
}

async function chooseAll(page: Page): Promise<void> {
  await page.getByRole('checkbox', { name: 'Select all on this page' }).focus();
  await page.keyboard.press('Space');
  await page.getByRole('region', { name: 'Selection' }).waitFor();
}

async function openDetails(page: Page): Promise<void> {
  await page.getByRole('row').nth(1).getByRole('group').click();
}
