import assert from "node:assert/strict";
import { Client } from "../../lib/client/client.ts";
import { BatchError, ClosedError, ReplyError } from "../../lib/errors.ts";
import { RAW } from "../../lib/resp/reply.ts";
import { ScriptedPeer } from "../support/scripted_peer.ts";
import { ask, errorOf, linkTo, sleep, until } from "./support.ts";

const PASSING = ["LOADING", "MASTERDOWN", "TRYAGAIN", "CLUSTERDOWN"];

for (const code of PASSING) {
  Deno.test(`behaviour 36: a write is retried after ${code}`, async () => {
    const peer = new ScriptedPeer()
      .expect("INCR", "n").reply(`-${code} not now\r\n`)
      .expect("INCR", "n").reply(`-${code} not now\r\n`)
      .expect("INCR", "n").reply(":1\r\n");
    await using link = linkTo(peer);
    assert.equal(await ask(link.it, "INCR n"), 1);
    await peer.done();
  });

  Deno.test(`behaviour 36: ${code} rejects when the next attempt would miss the deadline`, async () => {
    const peer = new ScriptedPeer();
    for (let i = 0; i < 40; i++) {
      peer.expect("GET", "k").reply(`-${code} not now\r\n`);
    }
    peer.expect("PING").reply("+PONG\r\n");
    // More attempts than after a lost connection.
    let attempts = 0;
    const backoff = () => attempts++ < 39 ? 1 : 60_000;
    await using link = linkTo(peer, { backoff });
    const error = await errorOf(ask(link.it, "GET k", { timeout: 30_000 }));
    assert(error instanceof ReplyError);
    assert.equal(error.code, code);
    assert.equal(error.command, "GET");
    assert.equal(await ask(link.it, "PING"), "PONG");
    await peer.done();
  });

  Deno.test(`behaviour 36: commands after ${code} do not overtake the refused one`, async () => {
    const peer = new ScriptedPeer()
      .expect("SET", "k", "first").reply(`-${code} not now\r\n`)
      .expect("SET", "k", "first").expect("SET", "k", "second")
      .reply("+OK\r\n+OK\r\n");
    await using link = linkTo(peer, { backoff: () => 10 });
    const first = ask(link.it, "SET k first");
    await sleep(3);
    const second = ask(link.it, "SET k second");
    assert.deepEqual(await Promise.all([first, second]), ["OK", "OK"]);
    await peer.done();
  });
}

Deno.test("behaviour 36: a refused command that a later one has overtaken is not retried", async () => {
  const peer = new ScriptedPeer()
    .expect("SET", "k", "1").expect("SET", "k", "2").expect("SET", "k", "3")
    .expect("SET", "k", "4")
    .reply("-LOADING a\r\n-LOADING b\r\n+OK\r\n-LOADING c\r\n")
    .expect("SET", "k", "4").reply("+OK\r\n");
  await using link = linkTo(peer, { backoff: () => 1 });
  const answers = ["1", "2", "3", "4"].map((n) => ask(link.it, `SET k ${n}`));
  assert.match((await errorOf(answers[0]!)).message, /^LOADING a/);
  assert.match((await errorOf(answers[1]!)).message, /^LOADING b/);
  assert.deepEqual(await Promise.all(answers.slice(2)), ["OK", "OK"]);
  await peer.done();
});

Deno.test("behaviour 36: the delays are the backoff's, one for each attempt", async () => {
  const attempts: number[] = [];
  const backoff = (attempt: number) => {
    attempts.push(attempt);
    return 1;
  };
  const peer = new ScriptedPeer();
  for (let i = 0; i < 3; i++) peer.expectAny().reply("-LOADING\r\n");
  peer.expectAny().reply("+v\r\n").expectAny().reply("-LOADING\r\n")
    .expectAny().reply("+v\r\n");
  await using link = linkTo(peer, { backoff });
  assert.equal(await ask(link.it, "GET k"), "v");
  assert.equal(await ask(link.it, "GET k"), "v");
  // A success resets the retry counter.
  assert.deepEqual(attempts, [1, 2, 3, 1]);
});

Deno.test("behaviour 36: a retry that would miss its deadline rejects at once", async () => {
  const peer = new ScriptedPeer().expectAny().reply("-LOADING not now\r\n");
  await using link = linkTo(peer, { backoff: () => 60_000 });
  const before = performance.now();
  const error = await errorOf(ask(link.it, "SET k v", { timeout: 30_000 }));
  assert.match(error.message, /^LOADING/);
  assert(performance.now() - before < 10_000);
});

Deno.test("behaviour 36: the caller may disable retries", async () => {
  const peer = new ScriptedPeer().expectAny().reply("-LOADING\r\n");
  await using link = linkTo(peer);
  const error = await errorOf(ask(link.it, "GET k", { retry: false }));
  assert.equal(error.message, "LOADING (GET)");
});

for (const word of ["EVAL", "evalsha", "FCALL"]) {
  Deno.test(`behaviour 36: ${word} may have written before its TRYAGAIN`, async () => {
    const peer = new ScriptedPeer().expectAny().reply("-TRYAGAIN later\r\n");
    await using link = linkTo(peer);
    const error = await errorOf(ask(link.it, `${word} x 0`));
    assert.equal(error.message, `TRYAGAIN later (${word})`);
  });
}

Deno.test("behaviour 36: a command that waits for its retry is sent over the next connection", async () => {
  const peer = new ScriptedPeer()
    .expectAny().reply("-LOADING\r\n").silence()
    .redial().expect("INCR", "n").expect("PING").reply(":1\r\n+PONG\r\n");
  // The first delay is for the refused command, the second for the link.
  const waits = [20_000, 0];
  await using link = linkTo(peer, { backoff: () => waits.shift()! });
  const refused = ask(link.it, "INCR n");
  await until(() => waits.length === 1);
  const ping = ask(link.it, "PING");
  await sleep(3);
  peer.hangUpNow();
  assert.equal(await ping, "PONG");
  assert.equal(await refused, 1);
  await peer.done();
});

