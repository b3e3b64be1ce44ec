/** A page for each error code: what it means, how the surfaces answer it that can, and what to do. */
import { errorExamples } from '../../core/error-examples.ts';
import { type ErrorCode, errorMeanings, type Failure } from '../../core/errors.ts';
import type { WireError } from '../failure.ts';
import { escapeHtml, type Page } from '../page.ts';
import { errorRemedies } from './remedies.ts';
import { surfacesOf } from './surfaces-of.ts';

export interface DescribedSurface {
  readonly prefix: string;
  readonly renderFailure: (failure: Failure) => WireError;
}

const codes = Object.keys(errorMeanings);

export function errorList(): Page {
  const items = Object.entries(errorMeanings).map(
    ([code, meaning]) =>
      `<dt><a href="/docs/errors/${code}">${breakable(code)}</a></dt>\n<dd>${escapeHtml(meaning)}</dd>`,
  );
  return { title: 'Errors', body: `<h1>Errors</h1>\n<dl>\n${items.join('\n')}\n</dl>` };
}

/** Undefined: there is no such code. */
export function errorPage(code: string, surfaces: readonly DescribedSurface[]): Page | undefined {
  if (!isCode(code)) return undefined;
  const answering: readonly string[] = surfacesOf[code];
  const shown = surfaces.filter(({ prefix }) => answering.includes(prefix));
  const rows = shown.map(({ prefix, renderFailure }) => {
    const { status, body } = renderFailure(errorExamples[code]);
    return (
      `<tr><th scope="row">${escapeHtml(prefix)}</th><td>${status}</td>` +
      `<td><code>${escapeHtml(JSON.stringify(body))}</code></td></tr>`
    );
  });
  return {
    title: `${code} · Errors`,
    body:
      `<h1><code>${breakable(code)}</code></h1>\n<p>${escapeHtml(errorMeanings[code])}</p>\n` +
      `<h2>What to do</h2>\n<p>${escapeHtml(errorRemedies[code])}</p>\n` +
      '<h2>How it is answered</h2>\n' +
      '<table>\n<thead><tr><th scope="col">surface</th><th scope="col">status</th><th scope="col">body</th></tr></thead>\n' +
      `<tbody>\n${rows.join('\n')}\n</tbody>\n</table>\n<p><a href="/docs/errors">All errors</a></p>`,
  };
}

/** On a narrow screen a line may end behind an underscore. */
function breakable(code: string): string {
  return code.replaceAll('_', '_<wbr>');
}

function isCode(text: string): text is ErrorCode {
  return codes.includes(text);
}
