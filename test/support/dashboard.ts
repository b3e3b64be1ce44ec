/** The dashboard in a real browser, before the whole app and a live destination. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from 'vitest';
import { startApp, type TestApp } from './app.ts';
import { launchBrowser } from './browser.ts';
import { signIn as startSession } from './browser-session.ts';
import { type DatabaseKind, databaseKinds } from './database.ts';
import { SegmentSink } from './segment-sink.ts';

const dashboardFolder = fileURLToPath(new URL('../../dashboard/dist', import.meta.url));
/** A busy machine is slow, and no test is about speed. */
const patienceMs = 20_000;

export interface Dashboard {
  readonly app: TestApp;
  readonly sink: SegmentSink;
  readonly context: BrowserContext;
  /** Empty; whatever it opens, it is signed in as the first organization's admin. */
  readonly page: Page;
  /** Where the browser finds the app; it can be cut off. */
  readonly line: Line;
}

/** `dashboard()` is that of the current test; call it inside tests only. */
export function onDashboard(
  body: (dashboard: () => Dashboard, kind: DatabaseKind) => void,
  kinds: readonly DatabaseKind[] = databaseKinds,
): void {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => await browser.close());
  describe.each(kinds)('on %s', (kind) => {
    let app: TestApp;
    let sink: SegmentSink;
    let line: Line;
    let current: Dashboard | undefined;
    const complaints: string[] = [];

    beforeAll(async () => {
      sink = await SegmentSink.start();
      const settings = { JACKFIELD_SEGMENT_INTEGRATION_LIMIT: '1000', ...sink.environment };
      app = await startApp(kind, settings, dashboardFolder);
      line = await Line.open(app.url);
    });
    afterAll(async () => {
      await line[Symbol.asyncDispose]();
      await app[Symbol.asyncDispose]();
      await sink[Symbol.asyncDispose]();
    });
    beforeEach(async () => {
      const context = await browser.newContext({ baseURL: line.url, reducedMotion: 'reduce' });
      context.setDefaultTimeout(patienceMs);
      const page = await context.newPage();
      page.on('console', (message) => {
        // refusals that are shown to the person are in the console too; what the policy blocks never should be
        if (message.text().includes('Content Security Policy')) complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(String(error)));
      current = { app, sink, context, page, line };
      await become(current, app.roleKey);
    });
    afterEach(async () => {
      await current?.context.close();
      current = undefined;
      expect(complaints.splice(0)).toEqual([]);
    });
    body(() => {
      if (current === undefined) throw new Error('the dashboard runs only inside tests');
      return current;
    }, kind);
  });
}

/** Whatever is opened from now on, it is signed in with this key. */
export async function become({ app, context, line }: Dashboard, key: string): Promise<void> {
  const { client } = await startSession(app, key);
  const [name = '', value = ''] = client.cookie.split('=', 2);
  await context.addCookies([{ name, value, url: line.url }]);
}

export async function signIn(page: Page, key: string): Promise<void> {
  await page.goto('/sign-in');
  await page.getByRole('textbox', { name: 'API key' }).fill(key);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await heading(page, 'Overview');
}

export async function heading(page: Page, name: string | RegExp): Promise<void> {
  await page.getByRole('heading', { level: 1, name }).waitFor();
}

/** With the keyboard alone, as somebody who cannot point would. @throws Error after `most` presses */
export async function tabTo(page: Page, target: Locator, most: number, key = 'Tab'): Promise<void> {
  for (let presses = 0; !(await hasFocus(target)); presses++) {
    if (presses === most) throw new Error(`${most} presses of ${key} do not lead to ${String(target)}`);
    await page.keyboard.press(key);
  }
}

export async function hasFocus(target: Locator): Promise<boolean> {
  return await target.evaluate((element) => element.matches(':focus'));
}

/** Until nothing says that it is being loaded. */
export async function settle(page: Page): Promise<void> {
  await page
    .getByRole('status')
    .filter({ hasText: /^Loading .*…$/ })
    .first()
    .waitFor({ state: 'hidden' });
}

/** The network between browser and app, which a test can take down. */
export class Line implements AsyncDisposable {
  readonly url: string;
  readonly #server: Server;
  readonly #port: number;
  readonly #sockets: Set<Socket>;

  private constructor(server: Server, port: number, sockets: Set<Socket>) {
    this.#server = server;
    this.#port = port;
    this.#sockets = sockets;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async open(target: string): Promise<Line> {
    const sockets = new Set<Socket>();
    const server = createServer((near) => {
      const far = connect(Number(new URL(target).port), '127.0.0.1');
      for (const socket of [near, far]) {
        sockets.add(socket);
        socket.on('error', () => socket.destroy());
        socket.on('close', () => {
          sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
      }
      near.pipe(far).pipe(near);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the line listens nowhere');
    return new Line(server, address.port, sockets);
  }

  async cut(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async mend(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server.listening) await this.cut();
  }
}
