import assert from "node:assert/strict";
import { Link } from "../../lib/connection/link.ts";
import {
  AuthenticationError,
  ClosedError,
  ConnectionError,
  QueueFullError,
  TimeoutError,
} from "../../lib/errors.ts";
import { dial as dialTcp } from "../../lib/net/tcp.ts";
import type { Dial } from "../../lib/net/transport.ts";
import { ScriptedPeer } from "../support/scripted_peer.ts";
import { TestServer } from "../support/test_server.ts";
import {
  ask,
  errorOf,
  linkTo,
  optionsFor,
  sleep,
  slotOf,
  until,
  WELCOME,
  writesOf,
} from "./support.ts";

/** The state of a link. A function, as TypeScript would keep narrowing a property. */
function stateOf(link: Link): string {
  return link.state.kind;
}

/** A dial to `peer` that waits for the gate to open. */
function gated(peer: ScriptedPeer): { dial: Dial; gate: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return {
    dial: async (address, signal) => {
      await promise;
      return await peer.dial(address, signal);
    },
    gate: resolve,
  };
}

/** A peer that refuses the first `times` dials. */
function refusing(times: number): ScriptedPeer {
  const peer = new ScriptedPeer().refuse();
  for (let i = 1; i < times; i++) peer.redial().refuse();
  return peer;
}

/** A real dial that closes the connection instead of delivering the reply to `word`. */
function droppingReplyTo(word: string, times = Infinity): Dial {
  let doomed = false;
  return async (address, signal) => {
    const inner = await dialTcp(address, signal);
    return {
      async read(into) {
        const count = await inner.read(into);
        if (!doomed) return count;
        doomed = false;
        throw new Deno.errors.ConnectionReset("dropped by the test");
      },
      async write(chunks) {
        const text = chunks.map((chunk) => new TextDecoder().decode(chunk));
        if (text.join("").includes(word) && times-- > 0) doomed = true;
        await inner.write(chunks);
      },
      [Symbol.dispose]: () => inner[Symbol.dispose](),
    };
  };
}

// -- While there is no connection --

Deno.test("Link connects on the first command, and queues commands in order meanwhile", async () => {
  const peer = new ScriptedPeer();
  for (const n of "1234") peer.expect("GET", n).reply(`+${n}\r\n`);
  const { dial, gate } = gated(peer);
  await using link = linkTo({ dial });
  assert.equal(stateOf(link.it), "idle");
  const answers = [ask(link.it, "GET 1")];
  assert.equal(stateOf(link.it), "dialing");
  await sleep(2);
  answers.push(ask(link.it, "GET 2"), ask(link.it, "GET 3"));
  assert.equal(link.it.pending, 3);
  gate();
  await link.it.connect();
  answers.push(ask(link.it, "GET 4"));
  assert.deepEqual(await Promise.all(answers), ["1", "2", "3", "4"]);
  assert.deepEqual(writesOf(peer)[0], ["GET 1", "GET 2", "GET 3"]);
  assert.equal(stateOf(link.it), "ready");
  assert.equal(link.it.pending, 0);
});

Deno.test("behaviour 35: a full queue rejects further commands at once", async () => {
  const peer = new ScriptedPeer();
  for (let i = 0; i < 3; i++) peer.expectAny().reply("+OK\r\n");
  const { dial, gate } = gated(peer);
  await using link = linkTo({ dial }, { queueSize: 3 });
  const held = [1, 2, 3].map((n) => ask(link.it, `SET k ${n}`));
  for (let i = 0; i < 1_000; i++) {
    const error = await errorOf(ask(link.it, "SET k secret"));
    assert(error instanceof QueueFullError);
    assert.equal(error.maybeExecuted, false);
    assert.match(error.message, /"queueSize".*: current value is 3$/);
    assert.doesNotMatch(error.message, /secret/);
  }
  assert.equal(link.it.pending, 3);
  gate();
  assert.deepEqual(await Promise.all(held), ["OK", "OK", "OK"]);
});

