/**
 * The module that has what COMMAND DOCS tells of each command besides the table:
 * arguments, complexity, history. It is made of a running server's own reply.
 *
 * @module
 */

import type { Reply } from "../../../lib/resp/reply.ts";
import { connect } from "../../../mod.ts";
import { fieldsOf } from "./server_rows.ts";

/** The path of the module. */
export const DOCUMENTS = "lib/embedded/model/command_documents.ts";

/** Makes the text of the module of what the server at `url` tells. */
export async function documentsOf(url: string): Promise<string> {
  await using redis = await connect(url, { protocol: 2 });
  const docs = await redis.send(["COMMAND", "DOCS"]) as Reply[];
  const lines = linesOf(docs).sort();
  return `/**
 * What COMMAND DOCS tells of commands besides their rows: arguments, complexity,
 * deprecation, history.
 *
 * Made by \`deno task table\` from Redis's own reply.
 *
 * @module
 */

/** A line for each command, in the form that \`commands/command_docs.ts\` reads. */
export const COMMAND_DOCUMENTS = \`
${lines.join("\n").replaceAll(/[\\`$]/g, "\\$&")}\`;
`;
}

function linesOf(docs: readonly Reply[]): string[] {
  return [...fieldsOf(docs)].flatMap(([name, reply]) => {
    const facts = fieldsOf(reply as Reply[]);
    const inner = linesOf(facts.get("subcommands") as Reply[] ?? []);
    return facts.has("module") ? inner : [lineOf(name, facts), ...inner];
  });
}

function lineOf(name: string, facts: Map<string, Reply>): string {
  const args = facts.get("arguments") as Reply[][] ?? [];
  const history = facts.get("history") as string[][] ?? [];
  return [
    name,
    args.map(argument).join(" "),
    facts.get("complexity") ?? "",
    facts.get("doc_flags") ?? "",
    facts.get("deprecated_since") ?? "",
    facts.get("replaced_by") ?? "",
    history.map((entry) => entry.join(" ")).join(" | "),
  ].join("\t").trimEnd();
}

/** An argument, such as `'EX'seconds:integer@2.6.12`. */
function argument(reply: readonly Reply[]): string {
  const told = fieldsOf(reply);
  const text = (field: string) => String(told.get(field) ?? "");
  const [name, type, token] = [text("name"), text("type"), text("token")];
  const display = text("display_text");
  const keySpec = told.get("key_spec_index");
  const flags = told.get("flags") as string[] ?? [];
  const inner = (told.get("arguments") as Reply[][] ?? []).map(argument);
  const isFlag = type === "pure-token" && name === token.toLowerCase();
  const isGroup = type === "block" || type === "oneof";
  const usual = isGroup || isFlag || type === "string" ||
    type === "key" && keySpec !== undefined;
  return [
    told.has("token") ? `'${token}'` : "",
    isFlag ? "" : name,
    usual ? "" : `:${type}`,
    // Of a group it is not told.
    isGroup || display === name ? "" : `=${display}`,
    keySpec === undefined ? "" : `#${keySpec}`,
    told.has("since") ? `@${text("since")}` : "",
    told.has("deprecated_since") ? `!${text("deprecated_since")}` : "",
    type === "block" ? `(${inner.join(" ")})` : "",
    type === "oneof" ? `<${inner.join("|")}>` : "",
    flags.includes("optional") ? "?" : "",
    flags.includes("multiple") ? "*" : "",
    flags.includes("multiple_token") ? "+" : "",
  ].join("");
}
