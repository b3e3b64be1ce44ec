import { describe, expect, it } from 'vitest';
import { onDashboard } from '../support/dashboard.ts';
import { act, until, untilDelivery, unusable } from '../support/delivery.ts';
import { createSegment, newEvents, postEvents } from '../support/webhook.ts';

describe('how delivery went', () => {
  onDashboard(
    (dashboard) => {
      it('is drawn: what waits and what is dead, in a chart of its own, which is a table too', async () => {
        const { page, app } = dashboard();
        const paused = await createSegment(app, ['open']);
        const refusing = await createSegment(app, ['delivered']);
        await act(app, paused.id, 'pause');
        await postEvents(app, [...newEvents(1_234, 'open'), unusable()]);
        await untilDelivery(app, refusing.id, { dead_letters: 1 });
        await page.goto('/');
        const standing = page.getByRole('figure', { name: 'Waiting and dead letters over time' });
        await standing.getByRole('button', { name: 'Waiting: 1,234', pressed: true }).waitFor();
        await standing.getByRole('button', { name: 'Dead letters: 1', pressed: true }).waitFor();
        await standing.getByRole('button', { name: 'Show as a table' }).click();
        const table = standing.getByRole('region').getByRole('table');
        const titles = await table.getByRole('columnheader').allTextContents();
        expect(titles).toEqual(['From', 'Waiting', 'Dead letters']);
        const last = table.getByRole('row').last();
        expect(await last.getByRole('cell').allTextContents()).toEqual(['1,234', '1']);
        // nobody has looked an hour ago
        expect(await table.getByRole('row').nth(1).getByRole('cell').allTextContents()).toEqual([
          'not known',
          'not known',
        ]);
      });

      it('is drawn without what is tried again until it is asked for, by keyboard too', async () => {
        const { page } = dashboard();
        await page.goto('/');
        const flow = page.getByRole('figure', { name: 'Events over time' });
        const entry = (name: RegExp, pressed: boolean) => flow.getByRole('button', { name, pressed });
        await entry(/^Received: /, true).waitFor();
        await entry(/^Forwarded: /, true).waitFor();
        await entry(/^Tried again: /, false).focus();
        await page.keyboard.press('Space');
        await entry(/^Tried again: /, true).waitFor();
        await entry(/^Received: /, true).click();
        await entry(/^Received: /, false).waitFor();
        // a window that gets narrower takes the chart along
        const edge = async () => {
          const box = await flow.getByRole('button', { name: 'Show as a table' }).boundingBox();
          return (box?.x ?? 0) + (box?.width ?? 0);
        };
        expect(await edge()).toBeGreaterThan(360);
        await page.setViewportSize({ width: 360, height: 800 });
        await until(async () => expect(await edge()).toBeLessThan(360));
      });

      it('is listed attempt by attempt, with the reason where there was no answer', async () => {
        const { page, app, sink } = dashboard();
        const { id, writeKey } = await createSegment(app, ['delivered']);
        sink.answers.set(writeKey, (response) => {
          if (sink.requestsFor(writeKey).length > 1) return void response.end('{}');
          response.socket?.resetAndDestroy();
        });
        await postEvents(app, newEvents(1));
        await page.goto(`/integrations/${id}?tab=attempts`);
        await page.getByRole('row').filter({ hasText: 'Taken' }).waitFor();
        const unanswered = page.getByRole('row').filter({ hasText: 'To be tried again' });
        await unanswered.getByRole('cell', { name: 'None: connection reset' }).waitFor();
      });
    },
    ['postgres'],
  );
});