Deno.test("behaviour 35: aborted commands make room in the queue", async () => {
  const peer = new ScriptedPeer()
    .expect("SET", "k", "3").expect("SET", "k", "4").reply("+OK\r\n+OK\r\n");
  const { dial, gate } = gated(peer);
  await using link = linkTo({ dial }, { queueSize: 2 });
  const stop = new AbortController();
  const aborted = [1, 2].map((n) => {
    const slot = slotOf(["SET", "k", n]).limit(1_000, 0, stop.signal);
    slot.promise.catch(() => {});
    link.it.execute(slot);
    return slot.promise;
  });
  stop.abort("enough");
  const held = [3, 4].map((n) => ask(link.it, `SET k ${n}`));
  gate();
  assert.deepEqual(await Promise.all(held), ["OK", "OK"]);
  for (const one of aborted) assert.equal(await errorOf(one), "enough");
  await peer.done();
});

Deno.test("Link rejects a command that cannot be encoded before queueing it", async () => {
  const peer = new ScriptedPeer().expect("GET", "k").reply("+1\r\n");
  const { dial, gate } = gated(peer);
  await using link = linkTo({ dial });
  // deno-lint-ignore no-explicit-any -- values that the types reject
  const bad = slotOf(["SET", "k", null as any]);
  link.it.execute(bad);
  await assert.rejects(bad.promise, TypeError);
  const good = ask(link.it, "GET k");
  gate();
  assert.equal(await good, "1");
});

Deno.test("behaviour 37: queued commands are kept until their own deadlines", async () => {
  const peer = new ScriptedPeer();
  for (const n of "13") peer.expect("GET", n).reply(`+${n}\r\n`);
  const { dial, gate } = gated(peer);
  await using link = linkTo({ dial });
  const one = ask(link.it, "GET 1");
  const two = ask(link.it, "INCR 2", { timeout: 20 });
  const three = ask(link.it, "GET 3", { timeout: 10_000 });
  const error = await errorOf(two);
  assert(error instanceof TimeoutError);
  assert.equal(error.maybeExecuted, false);
  assert.match(error.message, /^INCR found no connection in time/);
  gate();
  assert.deepEqual(await Promise.all([one, three]), ["1", "3"]);
  assert.deepEqual(writesOf(peer), [["GET 1", "GET 3"]]);
});

Deno.test("Link reports why there was no connection in time", async () => {
  await using link = linkTo(refusing(1), { backoff: () => 60_000 });
  const error = await errorOf(ask(link.it, "GET k", { timeout: 20 }));
  assert(error instanceof TimeoutError);
  assert.match(error.message, /in time: Cannot connect to .*: refused$/);
  assert(error.cause instanceof ConnectionError);
});

// -- Attempts --

Deno.test("behaviour 34: attempts are counted once, with the backoff's delays in between", async () => {
  const peer = refusing(4);
  const asked: number[] = [];
  const backoff = (attempt: number) => (asked.push(attempt), 1);
  await using link = linkTo(peer, { backoff, connectAttempts: 4 });
  const answers = [ask(link.it, "GET 1"), ask(link.it, "INCR 2")];
  for (const answer of answers) {
    const error = await errorOf(answer);
    assert(error instanceof ConnectionError);
    assert.match(error.message, /in 4 attempts: .*refused$/);
    assert.equal(error.maybeExecuted, false);
  }
  assert.equal(peer.dialled.length, 4);
  assert.deepEqual(asked, [1, 2, 3]);
  assert.equal(stateOf(link.it), "idle");
});

Deno.test("Link that gives up after one attempt, or because of its credentials, rejects with that reason", async () => {
  const answer = "-WRONGPASS no\r\n";
  const wrong = new ScriptedPeer().expect("AUTH", "s3cret").reply(answer);
  for (let i = 0; i < 2; i++) {
    wrong.redial().expect("AUTH", "s3cret").reply(answer);
  }
  for (
    const [peer, connectAttempts, ErrorClass, message] of [
      [refusing(1), 1, ConnectionError, /^Cannot connect to \S+: refused$/],
      [wrong, 3, AuthenticationError, /^WRONGPASS no$/],
    ] as const
  ) {
    const given: unknown[] = [];
    await using link = linkTo(peer, {
      connectAttempts,
      ...ErrorClass === AuthenticationError && { password: "s3cret" },
    });
    link.it.onGaveUp = (error) => given.push(error);
    const error = await errorOf(ask(link.it, "GET k"));
    assert(error instanceof ErrorClass);
    assert.match(error.message, message);
    await until(() => stateOf(link.it) === "idle");
    assert.equal(peer.dialled.length, connectAttempts);
    const last = given.at(-1);
    assert(last instanceof ErrorClass);
    assert.match(last.message, message);
  }
});

