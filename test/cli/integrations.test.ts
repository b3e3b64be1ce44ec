import { describe, expect, it } from 'vitest';
import { butterCall, createTwilio, importNumber } from '../support/butter.ts';
import { type Environment, runCommand, settingsOf, Terminal } from '../support/command.ts';
import { onBothDatabases } from '../support/matrix.ts';

onBothDatabases((app) => {
  const run = async (words: readonly string[], environment: Environment = {}) =>
    await runCommand(words, { ...settingsOf(app()), ...environment });
  const isThere = async (id: string) =>
    (await butterCall(app(), 'GET', `/api/integrations/${id}`)).status === 200;

  describe('integrations delete', () => {
    it('shows what would happen with --dry-run, and deletes nothing', async () => {
      const id = await createTwilio(app());
      const { code, output } = await run(['integrations', 'delete', id, '--dry-run']);
      expect(code).toBe(0);
      expect(output).toContain('Would delete 1 integration:');
      expect(output).toContain(id);
      expect(await isThere(id)).toBe(true);
    });

    it('deletes all that are named with --yes', async () => {
      const ids = [await createTwilio(app()), await createTwilio(app())];
      const { code, json } = await run(['integrations', 'delete', ...ids, '--yes', '--json']);
      expect(code).toBe(0);
      const deleted: readonly { readonly integration_id: string }[] = json.deleted;
      expect(deleted.map((each) => each.integration_id).toSorted()).toEqual(ids.toSorted());
      expect(await Promise.all(ids.map(isThere))).toEqual([false, false]);
    });

    it('names the numbers that are in the way, deletes nothing, and ends with a code of its own', async () => {
      const [free, used] = [await createTwilio(app()), await createTwilio(app())];
      const { phoneNumber } = await importNumber(app(), used);
      for (const flag of ['--dry-run', '--yes']) {
        const { code, output } = await run(['integrations', 'delete', free, used, flag]);
        expect(code).toBe(6);
        expect(output).toContain(used);
        expect(output).toContain(phoneNumber);
      }
      expect(await Promise.all([free, used].map(isThere))).toEqual([true, true]);
    });

    it('moves numbers with --replace-with', async () => {
      const [old, replacement] = [await createTwilio(app()), await createTwilio(app())];
      await importNumber(app(), old);
      const words = ['integrations', 'delete', old, '--replace-with', replacement, '--yes', '--json'];
      const { code, json } = await run(words);
      expect({ code, moved: json.moved_phone_numbers }).toEqual({ code: 0, moved: 1 });
    });

    it('asks nobody where there is no terminal, and deletes nothing', async () => {
      const id = await createTwilio(app());
      const { code, output, errors } = await run(['integrations', 'delete', id]);
      expect({ code, output }).toEqual({ code: 8, output: '' });
      expect(errors).toContain('--yes');
      expect(await isThere(id)).toBe(true);
    });

    it('says not found with its own code', async () => {
      const { code } = await run(['integrations', 'delete', 'intg_000000000000', '--yes']);
      expect(code).toBe(5);
    });
  });

  describe('in a terminal, integrations delete', () => {
    it('shows names and deletes after a yes', async () => {
      const id = await createTwilio(app());
      await using terminal = new Terminal(['integrations', 'delete', id], settingsOf(app()));
      await terminal.until('Delete 1 integration?');
      expect(terminal.text).toContain(id);
      terminal.type('y\r');
      expect(await terminal.end()).toEqual({ code: 0, isRestored: true });
      expect(await isThere(id)).toBe(false);
    });

    it.each([
      ['a bare Enter', ''],
      ['anything else, a y in it or not', 'history'],
    ])('deletes nothing after %s', async (_, typed) => {
      const id = await createTwilio(app());
      await using terminal = new Terminal(['integrations', 'delete', id], settingsOf(app()));
      await terminal.until('Delete 1 integration?');
      terminal.type(`${typed}\r`);
      expect(await terminal.end()).toEqual({ code: 8, isRestored: true });
      expect(await isThere(id)).toBe(true);
    });

    it('deletes nothing after Ctrl-C, and leaves the terminal as it was', async () => {
      const id = await createTwilio(app());
      await using terminal = new Terminal(['integrations', 'delete', id], settingsOf(app()));
      await terminal.until('Delete 1 integration?');
      terminal.type('\u0003');
      expect(await terminal.end()).toEqual({ code: 130, isRestored: true });
      expect(await isThere(id)).toBe(true);
    });

    it('has the count typed for a large deletion', async () => {
      const ids = await Promise.all(Array.from({ length: 11 }, async () => await createTwilio(app())));
      await using wrong = new Terminal(['integrations', 'delete', ...ids], settingsOf(app()));
      await wrong.until('Type 11 to go on');
      wrong.type('y\r');
      expect((await wrong.end()).code).toBe(8);
      await using right = new Terminal(['integrations', 'delete', ...ids], settingsOf(app()));
      await right.until('Type 11 to go on');
      right.type('11\r');
      expect(await right.end()).toEqual({ code: 0, isRestored: true });
      expect(await Promise.all(ids.map(isThere))).not.toContain(true);
    });
  });
});
