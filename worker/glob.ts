/**
 * Patterns of keys and channels: `*` for anything, `?` for one character, `\`
 * before a literal `*`, `?` or `\`.
 *
 * The server's classes, `[ab]`, are not supported. A regular expression with
 * several `*` could take a time that grows with a power of a key's length.
 *
 * @module
 */

/** Whether a pattern is supported: it has no class. */
export function isGlob(pattern: string): boolean {
  return !/(?<!\\)(\\\\)*\[/.test(pattern);
}

/** Whether a pattern matches the whole text. */
export function globMatches(pattern: string, text: string): boolean {
  let at = 0;
  // After a mismatch behind the last `*`, the match goes on one character later.
  let again = -1;
  let from = 0;
  for (let i = 0; i < text.length;) {
    const sign = pattern[at];
    if (sign === "*") {
      again = ++at;
      from = i;
      continue;
    }
    const escaped = sign === "\\" && at + 1 < pattern.length;
    if (
      escaped ? pattern[at + 1] === text[i] : sign === "?" || sign === text[i]
    ) {
      at += escaped ? 2 : 1;
      i++;
    } else if (again >= 0) {
      at = again;
      i = ++from;
    } else {
      return false;
    }
  }
  while (pattern[at] === "*") at++;
  return at === pattern.length;
}