Deno.test("Link connects again with the next command after it gave up", async () => {
  const peer = refusing(2).redial().expect("GET", "k").reply("+1\r\n");
  await using link = linkTo(peer, { connectAttempts: 2 });
  await assert.rejects(ask(link.it, "GET k"), ConnectionError);
  assert.equal(await ask(link.it, "GET k"), "1");
});

Deno.test("Link.connect() reports the next attempt", async () => {
  const peer = refusing(2).redial();
  await using link = linkTo(peer, { backoff: () => 5 });
  await assert.rejects(link.it.connect(), ConnectionError);
  await assert.rejects(link.it.connect(), ConnectionError);
  await link.it.connect();
  await link.it.connect();
  assert.equal(stateOf(link.it), "ready");
});

Deno.test("Link.connect() rejects when the link is closed before the attempt", async () => {
  const link = new Link(
    optionsFor(refusing(1), { protocol: 2, backoff: () => 60_000 }),
  );
  await assert.rejects(link.connect(), ConnectionError);
  const connecting = link.connect();
  connecting.catch(() => {});
  await link.close();
  await assert.rejects(connecting, ClosedError);
  await assert.rejects(link.connect(), ClosedError);
});

Deno.test("behaviour 34: close() interrupts the backoff before an attempt", async () => {
  const link = new Link(
    optionsFor(refusing(1), { protocol: 2, backoff: () => 60_000 }),
  );
  const answer = ask(link, "GET k");
  await until(() => link.state.kind === "waiting");
  await link.close();
  await assert.rejects(answer, ClosedError);
  await assert.rejects(ask(link, "GET k"), ClosedError);
});

Deno.test("Link backs off from a server that accepts and hangs up", async () => {
  const peer = new ScriptedPeer().hangUp();
  for (let i = 0; i < 2; i++) peer.redial().hangUp();
  const asked: number[] = [];
  const backoff = (attempt: number) => (asked.push(attempt), 1);
  await using link = linkTo(peer, { backoff, connectAttempts: 3 });
  await link.it.connect();
  await until(() => link.it.state.kind === "idle");
  assert.equal(peer.dialled.length, 3);
  assert.deepEqual(asked, [1, 2]);
});

Deno.test("behaviour 26: AuthenticationError while reconnecting rejects queued commands", async () => {
  const peer = new ScriptedPeer()
    .expect("AUTH", "s3cret").reply("+OK\r\n")
    .expect("GET", "1").reply("+1\r\n").hangUp()
    .redial().expect("AUTH", "s3cret").reply("-WRONGPASS no\r\n")
    .redial().expect("AUTH", "s3cret").reply("+OK\r\n")
    .expect("GET", "3").reply("+3\r\n");
  let wait = 5;
  const backoff = () => wait;
  await using link = linkTo(peer, { password: "s3cret", backoff });
  assert.equal(await ask(link.it, "GET 1"), "1");
  await until(() => link.it.state.kind === "waiting");
  wait = 30;
  await assert.rejects(ask(link.it, "GET 2"), AuthenticationError);
  // The password may become valid again: the link tries again, with backoff.
  assert.equal(await ask(link.it, "GET 3"), "3");
  await peer.done();
});

// -- After a lost connection --

Deno.test("behaviour 32: reads are retried after a lost connection, writes reject as maybeExecuted", async () => {
  const peer = new ScriptedPeer()
    .expect("GET", "1").expect("INCR", "2").expect("GET", "3").hangUp()
    .redial()
    .expect("GET", "1").reply("+1\r\n").expect("GET", "3").reply("+3\r\n");
  await using link = linkTo(peer);
  const [one, two, three] = ["GET 1", "INCR 2", "GET 3"]
    .map((words) => ask(link.it, words));
  const error = await errorOf(two!);
  assert(error instanceof ConnectionError);
  assert.equal(error.maybeExecuted, true);
  assert.match(error.message, /^INCR lost its connection before the reply/);
  assert.deepEqual(await Promise.all([one, three]), ["1", "3"]);
  await peer.done();
});

