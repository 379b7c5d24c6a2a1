/**
 * Hash fields that expire: new in Redis 7.4 and 8.0, which the other tests' server
 * lacks. The expected replies are from Redis's source and docs.
 */

import { deepEqual, equal, match } from "node:assert/strict";
import { Core } from "../../lib/embedded/core.ts";
import type { Effect } from "../../lib/embedded/model/effect.ts";
import { makePipe } from "../../lib/embedded/base/pipe.ts";
import { Player } from "./player.ts";
import { until } from "./replication.ts";

/** A server with one session and a clock of its own, which records the propagated commands. */
class Server implements AsyncDisposable {
  readonly core = new Core();
  readonly saved: string[] = [];
  readonly player: Player;
  readonly #served: Promise<void>;
  #now = Date.now();

  constructor() {
    this.core.tick = () => this.core.now = this.#now;
    this.core.effects.sinks.add((effects: readonly Effect[]) => {
      for (const { args } of effects) this.saved.push(args.join(" "));
    });
    const [ours, theirs] = makePipe();
    this.player = new Player(ours);
    this.#served = this.core.sessions.serve(theirs);
  }

  /** The reply in wire format, lines joined by blanks. */
  async ask(command: string): Promise<string> {
    const reply = await this.player.ask(command);
    return reply.replaceAll("\r\n", " ").trimEnd();
  }

  /** Lets time pass. */
  pass(ms: number): void {
    this.#now += ms;
  }

  /** Sends all commands and compares the replies. */
  async expect(table: readonly (readonly [string, string])[]): Promise<void> {
    for (const [command, reply] of table) {
      equal(await this.ask(command), reply, command);
    }
  }

