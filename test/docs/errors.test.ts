import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { errorExamples, exampleUse } from '../../src/core/error-examples.ts';
import { errorMeanings, type Failure } from '../../src/core/errors.ts';
import * as butter from '../../src/http/butter/errors.ts';
import type { WireError } from '../../src/http/failure.ts';
import * as sendGrid from '../../src/http/sendgrid/errors.ts';

const document = await readFile(new URL('../../docs/errors.md', import.meta.url), 'utf8');

it('docs/errors.md lists every code in order, with its meaning and its form on either surface', () => {
  const expected = Object.entries(errorMeanings).map(([code, meaning]) => {
    const failure = exampleOf(code);
    const forms = [sendGrid.renderFailure(failure), butter.renderFailure(failure)];
    return [`\`${code}\``, meaning, ...forms.flatMap(wireCells)];
  });
  expect(tableAfter('## Codes')).toEqual(expected);
});

it('docs/errors.md shows how bulk delete of the SendGrid surface reports bad parameters', () => {
  const issues = [
    { path: ['ids', 1], message: 'IDs cannot be an empty string' },
    { path: ['dry_run'], message: 'dry_run must be true or false' },
  ];
  expect(tableAfter('## SendGrid surface')).toEqual([wireCells(sendGrid.renderParameterIssues(issues))]);
});

it('docs/errors.md shows how bulk delete of the Butter surface names the offenders', () => {
  const failures: readonly Failure[] = [
    { code: 'integrations_not_found', ids: ['intg_ba9876543210'], uses: [exampleUse] },
    errorExamples.integrations_in_use,
  ];
  const expected = failures.map((failure) => [
    `\`${failure.code}\``,
    ...wireCells(butter.renderBulkFailure(failure)),
  ]);
  expect(tableAfter('## Butter surface')).toEqual(expected);
});

function exampleOf(code: string): Failure {
  const example = Object.values(errorExamples).find((each) => each.code === code);
  if (example === undefined) throw new Error(`no example for ${code}`);
  return example;
}

function wireCells({ status, body }: WireError): readonly string[] {
  return [String(status), `\`${JSON.stringify(body)}\``];
}

/** The cells of the first table below a heading, without its head. */
function tableAfter(heading: string): readonly (readonly string[])[] {
  const section = document.slice(document.indexOf(`\n${heading}\n`) + heading.length + 2);
  const table = /(?:^\|.*\n)+/m.exec(section)?.[0] ?? '';
  const [, , ...rows] = table.trimEnd().split('\n');
  return rows.map((row) =>
    row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}
