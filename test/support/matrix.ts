/** Runs a test body on both databases, each with one app for the whole block. */
import { afterAll, beforeAll, describe } from 'vitest';
import { startApp, type TestApp } from './app.ts';
import { type DatabaseKind, databaseKinds } from './database.ts';

/** `app()` is the app of the current block; call it inside tests only. */
export function onBothDatabases(
  body: (app: () => TestApp) => void,
  environment: Readonly<Record<string, string>> = {},
): void {
  onDatabases(databaseKinds, body, environment);
}

/** As above, on some of them: for what the database is behind a surface that is tested on both. */
export function onDatabases(
  kinds: readonly DatabaseKind[],
  body: (app: () => TestApp) => void,
  environment: Readonly<Record<string, string>> = {},
): void {
  describe.each(kinds)('on %s', (kind) => {
    let app: TestApp | undefined;
    beforeAll(async () => {
      app = await startApp(kind, environment);
    });
    afterAll(async () => await app?.[Symbol.asyncDispose]());
    body(() => {
      if (app === undefined) throw new Error('the app runs only inside tests');
      return app;
    });
  });
}
