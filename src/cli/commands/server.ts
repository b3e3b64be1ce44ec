/** Running the service: `jackfield serve`, `migrate`, `doctor`. */
import { z } from 'zod';
import { loadConfig } from '../../config/config.ts';
import { type Command, command } from '../command.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';

export const serverCommands: readonly Command[] = [
  command({
    name: 'serve',
    summary: 'Run the server until it is told to stop',
    speaksTo: 'nobody',
    json: false,
    input: z.object({}),
    run: async () => {
      const { serve } = await import('../serve.ts');
      await serve();
    },
  }),
  command({
    name: 'migrate',
    summary: "Bring the database to this version's schema",
    details: 'A start of the server does the same. The embedded database has to be stopped.',
    speaksTo: 'nobody',
    input: z.object({}),
    run: async (_, { terminal, environment }) => {
      const config = loadConfig(environment);
      const [{ openStorage }, { migrate }] = await Promise.all([
        import('../store.ts'),
        import('../../opening.ts'),
      ]);
      await using storage = await openStorage(config);
      const applied = await migrate(config, storage);
      terminal.print({ applied }, () =>
        applied.length === 0 ? ['The schema is up to date.'] : applied.map((name) => `Applied ${name}.`),
      );
    },
  }),
  command({
    name: 'doctor',
    summary: 'Check the settings, the database, the master keys, the clock and the destinations',
    details: 'Takes the settings of the server. A database that a running server holds is left alone.',
    speaksTo: 'nobody',
    input: z.object({}),
    run: async (_, { terminal, environment, signal }) => {
      const { examine } = await import('../doctor.ts');
      const checks = await examine(environment, signal);
      const marks = { ok: 'green', skipped: 'yellow', failed: 'red' } as const;
      terminal.print({ checks }, () =>
        checks.map(({ check, result, finding }) => {
          const mark = terminal.styled(marks[result], result.padEnd(8));
          return `${mark} ${check.padEnd(16)} ${finding}`;
        }),
      );
      const failed = checks.filter(({ result }) => result === 'failed').length;
      if (failed > 0)
        throw new CommandError(exitCodes.failed, `${failed} of ${checks.length} checks failed.`);
    },
  }),
];
