import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Ajv } from 'ajv';
import { beforeAll, describe, expect, it } from 'vitest';
import { clientSettings } from '../../src/config/client.ts';
import { settingNames } from '../../src/config/config.ts';
import { composeVariables, readCompose } from '../support/compose.ts';
import { readDockerfile, root, variablesOf } from '../support/dockerfile.ts';
import { createEmptyDatabase } from '../support/empty-database.ts';
import { freePort } from '../support/postgres-server.ts';
import { exitCodeOf, startInFolder } from '../support/server-folder.ts';

const required = {
  POSTGRES_PASSWORD: randomBytes(32).toString('hex'),
  JACKFIELD_MASTER_KEYS: `k1:${randomBytes(32).toString('base64')}`,
};

async function schemaCheck() {
  const text = await readFile(`${root}test/fixtures/compose-spec/compose-spec.json`, 'utf8');
  // the address by which it names its own language is not quite that language's
  const { $schema: _, ...schema } = JSON.parse(text);
  return new Ajv({ strict: false, allErrors: true }).compile(schema);
}

describe('compose.yaml', () => {
  let file: any;
  beforeAll(async () => {
    file = await readCompose(required);
  });

  it('is what the Compose specification allows', async () => {
    const check = await schemaCheck();
    check(file);
    expect(check.errors).toBeNull();
    const misspelt = { ...file, services: { ...file.services, other: { image: 'x', read_olny: true } } };
    expect(check(misspelt)).toBe(false);
  });

  it('gives Jackfield only settings that exist, and so does the image', async () => {
    const inImage = Object.keys(variablesOf(await readDockerfile()));
    const names = [...Object.keys(file.services.jackfield.environment), ...inImage];
    expect(names).toEqual(expect.arrayContaining(['DATABASE_URL', 'HOST', 'JACKFIELD_DATA_DIR', 'PORT']));
    expect(
      names.filter((name) => !['NODE_ENV', 'NODE_OPTIONS'].includes(name) && !settingNames.includes(name)),
    ).toEqual([]);
  });

  it('hands over every setting of a server, and leaves those empty that are not given', () => {
    // what only the embedded database and the command line take
    const others = new Set(['JACKFIELD_DATA_DIR', ...Object.keys(clientSettings.shape)]);
    const { environment } = file.services.jackfield;
    expect(Object.keys(environment).toSorted()).toEqual(
      settingNames.filter((name) => !others.has(name)).toSorted(),
    );
    const given = new Set(['DATABASE_URL', 'HOST', 'JACKFIELD_MASTER_KEYS', 'PORT']);
    const values = Object.entries(environment).filter(([name]) => !given.has(name));
    expect(values.filter(([, value]) => value !== '')).toEqual([]);
  });

  it.each(['POSTGRES_PASSWORD', 'JACKFIELD_MASTER_KEYS'])(
    'does not start without %s, and says so',
    async (name) => {
      await expect(readCompose({ ...required, [name]: '' })).rejects.toThrow(
        `required variable ${name} is missing a value: set it in the file .env`,
      );
    },
  );

  it('has every variable explained in .env.example, and none is there in vain', async () => {
    const example = await readFile(`${root}.env.example`, 'utf8');
    const explained = [...example.matchAll(/^(\w+)=(.*)$/gm)];
    const variables = await composeVariables();
    expect(new Set(explained.map(([, name]) => name))).toEqual(new Set(variables.keys()));
    // a value there would be everybody's
    expect(explained.map(([, , value]) => value).filter((value) => value !== '')).toEqual([]);
    const needed = [...variables].filter(([, isRequired]) => isRequired).map(([name]) => name);
    expect(new Set(needed)).toEqual(new Set(Object.keys(required)));
  });

  it.each(['jackfield', 'database'])('gives %s no more than it needs', (name) => {
    expect(file.services[name]).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      healthcheck: { test: expect.arrayContaining(['CMD']) },
    });
    const { ports = [], privileged, cap_add } = file.services[name];
    expect([privileged, cap_add]).toEqual([undefined, undefined]);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it('starts Jackfield, which is healthy until it ends', async () => {
    await using database = await createEmptyDatabase();
    const { environment: given, healthcheck } = file.services.jackfield;
    expect(given.DATABASE_URL).toBe(
      `postgres://jackfield:${required.POSTGRES_PASSWORD}@database:5432/jackfield`,
    );
    const environment = { ...given, DATABASE_URL: database.url, PORT: String(await freePort()) };
    const [kind, program, ...parameters] = healthcheck.test;
    expect([kind, program]).toEqual(['CMD', 'node']);
    const health = { folder: root, parameters, environment };
    {
      await using _ = await startInFolder({
        folder: root,
        parameters: ['src/main.ts', 'serve'],
        environment,
      });
      expect(await exitCodeOf(health)).toBe(0);
    }
    expect(await exitCodeOf(health)).toBe(1);
  });
});
