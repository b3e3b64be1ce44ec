import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from './support/database.ts';
import { createEmptyDatabase } from './support/empty-database.ts';
import { call } from './support/http.ts';
import { runToEnd, startProcess } from './support/process.ts';
import { query } from './support/sql.ts';

describe('settings', () => {
  it('are refused with all their problems at once, by name and never by value', async () => {
    const { code, output, errors } = await runToEnd({
      PORT: 'value-1',
      DATABASE_URL: 'mysql://value-2@localhost/value-2',
      JACKFIELD_MASTER_KEYS: 'value-3:dmFsdWUtMw==',
      JACKFIELD_REGION: 'value-4',
      JACKFIELD_LOG_LEVEL: 'value-5',
      JACKFIELD_DATABASE_POOL_SIZE: '0',
      JACKFIELD_RATE_LIMIT_PER_SECOND: '-7',
      JACKFIELD_BOOTSTRAP_ORGANIZATION_ID: 'value-8',
      JACKFIELD_BOOTSTRAP_SENDGRID_KEY: 'SG.value-9',
      JACKFIELD_COLOUR: 'value-10',
    });
    expect({ code, output }).toEqual({ code: 2, output: '' });
    const [title, ...lines] = errors.trimEnd().split('\n');
    expect(title).toBe('The settings are not usable:');
    expect(lines.map((line) => /^ {2}- (\w+) \S/.exec(line)?.[1] ?? line).toSorted()).toEqual([
      'DATABASE_URL',
      'JACKFIELD_BOOTSTRAP_ORGANIZATION_ID',
      'JACKFIELD_BOOTSTRAP_SENDGRID_KEY',
      'JACKFIELD_COLOUR',
      'JACKFIELD_DATABASE_POOL_SIZE',
      'JACKFIELD_LOG_LEVEL',
      'JACKFIELD_MASTER_KEYS',
      'JACKFIELD_RATE_LIMIT_PER_SECOND',
      'JACKFIELD_REGION',
      'PORT',
    ]);
    expect(errors).not.toContain('value-');
    expect(errors).not.toContain('dmFsdWUtMw');
  });

  it('without master keys are refused together with PostgreSQL', async () => {
    await using database = await createEmptyDatabase();
    const { code, errors } = await runToEnd({ DATABASE_URL: database.url });
    expect(code).toBe(2);
    expect(errors).toBe(
      'The settings are not usable:\n' +
        '  - JACKFIELD_MASTER_KEYS is required together with DATABASE_URL (kid:base64 of 32 random bytes)\n',
    );
  });

  it('with master keys that are not the database’s are refused', async () => {
    await using database = await createDatabase('postgres');
    await using first = await startProcess(database.environment);
    await first.end('SIGTERM');
    const [sameName, otherName] = await Promise.all(
      ['test', 'other'].map(
        async (kid) =>
          await runToEnd({
            ...database.environment,
            JACKFIELD_MASTER_KEYS: `${kid}:${randomBytes(32).toString('base64')}`,
          }),
      ),
    );
    const refusal = {
      code: 1,
      output: '',
      errors: 'The master keys do not fit this database: its data keys were wrapped by another one.\n',
    };
    expect(sameName).toMatchObject(refusal);
    expect(otherName).toMatchObject(refusal);
  });

  it('with a port that is taken end the program at once', async () => {
    await using first = await createDatabase('embedded');
    await using second = await createDatabase('embedded');
    await using process = await startProcess(first.environment);
    const { code, errors } = await runToEnd({ ...second.environment, PORT: new URL(process.url).port });
    expect({ code, errors }).toEqual({ code: 1, errors: expect.stringContaining('EADDRINUSE') });
  });
});

describe('a database changed by a newer version', () => {
  it('in a way that breaks this one is refused', async () => {
    await using database = await createDatabase('postgres');
    await addMigration(database, { breaking: true });
    const { code, output, errors } = await runToEnd(database.environment);
    expect({ code, output }).toEqual({ code: 1, output: '' });
    expect(errors).toBe(
      'The database was changed by a newer version of Jackfield (9999-new.sql) in a way that this version ' +
        'does not understand. Start that version or a newer one.\n',
    );
  });

  it('in a way that this one can live with is served', async () => {
    await using database = await createDatabase('postgres');
    await addMigration(database, { breaking: false });
    await using process = await startProcess(database.environment);
    expect((await call(process, 'GET', '/readyz')).status).toBe(200);
  });
});

async function addMigration({ environment }: TestDatabase, { breaking }: { readonly breaking: boolean }) {
  await query(
    environment['DATABASE_URL'] ?? '',
    `insert into migration (id, name, breaking) values (9999, '9999-new.sql', ${breaking})`,
  );
}
