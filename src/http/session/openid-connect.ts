/**
 * /session/openid-connect: away to the issuer, and back. The browser comes back from another site, and the session's
 * cookie does not go along on such a way: so the answer is a page of our own, which goes on from here.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError, errorMeanings, invalid } from '../../core/errors.ts';
import type { SignInService } from '../../services/sign-in.ts';
import { failureOf } from '../failure.ts';
import { escapeHtml, renderPage, setPageHeaders } from '../page.ts';
import { singleQueryOf } from '../query.ts';
import { resource } from '../resource.ts';
import type { SessionCookies } from '../session-cookies.ts';
import { renderFailure } from './errors.ts';
import { isLocalPath } from './return-to.ts';

export interface OpenIdConnectParts {
  readonly signIn: SignInService;
  readonly cookies: SessionCookies;
}

const transactionSeconds = 10 * 60;
const transactionForm = z.object({
  state: z.string(),
  nonce: z.string(),
  codeVerifier: z.string(),
  returnTo: z.string().refine(isLocalPath),
});

export function registerOpenIdConnect(app: FastifyInstance, { signIn, cookies }: OpenIdConnectParts): void {
  resource(app, '/openid-connect/start', {
    GET: {
      authorize: [],
      handler: async (request, reply) => {
        const { return_to: returnTo = '/' } = singleQueryOf(request);
        if (!isLocalPath(returnTo)) throw invalid(['return_to'], 'return_to should be a path on this server');
        const { url, transaction } = await signIn.begin();
        cookies.set(reply, {
          name: 'signIn',
          value: Buffer.from(JSON.stringify({ ...transaction, returnTo })).toString('base64url'),
          // it has to come along when the issuer sends the browser back
          sameSite: 'Lax',
          lifetimeSeconds: transactionSeconds,
        });
        return await reply.code(302).header('location', url.href).send();
      },
    },
  });

  resource(app, '/openid-connect/callback', {
    GET: {
      authorize: [],
      handler: async (request, reply) => {
        // good for one attempt
        cookies.clear(reply, 'signIn');
        try {
          const transaction = transactionOf(cookies, request);
          const start = request.url.indexOf('?');
          const query = start < 0 ? '' : request.url.slice(start);
          const token = cookies.sessionOf(request);
          const previous = token === undefined ? undefined : { token, isContinued: false };
          cookies.begin(
            reply,
            await signIn.complete({ query, transaction, requestId: request.id, previous }),
          );
          return await goOn(reply, transaction?.returnTo ?? '/');
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          request.log.info({ err: error }, 'a sign-in at the identity provider failed');
          return await explain(reply, error);
        }
      },
    },
  });
}

function transactionOf(
  cookies: SessionCookies,
  request: FastifyRequest,
): z.infer<typeof transactionForm> | undefined {
  const text = Buffer.from(cookies.read(request, 'signIn') ?? '', 'base64url').toString('utf8');
  try {
    return transactionForm.safeParse(JSON.parse(text)).data;
  } catch {
    // no cookie, or not one of ours
    return undefined;
  }
}

async function goOn(reply: FastifyReply, returnTo: string): Promise<FastifyReply> {
  const path = escapeHtml(returnTo);
  const page = renderPage({
    title: 'Signed in',
    head: `<meta http-equiv="refresh" content="0; url=${path}">\n`,
    body: `<main>\n<h1>Signed in</h1>\n<p><a href="${path}">Go on</a></p>\n</main>`,
  });
  return await setPageHeaders(reply).type('text/html; charset=utf-8').send(page);
}

async function explain(reply: FastifyReply, error: AppError): Promise<FastifyReply> {
  const { code } = failureOf(error);
  const page = renderPage({
    title: 'Not signed in',
    body:
      `<main>\n<h1>Not signed in</h1>\n<p>${escapeHtml(errorMeanings[code])}</p>\n` +
      `<p><a href="/">Try again</a> · <a href="/docs/errors/${code}">${code}</a></p>\n</main>`,
  });
  const { status } = renderFailure(error.failure);
  return await setPageHeaders(reply).code(status).type('text/html; charset=utf-8').send(page);
}
