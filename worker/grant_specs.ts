/**
 * The tokens of the settings -> {@linkcode Grant}s.
 *
 * @module
 */

import { sha256 } from "../lib/sha256.ts";
import { isRecord } from "./body.ts";
import { CATEGORIES, nameOf } from "./categories.ts";
import { isGlob } from "./glob.ts";
import type { Commands, Grant } from "./grants.ts";
import { LIMITS, type Limits, Usage } from "./limits.ts";
import { badSetting, missingSetting, type Refusal } from "./refusal.ts";

/** The settings that name tokens. */
export interface TokenSettings {
  /** The URL of Redis: `redis://user:password@host:port/db`, `rediss:` for TLS. */
  REDIS_URL?: string;
  /** The token that has everything. Printable ASCII without blanks. */
  TOKEN?: string;
  /** The token that reads: no command that writes, no KEYS, SCAN or scripts. */
  READ_ONLY_TOKEN?: string;
  /** More tokens, as JSON: a {@linkcode GrantSpec} by name. */
  GRANTS?: string;
}

/** One token of `GRANTS` and its permissions. */
export interface GrantSpec {
  /** The token: printable ASCII without blanks. */
  token?: string;
  /** Instead of the token, its SHA-256 in hexadecimal. */
  tokenSha256?: string;
  /** The URL of its Redis; `REDIS_URL` when left out. */
  redisUrl?: string;
  /** The commands that it has, by name and category: `["@read", "set", "client|id"]`. */
  allow?: string[];
  /** The commands that it has not, whatever `allow` says. */
  deny?: string[];
  /** Patterns of its keys: `["app:*"]`. */
  keys?: string[];
  /** Patterns of its channels. */
  channels?: string[];
  /** Whether it has only commands that write nothing. */
  readOnly?: boolean;
  /** Whether it may read `/metrics`. */
  metrics?: boolean;
  /**
   * Whether its reads are answered from memory, where CACHE is on.
   *
   * @default {true}
   */
  cache?: boolean;
  /** How much it may use; defaults stand for limits that are left out. */
  limits?: Partial<Limits>;
}

/** A token, by its digest, and its grant. */
export interface Credential {
  /** The SHA-256 of the token. */
  readonly digest: readonly number[];
  /** The permissions of its holder. */
  readonly grant: Grant;
}

/** What the hosted service of this convention calls read-only, and subscriptions. */
const READ_ONLY: GrantSpec = {
  readOnly: true,
  allow: [
    "@read",
    "ping",
    "echo",
    "time",
    "command",
    "subscribe",
    "psubscribe",
  ],
  deny: ["keys", "scan"],
};

/** The rule for a value, and its check. */
type Field = readonly [rule: string, holds: (value: unknown) => boolean];

const isText = (value: unknown) => typeof value === "string";
const TEXT: Field = ["be a text", isText];
const TEXTS: Field = [
  "be an array of texts",
  (value) => Array.isArray(value) && value.every(isText),
];
const FLAG: Field = ["be true or false", (value) => typeof value === "boolean"];

const FIELDS: Record<keyof GrantSpec, Field> = {
  token: TEXT,
  tokenSha256: TEXT,
  redisUrl: TEXT,
  allow: TEXTS,
  deny: TEXTS,
  keys: TEXTS,
  channels: TEXTS,
  readOnly: FLAG,
  metrics: FLAG,
  cache: FLAG,
  limits: [
    `have numbers >= 0 for ${Object.keys(LIMITS).join(", ")}`,
    (value) =>
      isRecord(value) &&
      Object.entries(value).every(([limit, most]) =>
        Object.hasOwn(LIMITS, limit) && typeof most === "number" && most >= 0
      ),
  ],
};

/** Reads every token. Throws a {@linkcode Refusal} that shows nothing secret. */
export function readGrants(settings: TokenSettings): Credential[] {
  const { TOKEN, READ_ONLY_TOKEN, GRANTS, REDIS_URL } = settings;
  const specs = new Map(GRANTS ? parseGrants(GRANTS) : []);
  const add = (name: string, spec: GrantSpec) => {
    if (specs.has(name)) {
      throw wrong(name, "its name", `be another: the setting ${name} is set`);
    }
    specs.set(name, spec);
  };
  if (TOKEN) add("TOKEN", { token: TOKEN, metrics: true });
  if (READ_ONLY_TOKEN) {
    add("READ_ONLY_TOKEN", { ...READ_ONLY, token: READ_ONLY_TOKEN });
  }
  if (specs.size === 0) throw missingSetting("TOKEN");
  const digests = new Set<string>();
  return Array.from(specs, ([name, spec]) => {
    const digest = digestOf(name, spec);
    if (digests.has(digest.join())) {
      throw wrong(name, "its token", "be one that no other has");
    }
    digests.add(digest.join());
    return { digest, grant: makeGrant(name, spec, REDIS_URL) };
  });
}

