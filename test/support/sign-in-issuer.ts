/** A real OpenID provider on loopback at which a person signs in, and a browser that goes there and back. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { Provider } from 'oidc-provider';
import type { Answer } from './http.ts';

const clientId = 'jackfield-dashboard';
const clientSecret = 'a secret between Jackfield and its issuer';
const scopes = 'openid profile email';

export interface Person {
  readonly id: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

export class SignInIssuer implements AsyncDisposable {
  readonly url: string;
  readonly #server: Server;
  readonly #redirectUrl: string;
  readonly #key: JWK;
  #answer: RequestListener = () => undefined;
  #provider: Provider | undefined;
  #claimsIn: 'id_token' | 'userinfo' | undefined;
  /** Who sits at the browser; undefined: somebody who changes their mind. */
  person: Person | undefined;
  isDown = false;

  private constructor(server: Server, port: number, redirectUrl: string, key: JWK) {
    this.#server = server;
    this.#redirectUrl = redirectUrl;
    this.#key = key;
    this.url = `http://127.0.0.1:${port}`;
    this.keepClaimsIn('id_token');
    server.on('request', (request, response) => {
      if (this.isDown) response.writeHead(500).end();
      else if (request.url?.startsWith('/interaction/') === true) {
        const result =
          this.person === undefined
            ? { error: 'access_denied' }
            : { login: { accountId: this.person.id, remember: false } };
        void this.#provider?.interactionFinished(request, response, result);
      } else this.#answer(request, response);
    });
  }

  /** @param publicUrl where the app will be. */
  static async start(publicUrl: string): Promise<SignInIssuer> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the issuer listens nowhere');
    const { privateKey } = await generateKeyPair('RS256', { extractable: true });
    const key = { ...(await exportJWK(privateKey)), kid: 'one', alg: 'RS256', use: 'sig' };
    return new SignInIssuer(server, address.port, `${publicUrl}/session/openid-connect/callback`, key);
  }

  /** The settings of a Jackfield whose people sign in here. */
  environmentFor(publicUrl: string) {
    return {
      PORT: new URL(publicUrl).port,
      JACKFIELD_PUBLIC_URL: publicUrl,
      JACKFIELD_OIDC_ISSUER: this.url,
      JACKFIELD_OIDC_AUDIENCE: 'https://jackfield.test/api',
      JACKFIELD_OIDC_CLIENT_ID: clientId,
      JACKFIELD_OIDC_CLIENT_SECRET: clientSecret,
    };
  }

  keepClaimsIn(place: 'id_token' | 'userinfo'): void {
    if (place === this.#claimsIn) return;
    this.#claimsIn = place;
    this.#provider = new Provider(this.url, {
      jwks: { keys: [this.#key] },
      cookies: { keys: ['a key for the cookies of the issuer'] },
      clients: [
        {
          client_id: clientId,
          client_secret: clientSecret,
          grant_types: ['authorization_code'],
          response_types: ['code'],
          redirect_uris: [this.#redirectUrl],
          token_endpoint_auth_method: 'client_secret_post',
        },
      ],
      claims: { openid: ['sub', 'organizations', 'role'], profile: ['name'], email: ['email'] },
      conformIdTokenClaims: place === 'userinfo',
      pkce: { required: () => true },
      features: { devInteractions: { enabled: false } },
      interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
      findAccount: (_: unknown, id: string) => ({
        accountId: id,
        claims: () => ({ sub: id, ...this.person?.claims }),
      }),
      // people are not asked whether they agree
      loadExistingGrant: async ({ oidc }: { oidc: any }) => {
        const grant = new oidc.provider.Grant({
          clientId: oidc.client.clientId,
          accountId: oidc.session.accountId,
        });
        grant.addOIDCScope(scopes);
        await grant.save();
        return grant;
      },
    });
    this.#answer = this.#provider.callback();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}

/** Follows redirections as a browser does, and keeps the cookies of each origin. */
export class Wanderer {
  readonly #jars = new Map<string, Map<string, string>>();

  cookiesOf(origin: string): Map<string, string> {
    const jar = this.#jars.get(origin) ?? new Map<string, string>();
    this.#jars.set(origin, jar);
    return jar;
  }

  /** One request. */
  async visit(url: string): Promise<Answer> {
    const { origin } = new URL(url);
    const jar = this.cookiesOf(origin);
    const cookie = [...jar].map((pair) => pair.join('=')).join('; ');
    const response = await fetch(url, { headers: { cookie }, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '' || /expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: undefined };
  }

  /** As far as to the callback, which is not asked yet. @returns its URL. */
  async toCallback(publicUrl: string, returnTo = '/'): Promise<string> {
    let next = `${publicUrl}/session/openid-connect/start?return_to=${encodeURIComponent(returnTo)}`;
    for (let steps = 0; steps < 10; steps++) {
      const answer = await this.visit(next);
      const location = answer.headers.get('location');
      if (location === null) throw new Error(`stranded at ${next}: ${answer.status} ${answer.text}`);
      next = new URL(location, next).href;
      if (next.startsWith(`${publicUrl}/session/openid-connect/callback`)) return next;
    }
    throw new Error('sent around in circles');
  }
}
