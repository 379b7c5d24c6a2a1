/**
 * MIGRATE, between this server and a real one, in both directions.
 */

import { deepEqual, equal, match } from "node:assert/strict";
import { freePort } from "../support/test_server.ts";
import { Asker, everyKind, sameContents } from "./asker.ts";
import { Member } from "./replication.ts";

const STARTS = {
  ours: (config: Record<string, string> = {}) =>
    Member.ours(undefined, { config }),
  real: (config: Record<string, string> = {}) => Member.real(undefined, config),
};

type Kind = keyof typeof STARTS;

/** The timeout of a MIGRATE that must not time out, in ms. */
const PATIENCE = 60_000;

const PAIRS: readonly (readonly [from: Kind, to: Kind])[] = [
  ["ours", "real"],
  ["real", "ours"],
  ["ours", "ours"],
];

for (const [from, to] of PAIRS) {
  Deno.test(`MIGRATE, ${from} to ${to}: moves keys of every kind unchanged`, async () => {
    await using source = await STARTS[from]();
    await using target = await STARTS[to]();
    await source.asker.all(everyKind());
    // MIGRATE moves keys of one database at a time.
    await source.asker.all([["SELECT", 9], ["FLUSHDB"], ["SELECT", 0]]);
    const before = await held(source);
    const keys = [...await source.ask("KEYS", "*") as string[]];
    const where = ["127.0.0.1", target.port, "", 0, PATIENCE];
    equal(
      await source.ask("MIGRATE", ...where, "COPY", "KEYS", ...keys),
      "OK",
    );
    sameContents(await held(source), before);
    sameContents(await held(target), before);
    match(
      String(await source.ask("MIGRATE", ...where, "KEYS", ...keys)),
      /^ERR Target instance replied with error: BUSYKEY /,
    );
    equal(
      await source.ask("MIGRATE", ...where, "REPLACE", "KEYS", ...keys),
      "OK",
    );
    equal(await source.ask("DBSIZE"), 0);
    sameContents(await held(target), before);
  });
}

/** The data of a server. Some ms of a time to live get lost, so expiries are cut to 10 s. */
async function held(member: Member): Promise<Map<string, unknown>> {
  return new Map([...await member.contents()].map(([key, value]) => [
    key,
    JSON.parse(
      JSON.stringify(value).replace(/("expiry":\d+)\d{4}/, "$10000"),
    ),
  ]));
}

/**
 * The replies of a source, and the data of its targets afterwards. For "f" only the
 * errors are compared: redis-server reports them and yet restores the key, in the
 * connection's current database.
 */
async function answersOf(
  source: Member,
  { open, closed }: { open: Member; closed: Member },
): Promise<unknown[]> {
  const to = (target: Member, ...words: (string | number)[]) =>
    source.ask("MIGRATE", "127.0.0.1", target.port, ...words);
  const answers: unknown[] = [];
  const note = async (answer: Promise<unknown>) => answers.push(await answer);
  await source.asker.all([
    ["SELECT", 3],
    ["MSET", "a", 1, "b", 2, "c", 3, "d", 4, "f", 6],
    ["SET", "e", "v", "PX", 100_000],
  ]);
  await note(to(open, "none", 0, PATIENCE));
  await note(to(open, "a", 5, PATIENCE));
  await note(to(open, "", 5, PATIENCE, "KEYS", "b", "none"));
  await note(to(open, "f", 99, PATIENCE));
  await note(to(open, "f", 0, PATIENCE, "AUTH", "secret"));
  await note(to(open, "e", 2, -1, "REPLACE"));
  await note(to(closed, "c", 0, PATIENCE));
  await note(to(closed, "c", 0, PATIENCE, "AUTH", "wrong"));
  await note(to(closed, "c", 0, PATIENCE, "AUTH", "secret", "COPY"));
  await note(to(closed, "d", 0, PATIENCE, "AUTH2", "default", "secret"));
  await note(to(closed, "c", 0, PATIENCE, "AUTH"));
  await note(to(closed, "c", 0, PATIENCE, "AUTH2", "a"));
  await note(to(closed, "c", "x", PATIENCE));
  await note(to(closed, "c", 0, "x"));
  await note(to(closed, "c", 0, PATIENCE, "KEYS", "a"));
  await note(to(closed, "c", 0, PATIENCE, "MORE"));
  await note(source.ask("MIGRATE", "127.0.0.1", 1, "c", 0, PATIENCE));
  answers.push((await source.ask("KEYS", "*") as string[]).sort());
  for (const [target, db] of [[open, 5], [open, 2], [closed, 0]] as const) {
    await target.ask("AUTH", "secret");
    await target.ask("SELECT", db);
    await note(target.ask("MGET", "a", "b", "c", "d", "e"));
    const ttl = Number(await target.ask("PTTL", "e"));
    answers.push(ttl > 50_000 ? "expires" : ttl);
  }
  return answers;
}

Deno.test("MIGRATE replies as redis-server does, for a real target and for ours", async () => {
  const found: unknown[][] = [];
  for (const from of ["real", "ours"] as const) {
    for (const to of ["real", "ours"] as const) {
      await using source = await STARTS[from]();
      await using open = await STARTS[to]();
      await using closed = await STARTS[to]({ requirepass: "secret" });
      found.push(await answersOf(source, { open, closed }));
    }
  }
  const [expected, ...others] = found;
  for (const answers of others) {
    for (const [i, answer] of answers.entries()) {
      deepEqual(answer, expected![i]);
    }
  }
});

Deno.test("MIGRATE to its own server times out as in redis-server", async () => {
  const [wanted, found] = await Promise.all(
    (["real", "ours"] as const).map(async (kind) => {
      await using source = await STARTS[kind]();
      await source.ask("SET", "k", "v");
      // Long enough to connect on a busy machine.
      const to = ["127.0.0.1", source.port, "k", 0, 3_000];
      return [await source.ask("MIGRATE", ...to), await source.ask("GET", "k")];
    }),
  );
  deepEqual(found, wanted);
});

Deno.test("MIGRATE serves no other client meanwhile, and times out on a silent target", async () => {
  await using source = await STARTS.ours();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: freePort() });
  const { port } = listener.addr as Deno.NetAddr;
  await source.ask("SET", "k", "v");
  using other = await Asker.to(source);
  const order: string[] = [];
  const accepted = listener.accept();
  const moved = source.ask("MIGRATE", "127.0.0.1", port, "k", 0, 2_000)
    .then((answer) => order.push(String(answer)));
  using silent = await accepted;
  const read = other.ask("GET", "k").then((answer) =>
    order.push(String(answer))
  );
  await Promise.all([moved, read]);
  deepEqual(order, ["IOERR error or timeout reading to target instance", "v"]);
  equal(silent.remoteAddr.transport, "tcp");
});

Deno.test("MIGRATE propagates as DEL, and is refused within EXEC", async () => {
  await using source = await STARTS.ours();
  await using target = await STARTS.ours();
  await using replica = await Member.real(source);
  await replica.follows(source);
  await source.asker.all([["MSET", "a", 1, "b", 2], ["SELECT", 1]]);
  await source.ask("SET", "c", 3);
  const where = ["127.0.0.1", target.port, "c", 0, PATIENCE];
  equal(await source.ask("MIGRATE", ...where), "OK");
  await replica.follows(source);
  await replica.ask("SELECT", 1);
  equal(await replica.ask("DBSIZE"), 0);
  await source.asker.all([["SET", "c", 3], ["MULTI"]]);
  await source.ask("MIGRATE", ...where);
  match(JSON.stringify(await source.ask("EXEC")), /EXEC cannot wait here/);
});
