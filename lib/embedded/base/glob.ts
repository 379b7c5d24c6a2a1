/**
 * Patterns as Redis matches them: `*`, `?`, `[a-z]`, `[^a]`, `\`.
 *
 * @module
 */

/** Whether the whole of `text` matches `pattern`. Takes O(pattern * text) at most. */
export function matches(pattern: string, text: string): boolean {
  if (pattern === "*") return true;
  // As in Redis, an empty text matches nothing but "*" and an empty pattern.
  if (text === "") return pattern === "";
  let p = 0;
  let t = 0;
  // Backtracking: where to resume when the rest does not match, one character later.
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

/** Matches one character; returns the next place in the pattern, -1 for no match. */
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
    // An unclosed class ends with the pattern.
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
