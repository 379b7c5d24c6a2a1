import assert from "node:assert/strict";
import {
  type ClientOptions,
  resolveOptions,
} from "../../lib/client/options.ts";
import { fromUrl } from "../../lib/client/url.ts";
import type { Address } from "../../lib/net/transport.ts";
import { connect } from "../../mod.ts";
import { TestServer } from "../support/test_server.ts";

const dial = () => Promise.reject(new Error("never dialled"));
const permissions = "none";

/** An error message may show nothing of a URL that matches. */
const SECRETS = /s3cret|ada|hunter/;

/** The error that a call throws. */
function thrownBy(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error("Nothing was thrown");
}

const URLS: Record<string, ClientOptions> = {
  "redis://localhost": { hostname: "localhost" },
  "redis://localhost/": { hostname: "localhost" },
  "redis://localhost:6380": { hostname: "localhost", port: 6380 },
  "redis://10.0.0.1:1/7": { hostname: "10.0.0.1", port: 1, db: 7 },
  "redis://": {},
  "redis:///3": { db: 3 },
  "redis://[::1]": { hostname: "::1" },
  "redis://[2001:db8::2]:7000/1": {
    hostname: "2001:db8::2",
    port: 7000,
    db: 1,
  },
  "valkey://v.example": { hostname: "v.example" },
  "valkeys://v.example:2": { hostname: "v.example", port: 2, tls: true },
  "rediss://r.example": { hostname: "r.example", tls: true },
  "rediss://user:p%40ss%3A@[::1]:6390/3?protocol=2": {
    hostname: "::1",
    port: 6390,
    tls: true,
    username: "user",
    password: "p@ss:",
    db: 3,
    protocol: 2,
  },
  "redis://:s3cret@h": { hostname: "h", password: "s3cret" },
  "redis://:%E2%82%AC%2F%25%20@h": { hostname: "h", password: "€/% " },
  "redis://a%3Ab:c:d@h": { hostname: "h", username: "a:b", password: "c:d" },
  "redis://ada@h": { hostname: "h", username: "ada", password: "" },
  "redis://ada:@h": { hostname: "h", username: "ada", password: "" },
  "unix:///run/redis.sock": { path: "/run/redis.sock" },
  "unix://localhost/run/redis.sock": { path: "/run/redis.sock" },
  "unix://ada:p%40ss@localhost/run/redis.sock?db=1": {
    path: "/run/redis.sock",
    username: "ada",
    password: "p@ss",
    db: 1,
  },
  "unix:/run/with%20blank.sock?db=2": { path: "/run/with blank.sock", db: 2 },
  "redis://h/1?db=2": { hostname: "h", db: 2 },
  "redis://h?commandTimeout=200&connectTimeout=0&info=no&name=me": {
    hostname: "h",
    commandTimeout: 200,
    connectTimeout: 0,
    info: false,
    name: "me",
  },
  "redis://h?info=TRUE": { hostname: "h", info: true },
  "redis://h?connectAttempts=Infinity": {
    hostname: "h",
    connectAttempts: Infinity,
  },
};

for (const [url, expected] of Object.entries(URLS)) {
  Deno.test(`behaviour 22: fromUrl() reads ${url}`, { permissions }, () => {
    assert.deepEqual(fromUrl(url), expected);
    assert.deepEqual(fromUrl(new URL(url)), expected);
  });
}

Deno.test(
  "fromUrl() reads a password for a Unix socket, without a host",
  {
    permissions,
  },
  () => {
    const path = "/run/redis.sock";
    const password = "s3cret";
    assert.deepEqual(fromUrl(`unix://:s3cret@${path}`), { path, password });
    assert.deepEqual(fromUrl(`unix://ada:s3cret@${path}?db=2`), {
      path,
      username: "ada",
      password,
      db: 2,
    });
  },
);