Deno.test("behaviour 32: unwritten commands are sent again, in order, before later ones", async () => {
  const peer = new ScriptedPeer().silence().redial();
  const words = ["GET 1", "INCR 3", "INCR 4", "INCR 5"];
  for (const line of words) peer.expect(...line.split(" ")).reply("+OK\r\n");
  const { dial, gate } = gated(peer);
  let dials = 0;
  await using link = linkTo({
    dial: (...args) => (dials++ === 1 ? dial : peer.dial)(...args),
  });
  const read = ask(link.it, "GET 1");
  const write = ask(link.it, "INCR 2");
  await until(() => peer.received.length === 2);
  const unwritten = ask(link.it, "INCR 3");
  // In the same tick, so that its bytes never leave the encoder.
  assert(link.it.state.kind === "ready");
  link.it.connection!.destroy(new ConnectionError("cut by the test"));
  const between = ask(link.it, "INCR 4");
  await sleep(2);
  const later = ask(link.it, "INCR 5");
  gate();
  assert.deepEqual(
    await Promise.all([read, unwritten, between, later]),
    ["OK", "OK", "OK", "OK"],
  );
  assert.equal((await errorOf(write) as ConnectionError).maybeExecuted, true);
  assert.deepEqual(writesOf(peer).at(-1), words);
});

Deno.test("Link retries a read up to the limit of its retries", async () => {
  const peer = new ScriptedPeer().expect("GET", "k").hangUp();
  for (let i = 0; i < 2; i++) peer.redial().expect("GET", "k").hangUp();
  peer.redial();
  await using link = linkTo(peer);
  const error = await errorOf(ask(link.it, "GET k", { retries: 2 }));
  assert(error instanceof ConnectionError);
  assert.equal(error.maybeExecuted, false, "it only reads");
  assert.equal(peer.received.length, 3);
});

Deno.test("Link retries a write only if its caller opts in, a read unless it opts out", async () => {
  const peer = new ScriptedPeer()
    .expect("INCR", "n").expect("GET", "k").hangUp()
    .redial().expect("INCR", "n").reply(":1\r\n");
  await using link = linkTo(peer);
  const again = ask(link.it, "INCR n", { retry: true });
  const once = ask(link.it, "GET k", { retry: false });
  await assert.rejects(once, ConnectionError);
  assert.equal(await again, 1);
  await peer.done();
});

Deno.test("Link keeps the deadline of a retried command", async () => {
  const peer = new ScriptedPeer().expect("GET", "k").hangUp()
    .redial().silence();
  await using link = linkTo(peer);
  const before = performance.now();
  const error = await errorOf(ask(link.it, "GET k", { timeout: 500 }));
  assert(error instanceof TimeoutError);
  assert(performance.now() - before < 5_000);
  assert.equal(peer.received.length, 2);
});

Deno.test("behaviour 33: INCR is executed once when its reply is lost", async () => {
  await using server = await TestServer.start();
  const options = { port: server.port, hostname: server.hostname };
  await using link = linkTo({ dial: droppingReplyTo("INCR") }, options);
  const error = await errorOf(ask(link.it, "INCR n"));
  assert(error instanceof ConnectionError);
  assert.equal(error.maybeExecuted, true);
  assert.equal(await ask(link.it, "GET n"), "1");
});

Deno.test("behaviour 32: a read whose reply is lost succeeds by a retry", async () => {
  await using server = await TestServer.start();
  await server.ask("SET", "k", "v");
  const options = { port: server.port, hostname: server.hostname };
  await using link = linkTo({ dial: droppingReplyTo("GET", 2) }, options);
  assert.equal(await ask(link.it, "GET k"), "v");
});

