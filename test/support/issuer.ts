/** A real OpenID provider on loopback that gives out JWT access tokens (RFC 9068) by client credentials. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { exportJWK, generateKeyPair, importJWK, type JWK, type JWTPayload, SignJWT } from 'jose';
import { Provider } from 'oidc-provider';
import { type ButterClient, type ButterOptions, butterCall } from './butter.ts';
import type { Answer } from './http.ts';

export const audience = 'https://jackfield.test/api';
const clientSecret = 'a secret between the test and its provider';
/** The subject of a token that was not given to a person is its client (RFC 9068, 2.2). */
export const clients = { plain: 'user_robot1', odd: 'robot|2' } as const;
const lifetimeSeconds = 600;

export type SigningAlgorithm = 'RS256' | 'ES256';
type Claims = Readonly<Record<string, unknown>>;

export interface IssuerOptions {
  readonly port?: number;
  /** What stands behind the origin in its name. */
  readonly suffix?: '' | '/';
}

export interface TokenWish {
  readonly audience?: string;
  readonly client?: string;
}

export class Issuer implements AsyncDisposable {
  /** Its name, as it stands in its tokens. */
  readonly url: string;
  /** Paths that are answered with 500. */
  readonly broken = new Set<string>();
  readonly #server: Server;
  readonly #origin: string;
  #key: JWK = {};
  #answer: RequestListener = () => undefined;

  private constructor(server: Server, origin: string, suffix: string) {
    this.#server = server;
    this.#origin = origin;
    this.url = origin + suffix;
    server.on('request', (request, response) => {
      if (this.broken.has(request.url ?? '')) response.writeHead(500).end();
      else this.#answer(request, response);
    });
  }

  static async start({ port = 0, suffix = '' }: IssuerOptions = {}): Promise<Issuer> {
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the issuer listens nowhere');
    const issuer = new Issuer(server, `http://127.0.0.1:${address.port}`, suffix);
    await issuer.rotateKeys();
    return issuer;
  }

  /** The settings of a Jackfield that trusts it. */
  get environment() {
    return { JACKFIELD_OIDC_ISSUER: this.url, JACKFIELD_OIDC_AUDIENCE: audience };
  }

  /** The key it signs with now, as everybody may know it. */
  get publicKey(): JWK {
    const { d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...publicKey } = this.#key;
    return publicKey;
  }

  /** A new key takes the place of the one before. */
  async rotateKeys(alg: SigningAlgorithm = 'RS256'): Promise<void> {
    const { privateKey } = await generateKeyPair(alg, { extractable: true });
    this.#key = { ...(await exportJWK(privateKey)), kid: crypto.randomUUID(), alg, use: 'sig' };
    this.#answer = new Provider(this.url, configuration(this.#key, alg)).callback();
  }

  /** A token as a client gets it. */
  async token(claims: Claims, wish: TokenWish = {}): Promise<string> {
    const form = {
      grant_type: 'client_credentials',
      client_id: wish.client ?? clients.plain,
      client_secret: clientSecret,
      resource: wish.audience ?? audience,
    };
    const headers = { [claimsHeader]: JSON.stringify(claims) };
    const body = new URLSearchParams(form);
    const answer = await fetch(`${this.#origin}/token`, { method: 'POST', headers, body });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`no token: ${answer.status} ${text}`);
    return JSON.parse(text).access_token;
  }

  /** Claims as its own tokens have them, for what it would never give out. */
  claims(more: JWTPayload): JWTPayload {
    const now = Math.floor(Date.now() / 1_000);
    return {
      iss: this.url,
      aud: audience,
      sub: clients.plain,
      iat: now,
      exp: now + lifetimeSeconds,
      ...more,
    };
  }

  /** Signs any claims with its own key. */
  async sign(payload: JWTPayload): Promise<string> {
    const { kid = '', alg = '' } = this.#key;
    const header = { alg, kid, typ: 'at+jwt' };
    return await new SignJWT(payload).setProtectedHeader(header).sign(await importJWK(this.#key));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}

/** Where a request for a token says which claims the token is to carry. */
const claimsHeader = 'x-test-claims';

function configuration(key: JWK, alg: SigningAlgorithm) {
  const client = {
    client_secret: clientSecret,
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    token_endpoint_auth_method: 'client_secret_post',
  };
  const toResourceServer = (_context: unknown, resource: string) => ({
    audience: resource,
    scope: '',
    accessTokenFormat: 'jwt',
    accessTokenTTL: lifetimeSeconds,
    jwt: { sign: { alg } },
  });
  // a JWT lives by itself, so there is nothing to keep
  const keepNothing = () => ({ upsert: async () => undefined, find: async () => undefined });
  return {
    adapter: keepNothing,
    ttl: { ClientCredentials: lifetimeSeconds },
    jwks: { keys: [key] },
    clients: Object.values(clients).map((id) => ({ ...client, client_id: id })),
    clientDefaults: { id_token_signed_response_alg: alg },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: { enabled: true, getResourceServerInfo: toResourceServer },
    },
    extraTokenClaims: (context: { get(header: string): string }) => JSON.parse(context.get(claimsHeader)),
  };
}

/** Calls with a token instead of a key. Without a request: lists the API keys. */
export async function callWithToken(
  client: ButterClient,
  token: string,
  [method, path]: readonly [string, string] = ['GET', '/api/api-keys'],
  options: ButterOptions = {},
): Promise<Answer> {
  const headers = { ...options.headers, authorization: `Bearer ${token}` };
  return await butterCall(client, method, path, { key: null, ...options, headers });
}

export async function createKeyWithToken(client: ButterClient, token: string, role: string): Promise<Answer> {
  return await callWithToken(client, token, ['POST', '/api/api-keys'], { json: { name: 'By token', role } });
}
