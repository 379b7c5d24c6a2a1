/**
 * A minimal tokenizer for TypeScript: tells code from comments and strings.
 *
 * @module
 */

const SPACE = /\s*/y;
const TOKEN =
  /\/\/[^\n]*|\/\*[^]*?\*\/|"(?:\\[^]|[^"\\\n])*"|'(?:\\[^]|[^'\\\n])*'|[\w$]+|[^]/y;
const TEMPLATE = /(?:\\[^]|\$(?!\{)|[^\\`$])*(?:`|\$\{)/y;
const REGEX = /(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\//y;

/** After these tokens a slash divides; after any other it starts a regular expression. */
const OPERAND =
  /^(?!(?:return|typeof|case|in|of|await|yield|void)$)[\w$]+$|^[)\]}"'`]$/;

/**
 * Returns `source` with the contents of comments, strings, templates and regular
 * expressions replaced by spaces. Every other character keeps its position.
 */
export function codeOf(source: string): string {
  let code = "";
  let at = 0;
  let before = "";
  // For each open "{": whether its "}" continues a template.
  const braces: boolean[] = [];

  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const text = pattern.exec(source)?.[0] ?? "";
    at += text.length;
    return text;
  };
  const template = () => {
    const text = take(TEMPLATE);
    const isEnd = text.endsWith("`");
    if (!isEnd && text !== "") braces.push(true);
    code += blank(text, isEnd ? 1 : 2);
  };

  while (at < source.length) {
    code += take(SPACE);
    const token = take(TOKEN);
    if (/^\/[/*]/.test(token)) {
      code += blank(token, 0);
      continue;
    }
    if (/^["']./s.test(token)) code += token[0] + blank(token.slice(1), 1);
    else code += token;

    if (token === "`") template();
    else if (token === "{") braces.push(false);
    else if (token === "}" && braces.pop()) template();
    else if (token === "/" && !OPERAND.test(before)) {
      code += blank(take(REGEX), 1);
    }
    before = /^["']/.test(token) ? token[0]! : token;
  }
  return code;
}

/** Replaces `text` by spaces, except its last `kept` characters and line breaks. */
function blank(text: string, kept: number): string {
  const end = text.length - kept;
  return text.slice(0, end).replace(/[^\n]/g, " ") + text.slice(end);
}
