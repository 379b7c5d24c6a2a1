/**
 * Patterns of keys and channels: `*` for anything, `?` for one character, `\`
 * before one of these that is meant itself.
 *
 * The server's classes, `[ab]`, are not known here. A regular expression is not
 * used, as one with several `*` may take a time that grows with a power of the
 * length of a key.
 *
 * @module
 */

/** Whether it is a pattern that is known here: one without a class. */
export function isGlob(pattern: string): boolean {
  return !/(?<!\\)(\\\\)*\[/.test(pattern);
}

/** Whether a pattern covers the whole text. */
export function globMatches(pattern: string, text: string): boolean {
  let at = 0;
  // Where to go on when what is behind the last `*` does not fit: one further.
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
