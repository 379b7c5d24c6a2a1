import assert from "node:assert/strict";
import { BatchSlot } from "../../lib/connection/command.ts";
import { Connection } from "../../lib/connection/connection.ts";
import {
  ConnectionError,
  ProtocolError,
  ReplyError,
  TimeoutError,
} from "../../lib/errors.ts";
import type { Transport } from "../../lib/net/transport.ts";
import { Push, RAW, TEXT } from "../../lib/resp/reply.ts";
import { AwakeClock } from "../support/awake_clock.ts";
import { ScriptedPeer } from "../support/scripted_peer.ts";
import {
  ask,
  connectionTo,
  errorOf,
  linkTo,
  PATIENT,
  sleep,
  slotOf,
  until,
  writesOf,
} from "./support.ts";

const MESSAGE = ">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$2\r\nhi\r\n";

/** A transport made from functions; a missing one never settles. */
function transportOf(parts: Partial<Transport>): Transport {
  const ended = Promise.withResolvers<never>();
  ended.promise.catch(() => {});
  return {
    read: () => ended.promise,
    write: () => ended.promise,
    [Symbol.dispose]: () => ended.reject(new Error("Disposed")),
    ...parts,
  };
}

// -- Writing --

Deno.test("behaviour 14: Connection writes the commands of one tick together", async () => {
  const peer = new ScriptedPeer();
  for (const n of "123") peer.expect("GET", n).reply(`+${n}\r\n`);
  await using connection = await connectionTo(peer);
  const answers = ["1", "2", "3"].map((n) => ask(connection.it, `GET ${n}`));
  assert.deepEqual(await Promise.all(answers), ["1", "2", "3"]);
  assert.deepEqual(writesOf(peer), [["GET 1", "GET 2", "GET 3"]]);
});

Deno.test("Connection begins to write a large batch before all of it is encoded", async () => {
  const commands = Array.from({ length: 1000 }, (_, i) => ({
    args: ["SET", `key:${i}`, "x".repeat(20)],
    shape: RAW,
  }));
  const writes: number[] = [];
  let all = "";
  const connection = new Connection(
    transportOf({
      async write(chunks) {
        for (const chunk of chunks) all += new TextDecoder().decode(chunk);
        writes.push(all.length);
        // The rest waits for the end of the first write.
        await sleep(1);
      },
    }),
    PATIENT,
  );
  const slot = new BatchSlot(commands);
  slot.promise.catch(() => {});
  connection.execute(slot);
  assert.equal(writes.length, 1);
  const wire = commands.map(({ args }) =>
    `*3\r\n${args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join("")}`
  ).join("");
  await until(() => all.length === wire.length);
  assert.equal(all, wire);
  assert.equal(writes.length, 2);
  connection.destroy(new Error("lost"));
  const { written, unwritten } = await connection.closed;
  assert.deepEqual([written, unwritten], [[slot], []]);
});

Deno.test("Connection writes commands issued during a write in its next one", async () => {
  const peer = new ScriptedPeer();
  for (const n of "12345") peer.expect("GET", n).reply(`+${n}\r\n`);
  const { signal } = new AbortController();
  const inner = await peer.dial({ path: "/peer" }, signal);
  const gates: PromiseWithResolvers<void>[] = [];
  const connection = new Connection({
    read: (into) => inner.read(into),
    async write(chunks) {
      const copies = chunks.map((chunk) => chunk.slice());
      const gate = Promise.withResolvers<void>();
      gates.push(gate);
      await gate.promise;
      // The check would detect appending to the buffer that is being written.
      assert.deepEqual(chunks.map((chunk) => chunk.slice()), copies);
      await inner.write(copies);
    },
    [Symbol.dispose]: () => inner[Symbol.dispose](),
  }, PATIENT);

  const answers = [ask(connection, "GET 1")];
  await sleep(1);
  answers.push(ask(connection, "GET 2"), ask(connection, "GET 3"));
  await sleep(1);
  answers.push(ask(connection, "GET 4"));
  gates[0]!.resolve();
  await until(() => gates.length === 2);
  answers.push(ask(connection, "GET 5"));
  gates[1]!.resolve();
  await until(() => gates.length === 3);
  gates[2]!.resolve();

  assert.deepEqual(await Promise.all(answers), ["1", "2", "3", "4", "5"]);
  assert.deepEqual(writesOf(peer), [
    ["GET 1"],
    ["GET 2", "GET 3", "GET 4"],
    ["GET 5"],
  ]);
  connection.destroy(new Error("The test is over"));
  await connection.closed;
});

