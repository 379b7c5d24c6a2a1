/**
 * Checks `/openapi.json` against the gateway: the test calls every operation, and
 * provokes every documented failure.
 *
 * @module
 */

import assert from "node:assert/strict";
import { METHODS } from "../../worker/http.ts";
import { eventually } from "./events.ts";
import { bearer, LocalGateway } from "./local.ts";

interface Described {
  headers?: Record<string, unknown>;
  content?: Record<string, { schema: { $ref?: string } }>;
}

interface Operation {
  summary: string;
  responses: Record<string, Described>;
  parameters?: { name: string; in: string; required: boolean }[];
  security?: Record<string, []>[];
}

interface Description {
  openapi: string;
  servers: { url: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: Record<string, Record<string, unknown>>;
}

async function describe(gateway: LocalGateway): Promise<Description> {
  const nobody = { headers: bearer("nobody") };
  const [status, json] = await gateway.json("/openapi.json", nobody);
  assert.equal(status, 200);
  const { components } = json as Description;
  // Parts shared by several operations are references; schemas are compared by name.
  const resolve = (_: string, value: unknown) => {
    const { $ref } = (value ?? {}) as { $ref?: string };
    const [, kind, name] = /^#\/components\/(\w+)\/(\w+)$/.exec($ref ?? "") ??
      [];
    if (kind === undefined || kind === "schemas") return value;
    const found = components[kind]?.[name!];
    assert.ok(found, $ref);
    return found;
  };
  return JSON.parse(JSON.stringify(json, resolve));
}

const BASE64 = { "upstash-encoding": "base64" };
const RESP2 = { "upstash-response-format": "resp2" };
const SYNC = "upstash-sync-token";
const COMMAND = "/{command}/{arguments}";
const RAW = "/raw/{command}/{arguments}";
const SMALL = bearer("small");
const SLOW = bearer("slow");

/** A request for an operation, and the expected status. */
const ASKED: [
  template: string,
  method: string,
  status: number,
  path: string,
  headers?: HeadersInit,
  body?: string,
][] = [
  ["/", "post", 200, "/", {}, '["PING"]'],
  ["/", "post", 200, "/", RESP2, '["PING"]'],
  ["/", "put", 200, "/", BASE64, '["PING"]'],
  ["/", "post", 400, "/", {}, "["],
  ["/", "post", 401, "/", bearer("wrong"), '["PING"]'],
  ["/", "post", 413, "/", SMALL, `["${"x".repeat(50)}"]`],
  [
    "/pipeline",
    "post",
    200,
    "/pipeline",
    { [SYNC]: "" },
    '[["PING"],["NOPE"]]',
  ],
  ["/pipeline", "post", 200, "/pipeline", RESP2, '[["PING"],["NOPE"]]'],
  ["/pipeline", "post", 400, "/pipeline", {}, '["PING"]'],
  ["/pipeline", "post", 413, "/pipeline", SMALL, '[["PING"],["PING"]]'],
  ["/multi-exec", "post", 200, "/multi-exec", RESP2, '[["PING"],["INCR","a"]]'],
  ["/multi-exec", "post", 400, "/multi-exec", {}, '[["NOPE"]]'],
  [COMMAND, "post", 200, "/set/a", {}, "x"],
  [COMMAND, "put", 200, "/set/a", {}, "x"],
  [COMMAND, "put", 413, "/set/a", SMALL, "x".repeat(50)],
  [COMMAND, "get", 200, "/get/a", BASE64],
  [COMMAND, "get", 200, "/get/a", RESP2],
  [COMMAND, "head", 200, "/get/a", { "if-none-match": "x", [SYNC]: "" }],
  [COMMAND, "get", 400, "/nope/a"],
  [COMMAND, "get", 401, "/get/a", bearer("wrong")],
  [COMMAND, "get", 429, "/get/a", SLOW],
  [RAW, "get", 200, "/raw/get/a?type=text/html"],
  [RAW, "head", 200, "/raw/get/a"],
  [RAW, "get", 404, "/raw/get/missing"],
  [RAW, "get", 400, "/raw/set/a/b"],
  ["/subscribe/{channel}", "get", 200, "/subscribe/a/b"],
  ["/subscribe/{channel}", "post", 200, "/subscribe/a", {}, "[]"],
  ["/subscribe/{channel}", "get", 429, "/subscribe/a", bearer("still")],
  ["/psubscribe/{pattern}", "get", 200, "/psubscribe/a*"],
  ["/psubscribe/{pattern}", "post", 200, "/psubscribe/a*", {}, "[]"],
  ["/monitor", "get", 200, "/monitor"],
  ["/monitor", "post", 200, "/monitor"],
  ["/monitor", "get", 400, "/monitor", SMALL],
  ["/ws", "get", 426, "/ws"],
  ["/metrics", "get", 200, "/metrics"],
  ["/metrics", "head", 200, "/metrics"],
  ["/metrics", "get", 400, "/metrics", SMALL],
  ["/console", "get", 200, "/console"],
  ["/console", "head", 200, "/console"],
  ["/health", "get", 200, "/health"],
  ["/health", "head", 200, "/health"],
  ["/ready", "get", 200, "/ready"],
  ["/ready", "head", 200, "/ready"],
  ["/openapi.json", "get", 200, "/openapi.json"],
  ["/console", "get", 200, "/console"],
  ["/console", "head", 200, "/console"],
  ["/openapi.json", "head", 200, "/openapi.json"],
];

Deno.test("/openapi.json describes the response of every operation", async () => {
  const limits = { bodyBytes: 40, commands: 1 };
  await using gateway = await LocalGateway.start({
    CONSOLE: "on",
    CACHE: "on",
    GRANTS: JSON.stringify({
      small: { token: "small", limits, deny: ["monitor"] },
      slow: { token: "slow", limits: { requestsPerSecond: 0 } },
      still: { token: "still", limits: { streams: 0 } },
    }),
  });
  const { paths } = await describe(gateway);
  const answered = new Set<string>();
  let fromMemory = 0;
  await eventually(async () => {
    const { headers, body } = await gateway.fetch("/get/warm");
    await body?.cancel();
    return headers.has("age");
  });
  for (const [template, method, status, path, headers, body] of ASKED) {
    const what = `${method} ${path}`;
    const init = { method: method.toUpperCase(), headers: headers ?? {} };
    const response = await gateway.fetch(
      path,
      body === undefined ? init : { ...init, body },
    );
    assert.equal(response.status, status, what);
    const described = paths[template]?.[method]?.responses[status];
    assert.ok(described, `${what} is not described`);
    const known = Object.keys(described.headers ?? {});
    const own = ["age", "etag", "sorrel-errors", "retry-after", SYNC];
    for (const name of own) {
      const named = known.some((each) => each.toLowerCase() === name);
      if (response.headers.has(name)) assert.ok(named, `${what}: ${name}`);
    }
    if (response.headers.has("age")) fromMemory++;
    answered.add(`${template} ${method} ${status === 200}`);
    const type = response.headers.get("content-type")!.split(";")[0]!;
    const schema = described.content?.[type] ?? described.content?.["*/*"];
    assert.ok(schema, `${what}: ${type}`);
    if (type === "text/event-stream" || method === "head") {
      await response.body?.cancel();
      continue;
    }
    const text = await response.text();
    if (schema.schema.$ref === undefined) continue;
    const name = schema.schema.$ref.split("/").at(-1)!.toLowerCase();
    assert.deepEqual(Object.keys(JSON.parse(text)), [name], what);
  }
  assert.ok(fromMemory > 0);
  for (const [template, item] of Object.entries(paths)) {
    for (const method of Object.keys(item)) {
      assert.ok(METHODS.includes(method.toUpperCase()));
      const done = template === "/ws" ||
        answered.has(`${template} ${method} true`);
      assert.ok(done, `${method} ${template} was not asked`);
    }
  }

  // Responses while Redis is unreachable, and those for browsers with a cached value.
  const raw = await gateway.fetch("/raw/get/a");
  const etag = { "if-none-match": raw.headers.get("etag")! };
  await raw.body?.cancel();
  const again = await gateway.fetch("/raw/get/a", { headers: etag });
  assert.equal(again.status, 304);
  assert.ok(paths[RAW]!.get!.responses[304]);
  await gateway.server.kill();
  for (const [template, path] of [[COMMAND, "/get/a"], [RAW, "/raw/get/a"]]) {
    const [status] = await gateway.json(path!);
    assert.ok(paths[template!]!.get!.responses[status], `${status} ${path}`);
    assert.ok(status >= 500);
  }
});

Deno.test("/openapi.json is consistent", async () => {
  await using gateway = await LocalGateway.start({ PREFIX: "" });
  const description = await describe(gateway);
  assert.equal(description.openapi, "3.1.0");
  assert.deepEqual(description.servers, [{ url: "/" }]);
  const { schemas } = description.components;
  const whole = JSON.stringify((await gateway.json("/openapi.json"))[1]);
  for (const [kind, components] of Object.entries(description.components)) {
    if (kind === "securitySchemes") continue;
    for (const name of Object.keys(components)) {
      const used = whole.includes(`"#/components/${kind}/${name}"`);
      assert.ok(used, `nothing is like ${kind}/${name}`);
    }
  }
  for (
    const [, name] of JSON.stringify(description).matchAll(/schemas\/(\w+)/g)
  ) {
    assert.ok(schemas![name!], name);
  }
  for (const [path, item] of Object.entries(description.paths)) {
    const wanted = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    for (const [method, operation] of Object.entries(item)) {
      const given = (operation.parameters ?? []).filter((each) =>
        each.in === "path" && each.required
      );
      assert.deepEqual(given.map(({ name }) => name), wanted, path);
      assert.ok(operation.summary);
      // Operations without a token do not document an error for a wrong one.
      const open = operation.security?.length === 0;
      assert.equal(open, !("401" in operation.responses), `${method} ${path}`);
    }
  }
});
