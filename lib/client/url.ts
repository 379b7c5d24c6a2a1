/**
 * Redis URLs -> {@linkcode ClientOptions}.
 *
 * @module
 */

import { misuse } from "../errors.ts";
import { type ClientOptions, NUMBERS } from "./options.ts";

const SCHEMES = "redis, rediss, valkey, valkeys or unix";

/**
 * Reads a Redis URL. Throws a `TypeError` that shows nothing of it that may be
 * secret.
 */
export function fromUrl(input: string | URL): ClientOptions {
  const url = parse(withHost(input));
  const options: ClientOptions = {};
  const [, tls] = /^(?:redis|valkey)(s?):$/.exec(url.protocol) ?? [];
  if (url.protocol === "unix:") {
    // With only two slashes the start of the path would be read as a host, and
    // be lost.
    if (!["", "localhost"].includes(url.host) || url.pathname === "") {
      throw refused("its path must look like unix:///run/redis.sock");
    }
    options.path = decode(url.pathname, "path");
  } else if (tls !== undefined) {
    // An empty host is the default one: redis:///3
    if (url.hostname !== "") {
      options.hostname = url.hostname.replace(/^\[(.*)\]$/, "$1");
    }
    if (url.port !== "") options.port = Number(url.port);
    if (tls) options.tls = true;
    const db = url.pathname.slice(1);
    if (db !== "") options.db = number("db", decode(db, "path"));
  } else {
    throw refused(
      `its scheme must be ${SCHEMES}: current value is ${
        url.protocol.slice(0, -1)
      }`,
    );
  }
  if (url.username !== "") options.username = decode(url.username, "username");
  if (url.password !== "" || url.username !== "") {
    // A user without a password (`nopass`): the server takes any password.
    options.password = decode(url.password, "password");
  }
  for (const [name, value] of url.searchParams) {
    // The port of a URL has its own place, not the query.
    if (Object.hasOwn(NUMBERS, name) && name !== "port") {
      Object.assign(options, { [name]: number(name, value) });
    } else if (name === "info") options.info = boolean(name, value);
    else if (name === "name") options.name = value;
    else throw misuse("read URL", "its option is unknown", name);
  }
  return options;
}

/** A user of a Unix socket needs a host behind it, or it is no URL. */
function withHost(input: string | URL): string | URL {
  return typeof input === "string"
    ? input.replace(/^(unix:\/\/[^/?#]*@)(?=\/)/i, "$1localhost")
    : input;
}

function parse(input: string | URL): URL {
  try {
    return new URL(input);
  } catch {
    // The cause is left out: it shows the whole URL.
    throw refused("it must look like redis://user:password@host:port/db");
  }
}

function decode(text: string, part: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refused(`its ${part} is not percent-encoded UTF-8`);
  }
}

function number(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && !Number.isNaN(value)) return value;
  throw misuse("read URL", `"${name}" must be a number`, text);
}

function boolean(name: string, text: string): boolean {
  const yes = /^(true|1|yes)$/i.test(text);
  if (yes || /^(false|0|no)$/i.test(text)) return yes;
  throw misuse("read URL", `"${name}" must be true or false`, text);
}

function refused(rule: string): TypeError {
  return new TypeError(`Cannot read URL as ${rule}`);
}