Deno.test("behaviour 15: a command that cannot be encoded occupies no slot", async () => {
  const peer = new ScriptedPeer()
    .expect("GET", "1").reply("+1\r\n").expect("GET", "2").reply("+2\r\n");
  await using connection = await connectionTo(peer);
  const first = ask(connection.it, "GET 1");
  // deno-lint-ignore no-explicit-any -- values that the types reject
  const bad = slotOf(["SET", "k", undefined as any]);
  connection.it.execute(bad);
  const second = ask(connection.it, "GET 2");
  const error = await errorOf(bad.promise);
  assert(error instanceof TypeError);
  assert.match(error.message, /SET: argument 2 /);
  assert.deepEqual(await Promise.all([first, second]), ["1", "2"]);
  assert.deepEqual(writesOf(peer), [["GET 1", "GET 2"]]);
});

Deno.test("Connection reads the server's last reply after a failed write", async () => {
  const words = "-ERR Protocol error: invalid bulk length\r\n";
  const chunks = [new TextEncoder().encode(words), null];
  const connection = new Connection(
    transportOf({
      async read(into) {
        await sleep(5);
        const chunk = chunks.shift();
        if (!chunk) return null;
        into.set(chunk);
        return chunk.length;
      },
      write: () => Promise.reject(new Deno.errors.BrokenPipe("broken")),
    }),
    PATIENT,
  );
  const answer = ask(connection, "GET k");
  await assert.rejects(answer, /Protocol error: invalid bulk length/);
  const { reason } = await connection.closed;
  assert.match(String(reason), /The server closed the connection/);
});

Deno.test("Connection dies of a failed write when the server sends no more", async () => {
  const broken = new Deno.errors.BrokenPipe("broken");
  const connection = new Connection(
    transportOf({ write: () => Promise.reject(broken) }),
    PATIENT,
  );
  const first = slotOf(["GET", "1"]);
  connection.execute(first);
  await sleep(1);
  const second = slotOf(["GET", "2"]);
  connection.execute(second);
  const death = await connection.closed;
  assert.equal(death.reason, broken);
  // Its bytes were passed to the transport, so they may have been sent.
  assert.deepEqual(death.written, [first]);
  assert.deepEqual(death.unwritten, [second]);
});

// -- Reading --

Deno.test("behaviour 9: pushes between replies reach onPush, replies their commands", async () => {
  const peer = new ScriptedPeer()
    .expect("GET", "1").reply(`+1\r\n${MESSAGE}`)
    .expect("GET", "2").reply(`${MESSAGE}+2\r\n>1\r\n+news\r\n`);
  await using connection = await connectionTo(peer);
  const pushes: Push[] = [];
  connection.it.onPush = (push) => pushes.push(push);
  const answers = [ask(connection.it, "GET 1"), ask(connection.it, "GET 2")];
  assert.deepEqual(await Promise.all(answers), ["1", "2"]);
  await until(() => pushes.length === 3);
  assert(pushes.every((push) => push instanceof Push));
  const kinds = pushes.map(({ kind }) => kind);
  assert.deepEqual(kinds, ["message", "message", "news"]);
});

Deno.test("Connection closes on an unexpected reply", async () => {
  const peer = new ScriptedPeer().expect("GET", "1").reply("+1\r\n+2\r\n");
  await using connection = await connectionTo(peer);
  assert.equal(await ask(connection.it, "GET 1"), "1");
  const { reason } = await connection.it.closed;
  assert(reason instanceof ProtocolError);
  assert.equal(peer.open, 0);
  assert.equal(connection.it.alive, false);
});

Deno.test("Connection closes with the text of an unexpected error reply", async () => {
  const peer = new ScriptedPeer().push("-DENIED protected mode\r\n");
  await using connection = await connectionTo(peer);
  const { reason } = await connection.it.closed;
  assert(reason instanceof ConnectionError);
  assert.match(reason.message, /refused: DENIED protected mode/);
  assert(reason.cause instanceof ReplyError);
});

