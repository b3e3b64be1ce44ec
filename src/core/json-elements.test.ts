import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { elementTexts, hasMoreMarks } from './json-elements.ts';

const whiteSpace = fc.constantFrom('', ' ', '\r\n', '\t ');

describe('the elements of a JSON array', () => {
  it('are those that parsing gives, whatever stands in them and between them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue({ maxDepth: 4 })),
        whiteSpace,
        whiteSpace,
        (values, before, after) => {
          const parts = values.map(
            (value) => `${before}${JSON.stringify(value, null, after.length)}${after}`,
          );
          const json = `${after}[${before}${parts.join()}]${before}`;
          const texts = elementTexts(json);
          expect(texts.map((text) => JSON.parse(text ?? ''))).toEqual(JSON.parse(json));
          expect(texts).toEqual(texts.map((text) => text?.trim()));
        },
      ),
    );
  });

  it('keep what writing them anew would lose', () => {
    const json = '[{"id":12345678901234567890, "a":1,"a":2}\r\n,"\\u0041\\"]\\\\", 1e2]\r\n';
    expect(elementTexts(json)).toEqual([
      '{"id":12345678901234567890, "a":1,"a":2}',
      '"\\u0041\\"]\\\\"',
      '1e2',
    ]);
  });

  it('have no text where they are nested too deeply, and their neighbours keep theirs', () => {
    const deep = '['.repeat(200) + ']'.repeat(200);
    expect(elementTexts(`[1,${deep},{"a":[2]}]`)).toEqual(['1', undefined, '{"a":[2]}']);
  });
});

describe('commas and opening brackets', () => {
  it.each([
    ['[0,0,0]', 3],
    ['[{},[[]]]', 5],
    ['{"a,[{":"\\\\","b":"\\",{"}', 2],
    ['["', 1],
    ['[,"\\"', 2],
  ])('are counted outside strings: %s', (text, marks) => {
    const long = text + ' '.repeat(100);
    expect([hasMoreMarks(long, marks - 1), hasMoreMarks(long, marks)]).toEqual([true, false]);
  });
});