function makeGrant(
  name: string,
  spec: GrantSpec,
  defaultUrl: string | undefined,
): Grant {
  const { redisUrl = defaultUrl, allow, deny = [], keys, channels } = spec;
  if (!redisUrl) throw missingSetting("REDIS_URL");
  const limits = { ...LIMITS, ...spec.limits };
  return {
    name,
    redisUrl,
    limits,
    usage: new Usage(limits),
    metrics: spec.metrics ?? false,
    cache: spec.cache ?? true,
    readOnly: spec.readOnly ?? false,
    allow: allow && readCommands(name, "allow", allow),
    deny: readCommands(name, "deny", deny),
    keys: keys && readGlobs(name, "keys", keys),
    channels: channels && readGlobs(name, "channels", channels),
  };
}

function digestOf(
  name: string,
  { token, tokenSha256 }: GrantSpec,
): readonly number[] {
  if ((token === undefined) === (tokenSha256 === undefined)) {
    throw wrong(name, "it", "have one of token and tokenSha256");
  }
  if (tokenSha256 !== undefined) {
    if (!/^[\da-f]{64}$/i.test(tokenSha256)) {
      throw wrong(name, "tokenSha256", "be 64 hexadecimal digits");
    }
    return Array.from(
      tokenSha256.match(/.{8}/g)!,
      (word) => parseInt(word, 16) | 0,
    );
  }
  // Other bytes of a header are Latin-1 on one platform and UTF-8 on another, and
  // blanks at its ends are lost.
  if (typeof token !== "string" || !/^[!-~]+$/.test(token)) {
    throw wrong(name, "its token", "be printable ASCII without blanks");
  }
  return sha256(token);
}

function readCommands(
  name: string,
  field: string,
  listed: readonly string[],
): Commands {
  const names = new Set<string>();
  const categories: string[] = [];
  for (const entry of listed) {
    const upper = entry.toUpperCase().replace(" ", "|");
    if (isCommandName(upper)) names.add(upper);
    else if (CATEGORIES.includes(entry.toLowerCase())) {
      categories.push(entry.toLowerCase());
    } else {
      const known = CATEGORIES.join(", ");
      throw wrong(
        name,
        field,
        `have names of commands, as get or client|id, and ${known}`,
        entry,
      );
    }
  }
  return { names, categories };
}

/** Whether a command can have this name: an entry such as `flush*` would match none. */
function isCommandName(name: string): boolean {
  if (!/^_?[A-Z][\w.-]*(\|[A-Z][\w-]*)?$/.test(name)) return false;
  return !name.includes("|") || nameOf(name.split("|")) === name;
}

function readGlobs(
  name: string,
  field: string,
  patterns: readonly string[],
): readonly string[] {
  const unknown = patterns.find((pattern) => !isGlob(pattern));
  if (unknown === undefined) return patterns;
  throw wrong(name, field, "know * and ?, and [ behind a \\ only", unknown);
}

// -- JSON --

function parseGrants(json: string): [string, GrantSpec][] {
  let specs: unknown;
  try {
    specs = JSON.parse(json);
  } catch {
    // The parser's message shows a piece of the text.
  }
  if (!isRecord(specs)) throw badSetting("GRANTS", "it must be a JSON object");
  return Object.entries(specs).map(([name, spec]) => {
    assertSpec(name, spec);
    return [name, spec];
  });
}

function assertSpec(name: string, spec: unknown): asserts spec is GrantSpec {
  if (!isRecord(spec)) throw wrong(name, "it", "be an object");
  for (const [field, value] of Object.entries(spec)) {
    if (!Object.hasOwn(FIELDS, field)) {
      const known = Object.keys(FIELDS).join(", ");
      throw wrong(name, "its fields", `be of ${known}`, field);
    }
    const known = FIELDS[field as keyof GrantSpec];
    const [rule, holds] = known;
    // A text may be secret, and so may a value in its place.
    const shown = known === TEXT ? undefined : value;
    if (!holds(value)) throw wrong(name, field, rule, shown);
  }
}

function wrong(
  name: string,
  field: string,
  rule: string,
  value?: unknown,
): Refusal {
  return badSetting(
    `grant ${JSON.stringify(name)}`,
    `${field} must ${rule}`,
    value,
  );
}
