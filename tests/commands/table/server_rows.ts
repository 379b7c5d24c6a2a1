/**
 * The rows of the table from a running server: COMMAND and COMMAND DOCS.
 *
 * @module
 */

import type { Reply } from "../../../lib/resp/reply.ts";
import { connect } from "../../../mod.ts";
import type { KeySpec, Row } from "./table.ts";

/** Reads the rows of a server, whose `name` is such as `redis-8.6.3`. */
export async function serverRows(url: string, name: string): Promise<Row[]> {
  await using redis = await connect(url, { protocol: 2 });
  const [kind = ""] = name.split("-");
  const docs = docsOf(await redis.send(["COMMAND", "DOCS"]) as Reply[]);
  const tell = (name: string, field: string) =>
    String(docs.get(name)?.get(field) ?? "");
  const rows: Row[] = [];
  const visit = (command: Reply[]) => {
    const [name_, arity, flags, , , , categories, tips, specs, inner] = command;
    const name = String(name_).toUpperCase();
    rows.push({
      name,
      arity: Number(arity),
      flags: (flags as Reply[]).map(String),
      categories: (categories as Reply[]).map((category) =>
        String(category).slice(1)
      ),
      keys: (specs as Reply[][]).map(keySpec),
      since: { [kind]: tell(name, "since") || "-" },
      from: "",
      tips: (tips as Reply[]).map(String),
      group: tell(name, "group"),
      summary: tell(name, "summary"),
    });
    for (const sub of inner as Reply[][]) visit(sub);
  };
  for (const command of await redis.send(["COMMAND"]) as Reply[][]) {
    visit(command);
  }
  return rows.map((row) => ({ ...row, from: name }));
}

/** The reply of COMMAND DOCS, by name. */
function docsOf(docs: readonly Reply[]): Map<string, Map<string, Reply>> {
  const found = new Map<string, Map<string, Reply>>();
  for (const [name, facts] of fieldsOf(docs)) {
    const fields = fieldsOf(facts as Reply[]);
    found.set(name.toUpperCase(), fields);
    const inner = docsOf(fields.get("subcommands") as Reply[] ?? []);
    for (const [name, fields] of inner) found.set(name, fields);
  }
  return found;
}

function keySpec(reply: readonly Reply[]): KeySpec {
  const spec = fieldsOf(reply);
  const begin = search(spec.get("begin_search"));
  const find = search(spec.get("find_keys"));
  return {
    flags: (spec.get("flags") as Reply[]).join(" "),
    begin: begin.join(" ") || "?",
    find: find.length === 0
      ? "?"
      : `${hasCount(spec.get("find_keys")) ? "#" : ""}${find.join(",")}`,
    notes: String(spec.get("notes") ?? ""),
  };
}

/** The values of one half of a key specification; none if it is `unknown`. */
function search(reply: Reply | undefined): Reply[] {
  return [
    ...fieldsOf(fieldsOf(reply as Reply[]).get("spec") as Reply[])
      .values(),
  ];
}

function hasCount(reply: Reply | undefined): boolean {
  return fieldsOf(reply as Reply[]).get("type") === "keynum";
}

/** The fields of a map in RESP2. */
export function fieldsOf(reply: readonly Reply[]): Map<string, Reply> {
  const fields = new Map<string, Reply>();
  for (let i = 0; i + 1 < reply.length; i += 2) {
    fields.set(String(reply[i]), reply[i + 1]!);
  }
  return fields;
}