Deno.test("behaviour 10: invalid bytes reject all commands in flight, then it reconnects", async () => {
  const peer = new ScriptedPeer()
    .expect("GET", "1").reply("+1\r\n")
    .expect("GET", "2").reply("@what\r\n")
    .expect("GET", "3").silence()
    .redial()
    .expect("GET", "4").reply("+4\r\n");
  await using link = linkTo(peer);
  const answers = ["1", "2", "3"].map((n) => ask(link.it, `GET ${n}`));
  assert.equal(await answers[0], "1");
  for (const answer of answers.slice(1)) {
    const error = await errorOf(answer);
    assert(error instanceof ProtocolError);
    assert.match(error.message, /byte 40.* in (\w\w ?)+$/);
  }
  assert.equal(await ask(link.it, "GET 4"), "4");
  await peer.done();
});

Deno.test("behaviour 18: a reply parser that throws fails only its own command", async () => {
  const peer = new ScriptedPeer().expectAny().expectAny()
    .reply("+1\r\n+2\r\n");
  await using connection = await connectionTo(peer);
  const mistake = new Error("cannot parse");
  const parse = () => {
    throw mistake;
  };
  const batch = new BatchSlot([
    { args: ["GET", "1"], shape: { mode: TEXT, parse } },
  ]);
  connection.it.execute(batch);
  const second = ask(connection.it, "GET 2");
  assert.deepEqual(await batch.promise, [mistake]);
  assert.equal(await second, "2");
});

Deno.test("Connection reads replies longer than its buffer, byte by byte too", async () => {
  const value = "é".repeat(100_000);
  const reply = new TextEncoder().encode(
    `$${value.length * 2}\r\n${value}\r\n:1\r\n`,
  );
  const whole = new ScriptedPeer().expectAny().expectAny().reply(reply);
  const cut = new ScriptedPeer().expectAny().expectAny();
  for (let at = 0; at < 50; at++) cut.reply(reply.slice(at, at + 1));
  cut.reply(reply.slice(50));
  for (const peer of [whole, cut]) {
    await using connection = await connectionTo(peer);
    const answers = [ask(connection.it, "GET k"), ask(connection.it, "INCR n")];
    assert.deepEqual(await Promise.all(answers), [value, 1]);
  }
});

// -- Deadlines --

Deno.test("behaviour 16: a late reply is discarded", async () => {
  const peer = new ScriptedPeer().silence();
  await using connection = await connectionTo(peer);
  const late = ask(connection.it, "INCR n", { timeout: 20 });
  const next = ask(connection.it, "GET k");
  const error = await errorOf(late);
  assert(error instanceof TimeoutError);
  assert.equal(error.maybeExecuted, true);
  assert.match(error.message, /^INCR got no reply by its deadline$/);
  assert.equal(connection.it.alive, true);
  peer.sendNow("$4\r\nlate\r\n$6\r\nvalue1\r\n");
  assert.equal(await next, "value1");
  assert.equal(connection.it.pending, 0);
});

Deno.test("behaviour 16: a pipeline's late replies are discarded", async () => {
  const peer = new ScriptedPeer().silence();
  await using connection = await connectionTo(peer);
  const pipeline = new BatchSlot(
    ["1", "2", "3"].map((n) => ({ args: ["INCR", n], shape: RAW })),
  );
  pipeline.deadline = performance.now() + 20;
  connection.it.execute(pipeline);
  const next = ask(connection.it, "GET k");
  peer.sendNow(":1\r\n");
  const error = await errorOf(pipeline.promise);
  // Behaviour 21: how many replies arrived.
  assert.match(error.message, /3 commands \(1 replies came\)/);
  peer.sendNow(":2\r\n");
  peer.sendNow(":3\r\n+value\r\n");
  assert.equal(await next, "value");
});

Deno.test("Connection fails each slot exactly at its own deadline", async () => {
  const peer = new ScriptedPeer().silence();
  await using connection = await connectionTo(peer);
  const began = performance.now();
  using clock = new AwakeClock();
  await Promise.all([80, 30, 130].map(async (timeout) => {
    const error = await errorOf(ask(connection.it, "GET k", { timeout }));
    const took = performance.now() - began;
    assert(error instanceof TimeoutError);
    assert.equal(error.maybeExecuted, false, "it only reads");
    assert(took >= timeout - 2, `${timeout}: ${took}`);
    assert(clock.now < timeout + 1_000, `${timeout}: ${clock.now}`);
  }));
  assert.equal(connection.it.alive, true);
});

