/**
 * Bytes as printable text.
 *
 * @module
 */

const ESCAPES: Record<string, string> = {
  "\\": "\\\\",
  '"': '\\"',
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\x07": "\\a",
  "\b": "\\b",
};

/** Binary text in quotes, as MONITOR shows it. */
export function quoteBytes(text: string): string {
  const escaped = text.replace(/[^ !#-[\]-~]/g, (char) => {
    const code = char.charCodeAt(0).toString(16).padStart(2, "0");
    return ESCAPES[char] ?? `\\x${code}`;
  });
  return `"${escaped}"`;
}
