/** HTML pages: the headers that keep them to what they are meant to load, and text that is safe inside of them. */
import type { FastifyReply } from 'fastify';

/** Only our own files, no inline script or style, in nobody's frame. */
export const strictPolicy = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self' data:",
  'connect-src': "'self'",
  'font-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'self'",
  'frame-ancestors': "'none'",
} as const;

export type ContentPolicy = Readonly<Record<keyof typeof strictPolicy, string>>;

export function setPageHeaders(reply: FastifyReply, policy: ContentPolicy = strictPolicy): FastifyReply {
  return reply.headers({
    'content-security-policy': Object.entries(policy)
      .map(([name, sources]) => `${name} ${sources}`)
      .join('; '),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    'referrer-policy': 'same-origin',
    // for browsers that know no frame-ancestors
    'x-frame-options': 'DENY',
  });
}

export interface Page {
  readonly title: string;
  /** HTML. */
  readonly body: string;
  /** HTML for the head. */
  readonly head?: string;
}

export function renderPage({ title, body, head = '' }: Page): string {
  return (
    `<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n` +
    `<meta name="viewport" content="width=device-width">\n<link rel="icon" href="data:,">\n` +
    `<title>${escapeHtml(title)}</title>\n${head}</head>\n` +
    `<body>\n${body}\n</body>\n</html>\n`
  );
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
