/** The elements of a JSON array as they were written, so that what was parsed need not be written anew. */

/** Deeper than any event. What is deeper cannot be counted on to be written again after it was parsed. */
const mostDepth = 100;

const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
const openingBracket = 0x5b;
const closingBracket = 0x5d;
const openingBrace = 0x7b;
const closingBrace = 0x7d;

/**
 * @param json what JSON.parse has taken for an array: nothing is checked here
 * @returns each element's text, without white space around it; undefined where it is nested too deeply
 */
export function elementTexts(json: string): readonly (string | undefined)[] {
  const texts: (string | undefined)[] = [];
  let depth = 0;
  let deepest = 0;
  let from = 0;
  const take = (to: number) => {
    const text = json.slice(from, to).trim();
    // only an empty array has an element without text
    if (text !== '') texts.push(deepest > mostDepth ? undefined : text);
    from = to + 1;
    deepest = 0;
  };
  for (let at = 0; at < json.length; at++) {
    switch (json.charCodeAt(at)) {
      case quote:
        at = endOfString(json, at);
        break;
      case openingBracket:
      case openingBrace:
        if (depth === 0) from = at + 1;
        depth += 1;
        if (depth > deepest) deepest = depth;
        break;
      case closingBracket:
      case closingBrace:
        depth -= 1;
        if (depth === 0) take(at);
        break;
      case comma:
        if (depth === 1) take(at);
        break;
      default:
    }
  }
  return texts;
}

/** @returns where the closing quote is. */
function endOfString(json: string, start: number): number {
  let at = start + 1;
  for (;;) {
    const code = json.charCodeAt(at);
    if (code === quote) return at;
    at += code === backslash ? 2 : 1;
  }
}

/**
 * Whether a text has more commas and opening brackets than that outside its strings, so at most as many JSON values and
 * one: parsing very many takes many times the text's size. It may be no JSON at all.
 */
export function hasMoreMarks(text: string, most: number): boolean {
  if (text.length <= most) return false;
  let marks = 0;
  for (let at = 0; at < text.length && marks <= most; at++) {
    const code = text.charCodeAt(at);
    if (code === comma || code === openingBracket || code === openingBrace) marks += 1;
    else if (code === quote) {
      at = text.indexOf('"', at + 1);
      while (at !== -1 && isEscaped(text, at)) at = text.indexOf('"', at + 1);
      if (at === -1) break;
    }
  }
  return marks > most;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === backslash) backslashes += 1;
  return backslashes % 2 === 1;
}