Deno.test("Connection accepts a deadline beyond the range of timers", async () => {
  const peer = new ScriptedPeer().silence();
  await using connection = await connectionTo(peer);
  const answer = ask(connection.it, "GET k", { timeout: 2 ** 40 });
  await sleep(20);
  peer.sendNow("+1\r\n");
  assert.equal(await answer, "1");
});

// -- Silence --

Deno.test("behaviour 29: Connection closes when replies are pending and no byte arrives", async () => {
  const peer = new ScriptedPeer().silence();
  await using connection = await connectionTo(peer, { stall: 40 });
  const slot = slotOf(["GET", "k"], { timeout: 40 });
  slot.promise.catch(() => {});
  connection.it.execute(slot);
  const { reason } = await connection.it.closed;
  assert(reason instanceof TimeoutError);
  assert.match(reason.message, /has not answered for \d+ ms/);
  assert.equal(peer.open, 0);
});

Deno.test("behaviour 29: a longer timeout at the head does not keep a dead connection open", async () => {
  const peer = new ScriptedPeer().silence();
  await using connection = await connectionTo(peer, { stall: 30 });
  const slow = ask(connection.it, "KEYS *", { timeout: 5_000 });
  const { reason } = await connection.it.closed;
  assert(reason instanceof TimeoutError);
  slow.catch(() => {});
});

Deno.test("Connection does not close while single bytes arrive", async () => {
  const peer = new ScriptedPeer().silence();
  await using connection = await connectionTo(peer, { stall: 200 });
  const slow = ask(connection.it, "GET k", { timeout: 200 });
  peer.sendNow("$6\r\n");
  for (const letter of "slowly") {
    await sleep(60);
    peer.sendNow(letter);
  }
  await errorOf(slow);
  const next = ask(connection.it, "GET k");
  peer.sendNow("\r\n+next\r\n");
  assert.equal(await next, "next");
});

Deno.test("behaviour 38: Connection sends a keepalive PING when idle, and no sooner", async () => {
  const peer = new ScriptedPeer();
  for (let i = 0; i < 3; i++) peer.expect("PING").reply("+PONG\r\n");
  peer.silence();
  const start = performance.now();
  await using connection = await connectionTo(peer, { idle: 40, ping: 40 });
  await until(() => peer.received.length >= 3);
  // However busy the machine is, no PING comes early.
  assert(performance.now() - start >= 3 * 40);
  assert.equal(connection.it.alive, true);
});

Deno.test("behaviour 38: Connection closes when its PING gets no reply", async () => {
  const peer = new ScriptedPeer().expect("PING").silence();
  await using connection = await connectionTo(peer, { idle: 20, ping: 30 });
  const { reason } = await connection.it.closed;
  assert(reason instanceof TimeoutError);
  assert.match(reason.message, /^PING got no reply/);
});

Deno.test("Connection accepts a RESP2 subscriber's reply to PING", async () => {
  const peer = new ScriptedPeer()
    .expect("PING").reply("*2\r\n$4\r\npong\r\n$0\r\n\r\n")
    .expect("PING").reply("+PONG\r\n").silence();
  await using connection = await connectionTo(peer, { idle: 15, ping: 1_000 });
  connection.it.subscribeOnly();
  await until(() => peer.received.length >= 3);
  assert.equal(connection.it.alive, true);
});

// -- The end --

Deno.test("Connection.closed reports written and unwritten commands", async () => {
  const peer = new ScriptedPeer().expect("GET", "1").reply("+1\r\n").silence();
  await using connection = await connectionTo(peer);
  await ask(connection.it, "GET 1");
  const written = slotOf(["GET", "2"]);
  connection.it.execute(written);
  await sleep(1);
  const unwritten = slotOf(["GET", "3"]);
  connection.it.execute(unwritten);
  const reason = new Error("enough");
  connection.it.destroy(reason);
  connection.it.destroy(new Error("again"));
  const death = await connection.it.closed;
  assert.equal(death.reason, reason);
  assert.deepEqual(death.written, [written]);
  assert.deepEqual(death.unwritten, [unwritten]);
  assert.deepEqual(writesOf(peer), [["GET 1"], ["GET 2"]]);
});