const BAD_URLS: Record<string, RegExp> = {
  "http://ada:s3cret@h": /scheme must be redis, .*: current value is http$/,
  "redis.example:6379": /scheme must be .*: current value is redis\.example$/,
  "127.0.0.1:6379": /must look like redis:\/\/user:password@host:port\/db$/,
  "redis://ada:s3cret@h:port": /must look like/,
  "redis://ada:s3/cret@h": /must look like/,
  "redis://ada:s3cret@": /must look like/,
  "": /must look like/,
  "redis://h/one": /"db" must be a number: current value is "one"$/,
  "redis://h/0/1": /"db" must be a number/,
  "redis://ada:s3cret@h?db=x": /"db" must be a number: current value is "x"$/,
  "redis://h?db=": /"db" must be a number/,
  "redis://h?info=perhaps": /"info" must be true or false/,
  "redis://ada:s3cret@h?timeout=1": /option is unknown: .* "timeout"$/,
  "redis://h?password=hunter2": /option is unknown: .* "password"$/,
  "redis://h?__proto__=1": /option is unknown/,
  "redis://ada:%s3cret@h": /its password is not percent-encoded/,
  "redis://%E0%A4%A:s3cret@h": /its username is not percent-encoded/,
  "unix://run/redis.sock": /unix:\/\/\/run\/redis\.sock/,
  "unix:": /path/,
  "unix://ada:s3cret@": /must look like|path must look like/,
  "unix://ada:s3cret@elsewhere/run/redis.sock": /path must look like/,
  "unix://ada:s3/cret@/run/redis.sock": /must look like/,
};

for (const [url, message] of Object.entries(BAD_URLS)) {
  Deno.test(`behaviour 22: fromUrl() rejects ${url} without showing a secret`, {
    permissions,
  }, () => {
    const error = thrownBy(() => fromUrl(url));
    assert(error instanceof TypeError);
    assert.match(error.message, message);
    assert.doesNotMatch(Deno.inspect(error), SECRETS);
  });
}

Deno.test(
  "resolveOptions() fills in the defaults",
  { permissions },
  () => {
    const { backoff, ...rest } = resolveOptions({ dial });
    assert.equal(typeof backoff, "function");
    assert.deepEqual(rest, {
      dial,
      address: { hostname: "127.0.0.1", port: 6379 },
      protocol: 3,
      credentials: undefined,
      name: undefined,
      db: 0,
      info: true,
      callSites: false,
      connectTimeout: 5_000,
      commandTimeout: 5_000,
      limits: { stall: 5_000, idle: 30_000, ping: 5_000 },
      retries: 3,
      retryRefused: true,
      connectAttempts: Infinity,
      queueBytes: 268_435_456,
      queueSize: 200_000,
      connections: 1,
      poolSize: 50,
      poolTimeout: 5_000,
      poolIdleTimeout: 60_000,
      poolMaxLifetime: Infinity,
      onEvent: undefined,
      slowTime: Infinity,
      whenFull: "reject",
    });
  },
);

Deno.test(
  "resolveOptions() treats 0 milliseconds as no limit",
  { permissions },
  () => {
    const options = resolveOptions({
      dial,
      connectTimeout: 0,
      commandTimeout: 0,
      pingInterval: 0,
      poolTimeout: 0,
      poolIdleTimeout: 0,
      poolMaxLifetime: 0,
    });
    assert.equal(options.connectTimeout, Infinity);
    assert.equal(options.commandTimeout, Infinity);
    assert.equal(options.poolTimeout, Infinity);
    assert.equal(options.poolIdleTimeout, Infinity);
    assert.equal(options.poolMaxLifetime, Infinity);
    // The timeout of a keepalive PING has no such setting.
    assert.deepEqual(options.limits, {
      stall: Infinity,
      idle: Infinity,
      ping: 5_000,
    });
  },
);

