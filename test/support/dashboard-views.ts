/** Everything that the dashboard and the reference show, and what must be there and done for it to be seen. */
import type { TestApp } from './app.ts';
import {
  butterCall,
  createOrganization,
  createRoleKey,
  createTwilio,
  importNumber,
  twilioBody,
} from './butter.ts';
import { deletionsOf } from './deletion-views.ts';
import { act, untilDelivery, unusable } from './delivery.ts';
import { referencePages } from './reference-views.ts';
import { type SegmentSink, sinkStatus } from './segment-sink.ts';
import { chooseAll, dialog, openDetails, press, type View } from './view.ts';
import { createSegment, newEvent, newEvents, postEvents } from './webhook.ts';

export interface Stock {
  /** It has attempts, a dead letter and a history. */
  readonly segment: string;
  readonly failing: string;
  readonly paused: string;
  /** Events were waiting for it. */
  readonly removed: string;
  /** It has a phone number. */
  readonly twilio: string;
  readonly phoneNumber: string;
  readonly eventId: string;
  /** Of somebody who only reads. */
  readonly readerKey: string;
  /** Of an organization in which nothing was done yet. */
  readonly newcomerKey: string;
}

export async function createStock(app: TestApp, sink: SegmentSink): Promise<Stock> {
  const { id: segment } = await createSegment(app, ['delivered', 'open']);
  const { id: failing, writeKey } = await createSegment(app, ['delivered'], { name: 'Failing' });
  sink.answers.set(writeKey, sinkStatus(503));
  const { id: paused } = await createSegment(app, ['delivered'], { name: 'Paused' });
  await act(app, paused, 'pause');
  const { id: removed } = await createSegment(app, ['delivered'], { name: 'Former' });
  await act(app, removed, 'pause');
  for (let index = 0; index < 8; index++) await createSegment(app, [], { name: `Spare ${index}` });
  const twilio = await createTwilio(app, { json: twilioBody('Support line') });
  await createTwilio(app, { json: twilioBody('Sales line') });
  const { phoneNumber } = await importNumber(app, twilio);
  const event = newEvent();
  await postEvents(app, [event, unusable(), ...newEvents(2), { event: 'no id' }]);
  await butterCall(app, 'DELETE', `/api/integrations/${removed}`);
  await untilDelivery(app, segment, { waiting_events: 0, dead_letters: 1 });
  await untilDelivery(app, failing, { state: 'backing_off' });
  const readerKey = await createRoleKey(app, 'user');
  const { roleKey: newcomerKey } = await createOrganization(app);
  const eventId = event.sg_event_id;
  return { segment, failing, paused, removed, twilio, phoneNumber, eventId, readerKey, newcomerKey };
}

interface ViewGroup {
  readonly views: readonly View[];
  /** Of who looks; the first organization's admin unless said. */
  readonly key?: string;
}

export const viewGroups: Readonly<Record<string, (stock: Stock) => ViewGroup>> = {
  pages: (stock) => ({ views: [...pagesOf(stock), ...integrationsOf(stock), ...signedOut] }),
  dialogs: (stock) => ({ views: [...dialogsOf(stock), ...deletionsOf(stock)] }),
  reference: () => ({ views: referencePages }),
  'pages of who only reads': (stock) => ({ views: readersPages(stock), key: stock.readerKey }),
  'pages before anything was done': (stock) => ({ views: places, key: stock.newcomerKey }),
};

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
    {
      name: 'new Twilio integration, incomplete',
      path: '/integrations/new',
      title: 'Add an integration',
      open: async (page) => {
        await page.getByRole('radio', { name: /^Twilio/ }).check();
        await press(page, 'Add Twilio');
        await page.getByRole('textbox', { name: 'Account SID', description: 'is needed' }).waitFor();
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
    dialog('edit an event source', '/event-sources', /^Edit /),
    dialog('delete an event source', '/event-sources', /^Delete /),
    dialog('API key', '/api-keys', 'Create a key'),
    dialog('revoke a key', '/api-keys', /^Revoke /),
    dialog('SendGrid key', '/api-keys', 'Create a SendGrid key'),
    dialog('revoke a SendGrid key', '/api-keys', /^Revoke the SendGrid key /),
    dialog('API key, shown once', '/api-keys', 'Create a key', async (page) => {
      await page.getByRole('textbox', { name: 'Name' }).fill('Pipeline');
      await press(page, 'Create');
      await page.getByRole('dialog', { name: 'The key was made' }).waitFor();
    }),
  ];
}

function readersPages({ segment }: Stock): readonly View[] {
  const tabs = ['delivery', 'dead-letters', 'settings', 'history'];
  return [
    ...places,
    { name: 'new integration', path: '/integrations/new', title: 'Add an integration' },
    ...tabs.map((name) => ({ name, path: `/integrations/${segment}?tab=${name}`, title: 'Segment' })),
  ];
}

/** What the menu leads to and looks otherwise for who may do less, or has nothing yet. */
const places: readonly View[] = [
  { name: 'overview', path: '/', title: 'Overview' },
  { name: 'integrations', path: '/integrations', title: 'Integrations' },
  { name: 'phone numbers', path: '/phone-numbers', title: 'Phone numbers' },
  { name: 'event sources', path: '/event-sources', title: 'Event sources' },
  { name: 'API keys', path: '/api-keys', title: 'API keys' },
  { name: 'audit log', path: '/audit-log', title: 'Audit log' },
];

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