Deno.test("Connection that is ended in the middle of a chunk settles no further replies of it", async () => {
  // More than is delivered before it yields to callers.
  const value = "x".repeat(5_000);
  const replies = `$5000\r\n${value}\r\n`.repeat(4);
  const peer = new ScriptedPeer();
  for (let i = 0; i < 4; i++) peer.expectAny().reply(i < 3 ? "" : replies);
  await using connection = await connectionTo(peer);
  const slots = ["1", "2", "3", "4"].map((key) => slotOf(["GET", key]));
  const reason = new Error("enough");
  slots[0]!.promise.then(() => connection.it.destroy(reason));
  for (const slot of slots) connection.it.execute(slot);
  const death = await connection.it.closed;
  assert.equal(death.reason, reason);
  const settled = slots.filter((slot) => slot.settled);
  assert(settled.length < slots.length, "all had been delivered before");
  assert.deepEqual(death.written, slots.slice(settled.length));
});

Deno.test("Connection whose transport throws dies, and leaves no timer", async () => {
  const broken = new Error("broken");
  const connection = new Connection(
    transportOf({
      read: () => {
        throw broken;
      },
    }),
    { stall: 60_000, idle: 60_000, ping: 60_000 },
  );
  assert.equal(connection.alive, false);
  assert.equal((await connection.closed).reason, broken);
  const answer = ask(connection, "GET k");
  await assert.rejects(answer, ConnectionError);
});

Deno.test("Connection.drain() resolves when no reply is pending, or none will come", async () => {
  const peer = new ScriptedPeer().expect("GET", "1").silence();
  await using connection = await connectionTo(peer);
  await connection.it.drain();
  const answer = ask(connection.it, "GET 1");
  let drained = false;
  const draining = connection.it.drain().then(() => drained = true);
  await sleep(2);
  assert.equal(drained, false);
  peer.sendNow("+1\r\n");
  await draining;
  assert.equal(await answer, "1");

  connection.it.execute(slotOf(["GET", "2"]));
  const cut = connection.it.drain();
  connection.it.destroy(new Error("enough"));
  await cut;
  await connection.it.drain();
});

Deno.test("Connection.pause() delivers no replies until its promise settles", async () => {
  const peer = new ScriptedPeer().silence();
  await using connection = await connectionTo(peer, { stall: 20, idle: 20 });
  const pushes: Push[] = [];
  const gate = Promise.withResolvers<void>();
  connection.it.onPush = (push) => {
    pushes.push(push);
    if (pushes.length === 1) connection.it.pause(gate.promise);
  };
  peer.sendNow(MESSAGE);
  await until(() => pushes.length === 1);
  peer.sendNow(MESSAGE);
  await sleep(60);
  assert.equal(pushes.length, 1);
  assert.equal(connection.it.alive, true, "nobody is to blame for silence");
  gate.resolve();
  await until(() => pushes.length === 2);
});

Deno.test("Connection.ref() calls the transport's ref()", async () => {
  const calls: string[] = [];
  const connection = new Connection(
    transportOf({
      ref: () => void calls.push("ref"),
      unref: () => void calls.push("unref"),
    }),
    PATIENT,
  );
  connection.ref(false);
  connection.ref(true);
  assert.deepEqual(calls, ["unref", "ref"]);
  connection.destroy(new Error("The test is over"));
  await connection.closed;
});

Deno.test("a late reply to PING fails no call with a longer timeout while the server is alive", async () => {
  const peer = new ScriptedPeer().expect("PING").expect("GET", "k").silence();
  let probes = 0;
  await using connection = await connectionTo(peer, {
    idle: 20,
    ping: 30,
    stall: 60,
    isLost: () => Promise.resolve(++probes > 2),
  });
  await until(() => peer.received.length === 1);
  const answer = ask(connection.it, "GET k");
  await until(() => probes === 2);
  assert.equal(connection.it.alive, true);
  // It sends PING again as long as nothing arrives.
  await connection.it.closed;
  assert.equal(probes, 3);
  assert.equal(await Promise.race([answer, "owed"]), "owed");
});

Deno.test("a keepalive PING in flight causes no timer before its own deadline", async () => {
  const peer = new ScriptedPeer().expect("PING").silence();
  await using connection = await connectionTo(peer, {
    idle: 20,
    ping: 300,
    stall: 20,
  });
  await until(() => peer.received.length === 1);
  const { setTimeout: original } = globalThis;
  let timers = 0;
  globalThis.setTimeout = ((run: () => void, ms?: number) => {
    timers++;
    return original(run, ms);
  }) as typeof setTimeout;
  try {
    await new Promise<void>((resolve) => original(resolve, 100));
  } finally {
    globalThis.setTimeout = original;
  }
  assert(timers < 4, `${timers}`);
  await connection.it.closed;
});