Deno.test("resolveOptions() resolves the address", { permissions }, () => {
  const addresses: [ClientOptions, Address][] = [
    [{ hostname: "h", port: 1 }, { hostname: "h", port: 1 }],
    [{ tls: false }, { hostname: "127.0.0.1", port: 6379 }],
    [{ tls: true }, { hostname: "127.0.0.1", port: 6379, tls: {} }],
    [
      { tls: { caCerts: ["ca"] } },
      { hostname: "127.0.0.1", port: 6379, tls: { caCerts: ["ca"] } },
    ],
    [{ path: "/run/redis.sock" }, { path: "/run/redis.sock" }],
  ];
  for (const [options, address] of addresses) {
    assert.deepEqual(resolveOptions({ dial, ...options }).address, address);
  }
});

const BAD_OPTIONS: [Record<string, unknown>, RegExp][] = [
  [{ dial: undefined }, /^TypeError: .*"dial"/],
  [{ protocol: 4 }, /^RangeError: .*"protocol" must be 2 or 3: .* is 4$/],
  [{ name: "two words" }, /^TypeError: .*"name" must be printable ASCII/],
  [{ name: "" }, /^TypeError: .*"name"/],
  [
    { username: "ada" },
    /^TypeError: .*"username" goes with "password", which may be empty/,
  ],
  [
    { credentials: () => ({ password: "s3cret" }) },
    /^TypeError: .*"credentials" stands instead of "username" and "password"/,
  ],
  [{ slowTime: -1 }, /^RangeError: .*"slowTime"/],
  [{ db: -1 }, /^RangeError: .*"db" must be an integer >= 0: .* is -1$/],
  [{ db: 1.5 }, /^RangeError: .*"db"/],
  [{ db: NaN }, /^RangeError: .*"db"/],
  [{ db: Infinity }, /^RangeError: .*"db"/],
  [{ port: 0 }, /^RangeError: .*"port" must be an integer >= 1/],
  [{ port: 65536 }, /^RangeError: .*"port" must be at most 65535/],
  [{ port: "6379" }, /^RangeError: .*"port" must be an integer/],
  [{ path: "/a", port: 1 }, /^TypeError: .*"path" stands alone/],
  [{ path: "/a", tls: true }, /^TypeError: .*"path" stands alone/],
  [{ connectTimeout: -1 }, /^RangeError: .*"connectTimeout" must be millis/],
  [{ commandTimeout: NaN }, /^RangeError: .*"commandTimeout"/],
  [{ commandTimeout: "200" }, /^RangeError: .*"commandTimeout"/],
  [{ retries: -1 }, /^RangeError: .*"retries"/],
  [{ connectAttempts: 0 }, /^RangeError: .*"connectAttempts"/],
  [{ queueSize: 0.5 }, /^RangeError: .*"queueSize"/],
  [{ connections: 0 }, /^RangeError: .*"connections"/],
  [{ poolSize: 0 }, /^RangeError: .*"poolSize"/],
  [{ poolMaxLifetime: -1 }, /^RangeError: .*"poolMaxLifetime" must be millis/],
];

for (const [options, message] of BAD_OPTIONS) {
  Deno.test(`resolveOptions() rejects ${Deno.inspect(options)}`, {
    permissions,
  }, () => {
    const all = { dial, password: "s3cret", ...options } as ClientOptions;
    if ("username" in options) delete all.password;
    const error = thrownBy(() => resolveOptions(all));
    assert.match(String(error), message);
    assert.doesNotMatch(Deno.inspect(error), SECRETS);
  });
}

Deno.test("wrong options are rejected, and a backoff that throws is replaced by the default", async () => {
  const refused: [object, RegExp][] = [
    [
      { host: "h" },
      /option is unknown: use "hostname": current value is "host"/,
    ],
    [{ backoff: 5 }, /"backoff" must be a function/],
    [{ onEvent: "log" }, /"onEvent" must be a function/],
  ];
  for (const [options, message] of refused) {
    await assert.rejects(connect(options), message);
  }
  await using server = await TestServer.start();
  await using redis = await connect(server.url, {
    backoff: () => {
      throw new Error("boom");
    },
  });
  await server.restart();
  assert.equal(await redis.ping(), "PONG");
  assert.throws(() => redis.with({ timeout: NaN }), RangeError);
  assert.throws(() => redis.with({ timeout: -1 }), RangeError);
});
