import { equal, ok } from "node:assert/strict";
import {
  Database,
  type DatabaseEvents,
} from "../../lib/embedded/keyspace/database.ts";
import { Config } from "../../lib/embedded/base/config.ts";
import { ActiveExpiry } from "../../lib/embedded/keyspace/expire.ts";
import { StringValue } from "../../lib/embedded/values/string.ts";

/** A server that consists of databases, with a fixed clock. */
function makeEvents(now: number) {
  const expired: string[] = [];
  const events: DatabaseEvents & { now: number } = {
    now,
    overdue: "deleted",
    readsOnly: false,
    changedWithAll() {},
    added() {},
    changed() {},
    expired: (_db, key) => expired.push(key),
    looked() {},
    used() {},
    stored() {},
  };
  return { events, expired };
}

/** Adds `count` keys with an expiry. */
function fill(db: Database, name: string, count: number, at?: number): void {
  for (let i = 0; i < count; i++) {
    db.set(`${name}${i}`, new StringValue("v"), at);
  }
}

Deno.test("an expired key is deleted when it is looked up", () => {
  const { events, expired } = makeEvents(1000);
  const db = new Database(0, events);
  db.set("k", new StringValue("v"), 1001);
  ok(db.peek("k"));
  events.now = 1001;
  equal(db.peek("k"), undefined);
  equal(db.keys.size, 0);
  equal(db.expires.size, 0);
  equal(expired.join(), "k");
});

Deno.test("active expiry deletes all expired keys, and no others", () => {
  const { events, expired } = makeEvents(1000);
  const dbs = [0, 1, 2].map((index) => new Database(index, events));
  fill(dbs[0]!, "over", 500, 10);
  fill(dbs[0]!, "later", 500, 5000);
  fill(dbs[0]!, "never", 500);
  fill(dbs[2]!, "over", 50, 1000);
  const expiry = new ActiveExpiry(new Config());
  // A run stops once few of the sampled keys are expired, so it takes several.
  for (let turn = 0; turn < 200; turn++) expiry.run(dbs, events.now);
  equal(expired.length, 550);
  ok(expired.every((key) => key.startsWith("over")));
  equal(dbs[0]!.keys.size, 1000);
  equal(dbs[2]!.keys.size, 0);
});

Deno.test("a run samples few keys when few are expired", () => {
  const { events } = makeEvents(1000);
  const db = new Database(0, events);
  fill(db, "later", 100_000, 5000);
  let looks = 0;
  const { scan } = db.expires;
  db.expires.scan = (cursor, count, visit) =>
    scan.call(db.expires, cursor, count, (key, at) => {
      looks++;
      visit(key, at);
    });
  new ActiveExpiry(new Config()).run([db], events.now);
  equal(looks, 20);
});

Deno.test("a run continues while many keys are expired", () => {
  const { events, expired } = makeEvents(1000);
  const db = new Database(0, events);
  fill(db, "over", 2000, 10);
  // Its time is not over before all are gone.
  const { now } = performance;
  performance.now = () => 0;
  try {
    new ActiveExpiry(new Config()).run([db], events.now);
  } finally {
    performance.now = now;
  }
  equal(expired.length, 2000);
});