  /** Waits until a propagated command matches. */
  async saves(pattern: RegExp): Promise<void> {
    await until(
      () => Promise.resolve(this.saved.some((line) => pattern.test(line))),
      `${pattern} is saved`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.player[Symbol.dispose]();
    this.core.close();
    await this.#served;
  }
}

const FUTURE = "33177117420";

Deno.test("HEXPIRE and related commands set expiries of fields, and notify", async () => {
  await using server = new Server();
  await server.expect([
    ["HSET h a 1 b 2 c 3", ":3"],
    ["HTTL h FIELDS 2 a none", "*2 :-1 :-2"],
    ["HEXPIRE h 100 FIELDS 2 a none", "*2 :1 :-2"],
    ["HTTL h FIELDS 1 a", "*1 :100"],
    [`HEXPIREAT h ${FUTURE} FIELDS 1 b`, "*1 :1"],
    ["HEXPIRETIME h FIELDS 2 b c", `*2 :${FUTURE} :-1`],
    ["HPEXPIRETIME h FIELDS 1 b", `*1 :${FUTURE}000`],
    [`HPEXPIREAT h ${FUTURE}001 FIELDS 1 b`, "*1 :1"],
    ["HEXPIRETIME h FIELDS 1 b", "*1 :33177117421"],
    ["HPERSIST h FIELDS 4 a a c none", "*4 :1 :-1 :-1 :-2"],
    ["HTTL h FIELDS 1 a", "*1 :-1"],
    ["HPEXPIRE h 100000 FIELDS 1 a", "*1 :1"],
    ["HTTL none FIELDS 2 a b", "*2 :-2 :-2"],
    ["HEXPIRE none 1 FIELDS 1 a", "*1 :-2"],
    ["HPERSIST none FIELDS 1 a", "*1 :-2"],
    ["EXISTS none", ":0"],
  ]);
});

Deno.test("NX, XX, GT and LT are conditions on the old expiry", async () => {
  await using server = new Server();
  await server.expect([
    ["HSET h a 1", ":1"],
    ["HEXPIRE h 100 XX FIELDS 1 a", "*1 :0"],
    ["HEXPIRE h 100 GT FIELDS 1 a", "*1 :0"],
    ["HEXPIRE h 100 lt FIELDS 1 a", "*1 :1"],
    ["HEXPIRE h 100 NX FIELDS 1 a", "*1 :0"],
    ["HEXPIRE h 50 GT FIELDS 1 a", "*1 :0"],
    ["HEXPIRE h 200 LT FIELDS 1 a", "*1 :0"],
    ["HEXPIRE h 200 GT FIELDS 1 a", "*1 :1"],
    ["HEXPIRE h 300 XX FIELDS 1 a", "*1 :1"],
    ["HTTL h FIELDS 1 a", "*1 :300"],
  ]);
});

Deno.test("an expiry in the past deletes the field at once", async () => {
  await using server = new Server();
  await server.expect([
    ["HSET h a 1 b 2", ":2"],
    ["HEXPIREAT h 1 FIELDS 2 a none", "*2 :2 :-2"],
    ["HGETALL h", "*2 $1 b $1 2"],
    ["HPEXPIRE h 0 FIELDS 1 b", "*1 :2"],
    ["EXISTS h", ":0"],
  ]);
  deepEqual(server.saved, ["HSET h a 1 b 2", "HDEL h a", "HDEL h b"]);
});

Deno.test("an expired field is deleted, with or without an access", async () => {
  await using server = new Server();
  await server.expect([
    ["HSET h a 1 b 2", ":2"],
    ["HSET other a 1", ":1"],
    ["HPEXPIRE h 30 FIELDS 1 a", "*1 :1"],
    ["HPEXPIRE other 30 FIELDS 1 a", "*1 :1"],
  ]);
  server.pass(40);
  await server.expect([
    ["HGET h a", "$-1"],
    ["HMGET h a b", "*2 $-1 $1 2"],
    ["HLEN h", ":1"],
    ["HTTL h FIELDS 2 a b", "*2 :-2 :-1"],
    ["HSETNX h a 3", ":1"],
  ]);
  await server.saves(/^HDEL other a$/);
  equal(await server.ask("EXISTS other"), ":0");
  equal(await server.ask("HGETALL h"), "*4 $1 b $1 2 $1 a $1 3");
  equal(server.saved.filter((line) => line === "HDEL h a").length, 1);
});

Deno.test("HSET removes the expiry of a field, HINCRBY keeps it", async () => {
  await using server = new Server();
  await server.expect([
    ["HSET h a 1 b 1 c 1", ":3"],
    ["HEXPIRE h 100 FIELDS 3 a b c", "*3 :1 :1 :1"],
    ["HSET h a 2", ":0"],
    ["HINCRBY h b 1", ":2"],
    ["HINCRBYFLOAT h c 0.5", "$3 1.5"],
    ["HTTL h FIELDS 3 a b c", "*3 :-1 :100 :100"],
    ["HINCRBYFLOAT h a 0.5", "$3 2.5"],
  ]);
  deepEqual(server.saved.slice(-3), [
    "HINCRBY h b 1",
    "HSETEX h KEEPTTL FIELDS 1 c 1.5",
    "HSET h a 2.5",
  ]);
});

Deno.test("RENAME, COPY and SWAPDB keep the expiries of fields", async () => {
  await using server = new Server();
  await server.expect([
    ["HSET h a 1 b 2", ":2"],
    ["HPEXPIRE h 50 FIELDS 1 a", "*1 :1"],
    ["RENAME h i", "+OK"],
    ["COPY i j", ":1"],
    ["SELECT 1", "+OK"],
    ["HSET k a 1 b 2", ":2"],
    ["HPEXPIRE k 50 FIELDS 1 a", "*1 :1"],
    ["SWAPDB 1 2", "+OK"],
  ]);
  server.pass(60);
  for (const key of ["i", "j", "k"]) {
    await server.saves(new RegExp(`^HDEL ${key} a$`));
  }
});

Deno.test("HGETDEL, HGETEX and HSETEX", async () => {
  await using server = new Server();
  await server.expect([
    ["HSETEX h EX 100 FIELDS 2 a 1 b 2", ":1"],
    ["HTTL h FIELDS 2 a b", "*2 :100 :100"],
    ["HSETEX h FNX FIELDS 2 b 3 c 4", ":0"],
    ["HSETEX h FXX FIELDS 2 b 3 c 4", ":0"],
    ["HSETEX h FXX KEEPTTL FIELDS 1 b 3", ":1"],
    ["HTTL h FIELDS 2 b c", "*2 :100 :-2"],
    ["HSETEX h FXX FIELDS 1 b 4", ":1"],
    ["HTTL h FIELDS 1 b", "*1 :-1"],
    ["HGETEX h FIELDS 2 b c", "*2 $1 4 $-1"],
    ["HGETEX h PX 50000 FIELDS 1 b", "*1 $1 4"],
    ["HTTL h FIELDS 1 b", "*1 :50"],
    ["HGETEX h PERSIST FIELDS 2 a b", "*2 $1 1 $1 4"],
    ["HTTL h FIELDS 2 a b", "*2 :-1 :-1"],
    [`HGETEX h EXAT ${FUTURE} FIELDS 1 a`, "*1 $1 1"],
    ["HGETEX none EX 10 FIELDS 2 a b", "*2 $-1 $-1"],
    ["HGETEX h PXAT 1 FIELDS 1 a", "*1 $1 1"],
    ["HGETDEL h FIELDS 3 b b none", "*3 $1 4 $-1 $-1"],
    ["EXISTS h", ":0"],
    ["HGETDEL h FIELDS 1 a", "*1 $-1"],
    ["HSETEX h PXAT 1 FIELDS 1 a 1", ":1"],
    ["EXISTS h", ":0"],
    ["HSETEX h FXX FIELDS 1 a 1", ":0"],
  ]);
  match(server.saved[0]!, /^HSETEX h PXAT \d{13} FIELDS 2 a 1 b 2$/);
  deepEqual(
    server.saved.slice(1).map((line) => line.replace(/\b\d{13}\b/, "T")),
    [
      "HSETEX h FXX KEEPTTL FIELDS 1 b 3",
      "HSETEX h FXX FIELDS 1 b 4",
      "HPEXPIREAT h T FIELDS 1 b",
      "HPERSIST h FIELDS 2 a b",
      `HPEXPIREAT h ${FUTURE}000 FIELDS 1 a`,
      "HDEL h a",
      "HDEL h b",
      "HDEL h a",
    ],
  );
});

Deno.test("error replies of the commands on field expiry", async () => {
  const misplaced =
    "-ERR Mandatory argument FIELDS is missing or not at the right position";
  const unmatched =
    "-ERR The `numfields` parameter must match the number of arguments";
  const wrongType =
    "-WRONGTYPE Operation against a key holding the wrong kind of value";
  const arity = (name: string) =>
    `-ERR wrong number of arguments for '${name}' command`;
  await using server = new Server();
  await server.expect([
    ["SET s x", "+OK"],
    ["HSET h a 1", ":1"],
    ["HEXPIRE s 1 FIELDS 1 a", wrongType],
    ["HTTL s FIELDS 1 a", wrongType],
    ["HGETEX s FIELDS 1 a", wrongType],
    ["HSETEX s FIELDS 1 a 1", wrongType],
    ["HSETEX s FIELDS 1 a", arity("hsetex")],
    ["HEXPIRE h 1 FIELDS 1", arity("hexpire")],
    ["HEXPIRE h x FIELDS 1 a", "-ERR value is not an integer or out of range"],
    ["HEXPIRE h -1 FIELDS 1 a", "-ERR invalid expire time, must be >= 0"],
    [
      "HEXPIRE h 70368744178 FIELDS 1 a",
      "-ERR invalid expire time in 'hexpire' command",
    ],
    ["HEXPIRE h 1 FIELDZ 1 a", misplaced],
    ["HEXPIRE h 1 NX a FIELDS 1", misplaced],
    [
      "HEXPIRE h 1 FIELDS 0 a",
      "-ERR Parameter `numFields` should be greater than 0",
    ],
    ["HEXPIRE h 1 FIELDS 2 a", unmatched],
    ["HTTL h FIELDS 0 a", "-ERR Number of fields must be a positive integer"],
    ["HPERSIST h FIELDS 2 a", unmatched],
    ["HGETDEL h FIELD 1 a", misplaced],
    ["HGETEX h EX 0 FIELDS 2 a", unmatched],
    [
      "HSETEX h EX 1 PX 1 FIELDS 1 a 1",
      "-ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified",
    ],
    [
      "HSETEX h FXX FNX FIELDS 1 a 1",
      "-ERR Only one of FXX or FNX arguments can be specified",
    ],
    ["HSETEX h FXX NX FIELDS 1 a 1", "-ERR unknown argument: NX"],
    ["HSETEX h FXX FIELDS 0 a 1", "-ERR invalid number of fields"],
    ["HSETEX h FXX FIELDS 2 a 1", arity("hsetex")],
    ["HGET h a", "$1 1"],
  ]);
});
