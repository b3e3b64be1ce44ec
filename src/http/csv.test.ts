import { expect, it } from 'vitest';
import { csvRow } from './csv.ts';

it.each([
  [['a', 'b c', 12], 'a,b c,12'],
  [['', 'one, two', 'said "no"'], ',"one, two","said ""no"""'],
  [['two\nlines', 'and\r'], '"two\nlines","and\r"'],
  [['=1+1', '+1', '-1', '@sum', '\tx', '\r=1'], `'=1+1,'+1,'-1,'@sum,'\tx,"'\r=1"`],
  [['=cmd|" /C calc"!A0'], `"'=cmd|"" /C calc""!A0"`],
  [['a=1', '{"n":"=1"}', -5], 'a=1,"{""n"":""=1""}",-5'],
])('%j is one row of CSV', (cells, row) => {
  expect(csvRow(cells)).toBe(`${row}\r\n`);
});
