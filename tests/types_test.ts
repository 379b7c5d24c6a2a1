/**
 * Types of the public entry point, asserted at compile time: `deno check` is
 * the test. The types of the commands' results are asserted in
 * `commands/types_test.ts`.
 *
 * @module
 */

import type {
  Gap,
  Leased,
  Message,
  Pipeline,
  Redis,
  Reply,
  Subscription,
  Watched,
} from "../mod.ts";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends
  (<T>() => T extends B ? 1 : 2) ? true : false;

/** Compiles only when the promise's type is exactly `T`. */
function is<T>() {
  return <P>(
    _promise: Promise<P>,
    ..._proof: Same<P, T> extends true ? [] : [differs: P]
  ): void => {};
}

/** Never called: only its types are checked. */
type Uses = (redis: Redis, bytes: Redis<Uint8Array>) => void;

function checked(_uses: Uses): void {}

Deno.test("a pipeline's result is the exact tuple of its commands", {
  permissions: "none",
}, () => {
  checked((redis, bytes) => {
    is<["OK", string | null, number]>()(
      redis.pipeline((p) => [p.set("k", 1), p.get("k"), p.incr("n")]),
    );
    is<["OK", string | null]>()(
      redis.pipeline((p) => [p.set("k", 1), p.get("k")], {
        transaction: false,
      }),
    );
    is<[number, Uint8Array | null, string | null, Reply]>()(
      redis.transaction((p) => [
        p.incr("n"),
        p.bytes.get("k"),
        p.get("k"),
        p.send(["PING"]),
      ]),
    );
    is<[Uint8Array | null]>()(bytes.pipeline((p) => [p.get("k")]));
    is<[[string, number][], string[]]>()(
      redis.pipeline((p) => [
        p.zrange("z", 0, -1, { withscores: true }),
        p.zrange("z", 0, -1),
      ]),
    );
    is<(string | null)[]>()(
      redis.pipeline((p) => ["a", "b"].map((key) => p.get(key))),
    );
    is<unknown[]>()(redis.pipeline().execute());
    is<unknown[]>()(redis.transaction().execute());
  });
});

Deno.test("with raiseOnError: false the tuple has errors in place of results", {
  permissions: "none",
}, () => {
  checked((redis) => {
    is<["OK" | Error, string | Error | null]>()(
      redis.pipeline((p) => [p.set("k", 1), p.get("k")], {
        raiseOnError: false,
      }),
    );
    is<[number | Error]>()(
      redis.transaction((p) => [p.incr("n")], { raiseOnError: false }),
    );
    is<[number]>()(
      redis.transaction((p) => [p.incr("n")], { raiseOnError: true }),
    );
  });
});

Deno.test("a batch rejects calls that it cannot perform", {
  permissions: "none",
}, () => {
  checked((redis) => {
    // @ts-expect-error -- the callback must not be async
    redis.pipeline(async (p) => [await p.get("k")]);
    // @ts-expect-error -- the callback must return a list
    redis.pipeline((p) => p.get("k"));
    // @ts-expect-error -- the list must contain promises
    redis.pipeline(() => [1]);
    // @ts-expect-error -- a transaction cannot be switched off
    redis.transaction((p) => [p.get("k")], { transaction: false });
    // @ts-expect-error -- a pipeline cannot subscribe
    redis.pipeline((p) => [p.subscribe("c")]);
    // @ts-expect-error -- a pipeline cannot watch
    redis.pipeline((p) => [p.watch("k")]);
    // @ts-expect-error -- commands do not chain
    redis.pipeline().set("k", 1).get("k");
  });
});

