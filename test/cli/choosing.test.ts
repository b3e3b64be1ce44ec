/** Options that choose: among integrations, among entries of the audit log, and what of a phone number changes. */
import { expect, it } from 'vitest';
import { butterCall, createTwilio, newPhoneNumber, twilioBody } from '../support/butter.ts';
import { runCommand, settingsOf } from '../support/command.ts';
import { violations } from '../support/command-schema.ts';
import { act } from '../support/delivery.ts';
import { onDatabases } from '../support/matrix.ts';
import { createSegment } from '../support/webhook.ts';

onDatabases(['embedded'], (app) => {
  const run = async (words: readonly string[]) => await runCommand([...words, '--json'], settingsOf(app()));

  it('integrations list searches, sorts, and narrows to states of delivery', async () => {
    for (const name of ['Walnut', 'Almond']) await createTwilio(app(), { json: twilioBody(`${name} tree`) });
    const { id } = await createSegment(app(), ['open'], { name: 'Paused' });
    await act(app(), id, 'pause');
    const namesOf = async (...words: readonly string[]) => {
      const { json } = await run(['integrations', 'list', ...words]);
      expect(violations('integrations list', json)).toEqual([]);
      return json.items.map(({ name }: { readonly name: string }) => name);
    };
    expect(await namesOf('--search', ' TREE', '--sort', 'name')).toEqual(['Almond tree', 'Walnut tree']);
    expect(await namesOf('--search', ' tree', '--sort', '-name')).toEqual(['Walnut tree', 'Almond tree']);
    expect(await namesOf('--state', 'paused,backing_off')).toEqual(['Paused']);
    const refused = await run(['integrations', 'list', '--sort', 'luck']);
    expect(refused).toMatchObject({ code: 7, output: '' });
    const paused = await runCommand(['integrations', 'list', '--state', 'paused'], settingsOf(app()));
    expect(paused.output).toMatch(/Paused +segment +active +paused +0 /);
    expect(await run(['integrations', 'list', '--all', '--limit', '1'])).toMatchObject({
      code: 2,
      output: '',
    });
  });

  it('export narrows to who did it and when', async () => {
    const id = await createTwilio(app());
    await butterCall(app(), 'DELETE', `/api/integrations/${id}`);
    const chosen = async (...words: readonly string[]) => {
      const { output } = await runCommand(['export', '--target-id', id, ...words], settingsOf(app()));
      return output.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
    };
    const [removal, creation] = await chosen();
    const later = new Date(Date.parse(removal.at) + 60_000).toISOString();
    expect(await chosen('--from', later)).toEqual([]);
    expect(await chosen('--from', creation.at, '--to', later)).toEqual([removal, creation]);
    expect(await chosen('--to', creation.at)).toEqual([]);
    expect(await chosen('--actor', removal.actor.id)).toEqual([removal, creation]);
    expect(await chosen('--actor', 'nobody')).toEqual([]);
  });

  it('numbers update assigns, frees, and says which calls a number is for', async () => {
    const json = { provider: 'sip', phone_number: newPhoneNumber() };
    const { phone_number_id: id } = (await butterCall(app(), 'POST', '/api/phone-numbers', { json })).json
      .data;
    const update = async (...words: readonly string[]) => await run(['numbers', 'update', id, ...words]);
    const assigned = (await update('--agent', 'agnt_1', '--inbound')).json;
    expect(violations('numbers update', assigned)).toEqual([]);
    expect(assigned).toMatchObject({ assigned_agent_id: 'agnt_1', supports_inbound: true });
    const freed = (await update('--free', '--no-inbound')).json;
    expect(freed).toMatchObject({ assigned_agent_id: null, supports_inbound: false });
    // nothing is known of the trunk that calls would go through
    expect(await update('--outbound')).toMatchObject({ code: 7, output: '' });
    expect(await update('--free', '--agent', 'agnt_1')).toMatchObject({ code: 2, output: '' });
    const both = await update('--inbound', '--no-inbound');
    expect(both).toMatchObject({ code: 2, output: '' });
    expect(both.errors).toContain('give --inbound or --no-inbound, not both');
    expect(await update()).toMatchObject({ code: 2, output: '' });
  });
});
