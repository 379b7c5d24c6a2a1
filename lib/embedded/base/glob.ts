/**
 * Patterns as Redis matches them: `*`, `?`, `[a-z]`, `[^a]`, `\`.
 *
 * @module
 */

/** Whether the whole of `text` fits `pattern`. Takes at most the product of their lengths. */
export function matches(pattern: string, text: string): boolean {
  if (pattern === "*") return true;
  // Redis tells nothing of an empty text, not even that it fits "**".
  if (text === "") return pattern === "";
  let p = 0;
  let t = 0;
  // Where to go on when the rest of the pattern does not match: one further.
  let star = -1;
  let from = 0;
  while (t < text.length) {
    const char = pattern[p];
    if (char === "*") {
      star = ++p;
      from = t;
      if (star === pattern.length) return true;
      continue;
    }
    const next = char === undefined ? -1 : one(pattern, p, text, t);
    if (next >= 0) {
      p = next;
      t++;
    } else if (star >= 0) {
      p = star;
      t = ++from;
    } else {
      return false;
    }
  }
  while (pattern[p] === "*") p++;
  return p >= pattern.length;
}

/** Matches one character; where the pattern goes on, -1 when it does not fit. */
function one(pattern: string, p: number, text: string, t: number): number {
  const char = pattern[p]!;
  if (char === "?") return p + 1;
  if (char === "[") return oneOf(pattern, p + 1, text.charCodeAt(t));
  if (char === "\\" && p + 1 < pattern.length) p++;
  return pattern[p] === text[t] ? p + 1 : -1;
}

function oneOf(pattern: string, p: number, code: number): number {
  const not = pattern[p] === "^";
  if (not) p++;
  let found = false;
  for (;; p++) {
    // A class that is not closed ends with the pattern.
    if (p >= pattern.length) break;
    if (pattern[p] === "\\" && p + 1 < pattern.length) {
      p++;
      if (pattern.charCodeAt(p) === code) found = true;
    } else if (pattern[p] === "]") {
      break;
    } else if (pattern[p + 1] === "-" && p + 2 < pattern.length) {
      const a = pattern.charCodeAt(p);
      const b = pattern.charCodeAt(p + 2);
      if (code >= Math.min(a, b) && code <= Math.max(a, b)) found = true;
      p += 2;
    } else if (pattern.charCodeAt(p) === code) {
      found = true;
    }
  }
  return found !== not ? Math.min(p + 1, pattern.length) : -1;
}