Deno.test("behaviour 37: k commands in flight and m queued settle once each", async () => {
  const k = 50;
  const peer = new ScriptedPeer().silence().redial();
  for (let i = 0; i < k + k / 2; i++) peer.expectAny().reply("+OK\r\n");
  const { dial, gate } = gated(peer);
  let dials = 0;
  await using link = linkTo({
    dial: (...args) => (dials++ === 1 ? dial : peer.dial)(...args),
  });
  let settled = 0;
  const answers: Promise<unknown>[] = [];
  const askOne = (i: number) => {
    const answer = ask(link.it, i % 2 === 0 ? `GET ${i}` : `INCR ${i}`);
    answers.push(answer);
    answer.catch(() => {}).finally(() => settled++);
  };
  for (let i = 0; i < k; i++) askOne(i);
  await until(() => peer.received.length === k);
  peer.hangUpNow();
  await until(() => stateOf(link.it) === "dialing");
  for (let i = k; i < 2 * k; i++) askOne(i);
  gate();
  const outcomes = await Promise.allSettled(answers);
  assert.equal(settled, 2 * k);
  for (const [i, { status }] of outcomes.entries()) {
    const lost = i < k && i % 2 === 1;
    assert.equal(status, lost ? "rejected" : "fulfilled", `number ${i}`);
  }
});

Deno.test("Link loses nothing when its connection is lost at any tick after the handshake", async () => {
  for (let ticks = 0; ticks < 60; ticks++) {
    const peer = new ScriptedPeer().silence().redial()
      .expect("HELLO", "3").reply(WELCOME).expect("GET", "k").reply("+v\r\n");
    await using link = linkTo(peer, { protocol: 3 });
    const answer = ask(link.it, "GET k", { timeout: 2_000 });
    await until(() => peer.received.length === 1);
    peer.sendNow(WELCOME);
    for (let i = 0; i < ticks; i++) await null;
    peer.hangUpNow();
    assert.equal(await answer, "v", `after ${ticks} ticks`);
  }
});

// -- Closing --

Deno.test("behaviour 39: close() waits for pending replies", async () => {
  const peer = new ScriptedPeer().silence();
  const link = new Link(optionsFor(peer, { protocol: 2 }));
  await link.connect();
  const answers = [ask(link, "INCR 1"), ask(link, "INCR 2")];
  const closing = link.close();
  peer.sendNow(":1\r\n");
  await sleep(2);
  assert.equal(peer.open, 1);
  peer.sendNow(":2\r\n");
  await closing;
  assert.deepEqual(await Promise.all(answers), [1, 2]);
  assert.equal(peer.open, 0);
  assert.equal(stateOf(link), "closed");
});

Deno.test("behaviour 39: close() rejects commands without a reply in time", async () => {
  const peer = new ScriptedPeer().silence();
  const link = new Link(optionsFor(peer, { protocol: 2 }));
  await link.connect();
  const answer = ask(link, "INCR 1");
  await sleep(1);
  const unwritten = ask(link, "INCR 2");
  await link.close(0);
  const error = await errorOf(answer);
  assert(error instanceof ClosedError);
  assert.equal(error.maybeExecuted, true);
  const other = await errorOf(unwritten);
  assert(other instanceof ClosedError);
  assert.equal(other.maybeExecuted, false);
});

Deno.test("Link leaves nothing open when it is closed at any tick of its opening", async () => {
  for (let ticks = 0; ticks < 60; ticks++) {
    const peer = new ScriptedPeer().expectAny().reply(WELCOME);
    const link = new Link(optionsFor(peer));
    const connecting = link.connect().catch(() => {});
    for (let i = 0; i < ticks; i++) await null;
    await link.close();
    await connecting;
    assert.equal(stateOf(link), "closed", `after ${ticks} ticks`);
    assert.equal(peer.open, 0, `after ${ticks} ticks`);
  }
});

Deno.test("Link.onReady runs before queued commands, onLost after each loss", async () => {
  const peer = new ScriptedPeer()
    .expect("FIRST", "0").reply("+OK\r\n").expect("GET", "1").reply("+1\r\n")
    .hangUp()
    .redial()
    .expect("FIRST", "1").reply("+OK\r\n").expect("GET", "2").reply("+2\r\n");
  await using link = linkTo(peer);
  let lost = 0;
  link.it.onReady = (connection) => void ask(connection, `FIRST ${lost}`);
  link.it.onLost = () => lost++;
  assert.equal(await ask(link.it, "GET 1"), "1");
  assert.equal(await ask(link.it, "GET 2"), "2");
  assert.equal(lost, 1);
  await peer.done();
});