Deno.test("behaviour 36: close() rejects commands that were not retried in time", async () => {
  const peer = new ScriptedPeer().expectAny().reply("-LOADING\r\n");
  await using link = linkTo(peer, { backoff: () => 20_000 });
  const refused = ask(link.it, "INCR n");
  await sleep(5);
  await link.it.close(50);
  assert(await errorOf(refused) instanceof ClosedError);
});

Deno.test("behaviour 36: an aborted command is not retried", async () => {
  const peer = new ScriptedPeer().expectAny().reply("-LOADING\r\n");
  const refused = Promise.withResolvers<void>();
  await using client = new Client({
    dial: peer.dial,
    protocol: 2,
    info: false,
    backoff: () => {
      refused.resolve();
      return 10;
    },
  });
  const stop = new AbortController();
  const answer = client.send(["INCR", "n"], { signal: stop.signal });
  answer.catch(() => {});
  await refused.promise;
  stop.abort("enough");
  assert.equal(await errorOf(answer), "enough");
  await sleep(40);
  assert.equal(peer.received.length, 1);
});

Deno.test("behaviour 36: BUSY rejects, and the connection is kept", async () => {
  const peer = new ScriptedPeer()
    .expectAny().reply("-BUSY Redis is busy running a script\r\n")
    .expect("PING").reply("+PONG\r\n");
  await using link = linkTo(peer);
  assert.match((await errorOf(ask(link.it, "GET k"))).message, /^BUSY/);
  assert.equal(await ask(link.it, "PING"), "PONG");
});

/** A link whose connection is old enough to be replaced. */
async function steady(
  peer: ScriptedPeer,
): Promise<ReturnType<typeof linkTo>> {
  const link = linkTo(peer);
  await link.it.connect();
  await sleep(1_050);
  return link;
}

Deno.test("behaviour 36: READONLY rejects, and a new connection replaces the old one", async () => {
  const peer = new ScriptedPeer()
    .expect("SET", "k", "v").expect("GET", "k")
    .reply("-READONLY You can't write against a read only replica.\r\n")
    .reply("$1\r\nv\r\n")
    .redial().expect("SET", "k", "w").reply("+OK\r\n");
  await using link = await steady(peer);
  const write = ask(link.it, "SET k v");
  const read = ask(link.it, "GET k");
  assert.match((await errorOf(write)).message, /^READONLY/);
  const next = ask(link.it, "SET k w");
  // Pending commands of the old connection complete there.
  assert.equal(await read, "v");
  assert.equal(await next, "OK");
  await peer.done();
  assert.equal(peer.open, 1);
});

Deno.test("behaviour 36: a new connection is not replaced: its server is a replica", async () => {
  const peer = new ScriptedPeer();
  for (let i = 0; i < 3; i++) peer.expectAny().reply("-READONLY no\r\n");
  await using link = linkTo(peer);
  for (let i = 0; i < 3; i++) await errorOf(ask(link.it, "SET k v"));
  await peer.done();
  assert.equal(peer.dialled.length, 1);
});

Deno.test("behaviour 36: close() while a connection is replaced leaves nothing open", async () => {
  const peer = new ScriptedPeer()
    .expectAny().expectAny().reply("-READONLY no\r\n").silence();
  const link = await steady(peer);
  const answers = [ask(link.it, "SET k v"), ask(link.it, "GET k")];
  await errorOf(answers[0]!);
  await link.it.close(20);
  assert(await errorOf(answers[1]!) instanceof ClosedError);
  assert.equal(peer.open, 0);
});

Deno.test("behaviour 36: on leases, in pipelines and in transactions refusals reject", async () => {
  const peer = new ScriptedPeer()
    .expectAny().expectAny().reply("-LOADING a\r\n-LOADING b\r\n")
    .expectAny().expectAny().expectAny()
    .reply("+OK\r\n-LOADING c\r\n-EXECABORT\r\n")
    .redial().expectAny().reply("-LOADING d\r\n");
  await using client = new Client({
    dial: peer.dial,
    protocol: 2,
    info: false,
  });
  const commands = [
    { args: ["INCR", "n"], shape: RAW },
    { args: ["GET", "n"], shape: RAW },
  ];
  const [first, second] = await client.executeAll(
    commands,
    { atomic: false },
    {},
  );
  assert.match(String(first), /LOADING a/);
  assert.match(String(second), /LOADING b/);
  const atomic = client.executeAll(commands.slice(0, 1), { atomic: true }, {});
  const error = await errorOf(atomic);
  assert(error instanceof BatchError);
  assert.equal(error.code, "LOADING");
  using lease = await client.lease();
  const leased = lease.execute(commands[0]!, {});
  assert.match((await errorOf(leased)).message, /LOADING d/);
  await peer.done();
});

Deno.test("behaviour 36: a leased connection that got READONLY is not reused", async () => {
  const peer = new ScriptedPeer()
    .expectAny().reply("-READONLY no\r\n").expectAny().reply("$1\r\nv\r\n")
    .redial();
  await using client = new Client({
    dial: peer.dial,
    protocol: 2,
    info: false,
  });
  {
    using lease = await client.lease();
    const ask = (...args: string[]) => lease.execute({ args, shape: RAW }, {});
    assert.match((await errorOf(ask("SET", "k", "v"))).message, /^READONLY/);
    // The lease can use it until its end.
    assert.equal(await ask("GET", "k"), "v");
  }
  using _next = await client.lease();
  assert.equal(peer.dialled.length, 2);
});
