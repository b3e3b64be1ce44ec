/** Where a sign-in may lead to afterwards: a path on this server, whichever way a browser may read it. */

const mostLength = 1_000;
/** Any origin does: a path must not lead away from it. */
const origin = 'http://here.invalid';

export function isLocalPath(text: string): boolean {
  if (text.length > mostLength || !isPlainPath(text)) return false;
  // what a proxy or a router may decode first must not lead away either
  return isPlainPath(decoded(text));
}

function isPlainPath(text: string): boolean {
  // browsers read a backslash as a slash, and leave tabs and line breaks out
  if (!/^\/(?!\/)[^\\\p{Cc}]*$/u.test(text)) return false;
  if (!URL.canParse(text, origin)) return false;
  const url = new URL(text, origin);
  return url.origin === origin && !url.pathname.startsWith('//');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // not an encoding at all: refused as what it is
    return '';
  }
}