Deno.test("with() and bytes change how values are read", {
  permissions: "none",
}, () => {
  checked((redis, bytes) => {
    is<string | null>()(redis.get("k"));
    is<Uint8Array | null>()(redis.bytes.get("k"));
    is<Uint8Array | null>()(redis.with({ replies: "bytes" }).get("k"));
    is<string | null>()(bytes.with({ replies: "text" }).get("k"));
    is<Uint8Array | null>()(bytes.with({ timeout: 1 }).get("k"));
    is<string | null>()(redis.with({ timeout: 1, retry: true }).get("k"));
    is<Uint8Array | null>()(bytes.set("k", "v", { get: true }));
    is<string | null>()(redis.set("k", "v", { get: true }));
    is<"OK">()(redis.set("k", "v", { ex: 1 }));
    is<"OK" | null>()(redis.set("k", "v", { nx: true }));
    is<Reply>()(redis.send(["GET", "k"]));
    is<Reply>()(bytes.send(["GET", "k"]));
    is<Leased<string>>()(redis.lease());
    is<Leased<Uint8Array>>()(bytes.lease());
    // @ts-expect-error -- not a valid value of `replies`
    redis.with({ replies: "json" });
    // @ts-expect-error -- not an option
    redis.with({ timeouts: 1 });
  });
});

Deno.test(
  "watch() returns what its function returns",
  { permissions: "none" },
  () => {
    checked((redis, bytes) => {
      is<["OK", number]>()(
        redis.watch(
          "k",
          (tx) => tx.commit((m) => [m.set("k", 1), m.incr("n")]),
        ),
      );
      is<string | null>()(redis.watch(["a", "b"], (tx) => tx.get("a")));
      is<Uint8Array | null>()(bytes.watch("k", (tx) => tx.get("k")));
      is<void>()(redis.watch("k", async (_: Watched<string>) => {}));
      // @ts-expect-error -- the callback must return a promise
      redis.watch("k", () => 1);
    });
  },
);

Deno.test(
  "a subscription's items are messages, and gaps only where asked for",
  { permissions: "none" },
  () => {
    checked((redis, bytes) => {
      is<Subscription<string, Message<string>>>()(redis.subscribe("c"));
      is<Subscription<string, Message<string>>>()(redis.psubscribe(["a*"], {}));
      is<Subscription<string, Message<string>>>()(
        redis.ssubscribe("c", { gaps: false }),
      );
      is<Subscription<string, Message<string> | Gap>>()(
        redis.subscribe("c", { gaps: true }),
      );
      is<Subscription<Uint8Array, Message<Uint8Array>>>()(bytes.subscribe("c"));
      is<Subscription<Uint8Array, Message<Uint8Array> | Gap>>()(
        bytes.psubscribe("c", { gaps: true }),
      );
      (async (
        news: Subscription,
        wary: Subscription<string, Message | Gap>,
      ) => {
        for await (const { message, missed, pattern } of news) {
          const texts: [string, Gap | null, string | undefined] = [
            message,
            missed,
            pattern,
          ];
          texts satisfies unknown[];
        }
        for await (const item of wary) {
          // @ts-expect-error -- the item may be a gap
          item.message;
          if ("reason" in item) item.count satisfies number | undefined;
          else item.message satisfies string;
        }
      });
      // @ts-expect-error -- not a valid value of `overflow`
      redis.subscribe("c", { overflow: "block" });
    });
  },
);

Deno.test("Pipeline and Leased offer commands only", {
  permissions: "none",
}, () => {
  checked((redis) => {
    const uses = async (pipe: Pipeline, leased: Leased) => {
      is<number>()(pipe.incr("n"));
      is<[number]>()(leased.pipeline((p) => [p.incr("n")]));
      is<Uint8Array | null>()(leased.bytes.get("k"));
      // @ts-expect-error -- a lease ends with `using`
      await leased.close();
      // @ts-expect-error -- only the client can subscribe
      await leased.subscribe("c");
    };
    uses satisfies unknown;
    // @ts-expect-error -- commands that change their connection are no methods
    redis.select(1);
    // @ts-expect-error -- commands that change their connection are no methods
    redis.multi();
  });
});
