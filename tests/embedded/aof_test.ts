/**
 * The append-only file: a real server's and ours, incomplete ones, and those of
 * killed servers.
 *
 * @module
 */

import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { Core } from "../../lib/embedded/core.ts";
import { type AppendFile, Disk } from "../../lib/embedded/base/disk.ts";
import { Persistence } from "../../lib/embedded/persistence/persistence.ts";
import { makePipe } from "../../lib/embedded/base/pipe.ts";
import {
  EmbeddedServer,
  type StorageOptions,
} from "../../lib/embedded/server.ts";
import { binaryToBytes } from "../../lib/resp/binary.ts";
import { TestServer } from "../support/test_server.ts";
import {
  type Answer,
  Asker,
  contents,
  everyKind,
  sameContents,
} from "./asker.ts";
import { Folder } from "./folder.ts";

const INCREMENT = "appendonlydir/appendonly.aof.1.incr.aof";

/** Runs an embedded server with a directory, does some work on it, and closes it. */
async function embedded<T>(
  { path }: Folder,
  work: (asker: Asker) => Promise<T>,
  options: StorageOptions = {},
): Promise<T> {
  await using server = await EmbeddedServer.create({
    dir: path,
    appendonly: true,
    save: "",
    ...options,
  });
  using asker = await Asker.within(server);
  return await work(asker);
}

/** The same with a real server, which is killed at the end. */
async function real<T>(
  { path }: Folder,
  work: (asker: Asker) => Promise<T>,
  config: Record<string, string> = {},
): Promise<T> {
  await using server = await TestServer.start({
    config: {
      dir: path,
      appendonly: "yes",
      appendfsync: "always",
      "auto-aof-rewrite-percentage": "0",
      ...config,
    },
  });
  using asker = await Asker.to(server);
  return await work(asker);
}

function soon(ms = 5): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function rewritten(asker: Asker): Promise<void> {
  match(String(await asker.ask("BGREWRITEAOF")), /^Background append only/);
  for (let done = false; !done; await soon()) {
    const text = await asker.ask("INFO", "persistence") as string;
    done = text.includes("aof_rewrite_in_progress:0");
  }
}

/** More changes that propagate in another form than the command. */
async function change(asker: Asker): Promise<void> {
  const commands: (string | number)[][] = [
    ["INCRBYFLOAT", "float", "0.1"],
    ["SET", "short", "v", "EX", 100_000],
    ["GETEX", "short", "PX", 200_000_000],
    ["SADD", "spop", 1, 2, 3, 4],
    ["SPOP", "spop", 2],
    ["XADD", "auto", "*", "f", "v"],
    ["XADD", "auto", "MAXLEN", "~", 1000, "*", "f", "v"],
    ["XTRIM", "stream", "MAXLEN", 100],
    ["RPUSH", "moved", 1, 2, 3],
    ["LMOVE", "moved", "moved to", "LEFT", "RIGHT"],
    ["MULTI"],
    ["INCR", "n"],
    ["INCR", "n"],
    ["SELECT", 3],
    ["SET", "elsewhere", "v"],
    ["SELECT", 0],
    ["EXEC"],
    ["ZADD", "zset:small", "INCR", 0.25, "a"],
    ["ZPOPMIN", "zset:small"],
    ["EXPIRE", "zset:small", 100_000],
    ["PERSIST", "expires"],
    ["RENAME", "hash:small", "hash:renamed"],
    ["COPY", "stream", "stream:copy"],
    ["XREADGROUP", "GROUP", "one", "new", "COUNT", 3, "STREAMS", "stream", ">"],
    ["SORT", "set:16", "STORE", "sorted"],
    ["SETRANGE", "bits", 5, "\0\xff"],
    ["MOVE", "long", 5],
  ];
  const answers = await asker.all(commands);
  answers.forEach((answer, i) =>
    ok(!/^ERR|^WRONG/.test(String(answer)), `${commands[i]}: ${answer}`)
  );
}

/**
 * The part of the data that a file preserves: without the times when consumers were
 * seen and, in Redis 7.0, without the count of entries that a group has read.
 */
function told(all: Map<string, unknown>): Map<string, unknown> {
  return new Map(JSON.parse(
    JSON.stringify([...all]).replaceAll(
      /"(seen-time|entries-read|lag)",(\d+|null)/g,
      '"$1",0',
    ),
  ));
}

for (const preamble of ["yes", "no"]) {
  Deno.test(`the embedded server loads a real server's file (aof-use-rdb-preamble ${preamble})`, async () => {
    await using folder = await Folder.make();
    const settings = { "aof-use-rdb-preamble": preamble };
    const before = await real(folder, async (asker) => {
      await asker.all(everyKind());
      await rewritten(asker);
      await change(asker);
      return told(await contents(asker));
    }, settings);
    const ours = await embedded(folder, async (asker) => {
      const loaded = told(await contents(asker));
      sameContents(loaded, before);
      await asker.ask("SET", "more", "from here");
      return told(await contents(asker));
    });
    await real(
      folder,
      async (asker) => sameContents(told(await contents(asker)), ours),
      settings,
    );
  });
}

Deno.test("a real server loads our file, before and after a rewrite", async () => {
  await using folder = await Folder.make();
  let before = await embedded(folder, async (asker) => {
    await asker.all(everyKind());
    await change(asker);
    return told(await contents(asker));
  });
  deepEqual(await folder.list("appendonlydir"), [
    "appendonly.aof.1.base.rdb",
    "appendonly.aof.1.incr.aof",
    "appendonly.aof.manifest",
  ]);
  await real(
    folder,
    async (asker) => sameContents(told(await contents(asker)), before),
  );
  before = await embedded(folder, async (asker) => {
    sameContents(told(await contents(asker)), before);
    const answers = await asker.all([["INCR", "n"], ["BGREWRITEAOF"], [
      "INCR",
      "n",
    ]]);
    equal(answers[1], "Background append only file rewriting started");
    await rewritten(asker).catch(() => {});
    await asker.ask("INCR", "n");
    return told(await contents(asker));
  });
  const files = await folder.list("appendonlydir");
  equal(files.length, 3, files.join());
  await real(
    folder,
    async (asker) => sameContents(told(await contents(asker)), before),
  );
  await embedded(
    folder,
    async (asker) => sameContents(told(await contents(asker)), before),
  );
});

Deno.test("a single file of Redis before 7 is converted", async () => {
  await using folder = await Folder.make();
  await folder.write(
    "appendonly.aof",
    "*2\r\n$6\r\nSELECT\r\n$1\r\n2\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n",
  );
  for (let i = 0; i < 2; i++) {
    await embedded(folder, async (asker) => {
      deepEqual([...(await contents(asker)).keys()], ["2 k"]);
    });
  }
  deepEqual(await folder.list(), ["appendonlydir"]);
  await real(folder, async (asker) => {
    deepEqual([...(await contents(asker)).keys()], ["2 k"]);
  });
});

for (
  const [name, last] of [
    ["a command", [["SET", "last", "\r\n$1\r\n\0\xff"]]],
    ["an EXEC", [["MULTI"], ["SET", "last", "a"], ["INCR", "n"], ["EXEC"]]],
  ] as const
) {
  Deno.test(`an incomplete command at the end is cut off, anywhere in ${name}`, async () => {
    await using folder = await Folder.make();
    const sizes = await embedded(folder, async (asker) => {
      await asker.all([["SET", "first", 1], ["INCR", "n"]]);
      const { length } = await folder.read(INCREMENT);
      await asker.all(last.map((args) => [...args]));
      return { before: length };
    });
    const whole = await folder.read(INCREMENT);
    ok(whole.length > sizes.before);
    for (let size = sizes.before; size < whole.length; size++) {
      await folder.write(INCREMENT, whole.subarray(0, size));
      if (size > sizes.before) {
        await rejects(
          embedded(folder, (asker) => asker.ask("PING"), {
            config: { "aof-load-truncated": "no" },
          }),
          /ends in the middle of a command, and aof-load-truncated is no/,
        );
      }
      await embedded(folder, async (asker) => {
        deepEqual(await asker.all([["GET", "n"], ["KEYS", "*"]]), [
          "1",
          ["first", "n"],
        ]);
        equal((await folder.read(INCREMENT)).length, sizes.before);
        await asker.ask("INCR", "n");
      });
      equal(await embedded(folder, (asker) => asker.ask("GET", "n")), "2");
    }
  });
}

Deno.test("a file that is corrupt in the middle is refused", async () => {
  await using folder = await Folder.make();
  await embedded(
    folder,
    (asker) => asker.all([["SET", "a", 1], ["SET", "b", 2], ["SET", "c", 3]]),
  );
  const whole = await folder.read(INCREMENT);
  const refuses = async (bytes: Uint8Array, message: RegExp) => {
    await folder.write(INCREMENT, bytes);
    await rejects(embedded(folder, (asker) => asker.ask("PING")), message);
    deepEqual(await folder.read(INCREMENT), bytes);
  };
  const at = whole.length - 54;
  equal(whole[at], 0x2a);
  const changed = whole.slice();
  changed[at] = 0x58;
  await refuses(changed, new RegExp(`it is corrupt at byte ${at}`));
  const text = "*1\r\n$4\r\nNOPE\r\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n";
  await refuses(binaryToBytes(text), /NOPE near byte 0: it is not known here/);
  await refuses(
    binaryToBytes("*2\r\n$6\r\nSELECT\r\n$2\r\n99\r\n"),
    /SELECT near byte 0: ERR DB index is out of range/,
  );
  await folder.write(
    "appendonlydir/appendonly.aof.manifest",
    "file a type b\n",
  );
  await rejects(
    embedded(folder, (asker) => asker.ask("PING")),
    /manifest of the append-only file is corrupt in line 1/,
  );
});

Deno.test("without a manifest, an increment file is never overwritten", async () => {
  await using folder = await Folder.make();
  await embedded(folder, (asker) => asker.ask("SET", "a", 1));
  const increment = await folder.read(INCREMENT);
  await Deno.remove(`${folder.path}/appendonlydir/appendonly.aof.manifest`);
  await embedded(folder, (asker) => asker.ask("SET", "b", 2));
  deepEqual(await folder.read(INCREMENT), increment);
  await embedded(folder, async (asker) => {
    equal(await asker.ask("GET", "b"), "2");
  });
});

/** A command as the file has it. */
function command(...args: (string | number)[]): string {
  return `*${args.length}\r\n${
    args.map((arg) => `$${String(arg).length}\r\n${arg}\r\n`).join("")
  }`;
}

Deno.test("a message that its writer had forgotten is loaded twice, whatever the clock says", async () => {
  await using folder = await Folder.make();
  const late = Date.now() + 100_000;
  const add = (id: string) =>
    command("XADD", "s", "IDMP", "p", "m", id, "f", "v");
  await folder.write(
    "appendonly.aof",
    add(`${late}-1`) + add(`${late + 200_000}-1`) + add("*"),
  );
  await embedded(folder, async (asker) => {
    equal(await asker.ask("XLEN", "s"), 2);
  });
});

Deno.test("XIDMPRECORD of a file replaces a message that its writer had forgotten", async () => {
  await using folder = await Folder.make();
  const late = Date.now() + 100_000;
  await folder.write(
    "appendonly.aof",
    command("XADD", "s", "IDMP", "p", "m", `${late}-1`, "f", "v") +
      command("XADD", "s", `${late + 200_000}-1`, "f", "v") +
      command("XIDMPRECORD", "s", "p", "m", `${late + 200_000}-1`),
  );
  await embedded(folder, async (asker) => {
    equal(
      await asker.ask("XADD", "s", "IDMP", "p", "m", "*", "f", "v"),
      `${late + 200_000}-1`,
    );
  });
});

Deno.test("nothing expires while a file is loaded", async () => {
  await using folder = await Folder.make();
  const past = Date.now() - 100_000;
  await folder.write(
    "appendonly.aof",
    command("SET", "k", "1", "PXAT", past) +
      command("INCR", "k") +
      command("PERSIST", "k") +
      command("HSET", "h", "a", 1, "b", 1) +
      command("HPEXPIREAT", "h", past, "FIELDS", 1, "a") +
      command("HINCRBY", "h", "a", 1) +
      command("HPERSIST", "h", "FIELDS", 1, "a") +
      command("SET", "over", 1, "PXAT", past),
  );
  await embedded(folder, async (asker) => {
    deepEqual(
      await asker.all([["GET", "k"], ["HGET", "h", "a"], ["GET", "over"]]),
      ["2", "2", null],
    );
    equal(await asker.ask("OBJECT", "IDLETIME", "k"), 0);
  });
});

Deno.test("CONFIG SET appendonly starts and stops the file while the server runs", async () => {
  await using folder = await Folder.make();
  await embedded(folder, async (asker) => {
    await asker.all([
      ["SET", "a", 1],
      ["CONFIG", "SET", "appendonly", "yes"],
      ["SET", "b", 2],
    ]);
    await asker.ask("SET", "c", 3);
  }, { appendonly: false });
  await embedded(folder, async (asker) => {
    deepEqual(await asker.ask("KEYS", "*"), ["a", "b", "c"]);
    for (const value of ["no", "yes", "no"]) {
      await asker.ask("CONFIG", "SET", "appendonly", value);
    }
    await asker.ask("SET", "d", 4);
    await soon();
    match(await asker.ask("INFO") as string, /aof_enabled:0/);
  });
  await embedded(folder, async (asker) => {
    deepEqual(await asker.ask("KEYS", "*"), ["a", "b", "c"]);
    const answers = await asker.all([
      ["CONFIG", "SET", "appendonly", "no"],
      ["FLUSHALL"],
      ["SET", "n", 1],
    ]);
    equal(answers.join(), "OK,OK,OK");
    await soon();
    await asker.all([
      ["MULTI"],
      ["INCR", "n"],
      ["CONFIG", "SET", "appendonly", "yes"],
      ["INCR", "n"],
      ["EXEC"],
      ["INCR", "n"],
    ]);
    await asker.ask("INCR", "n");
    equal((await folder.list("appendonlydir")).length, 3);
  });
  await embedded(folder, async (asker) => {
    deepEqual(await asker.ask("MGET", "a", "n"), [null, "5"]);
  });
});

Deno.test("a rewrite within EXEC saves each change once", async () => {
  await using folder = await Folder.make();
  await embedded(folder, async (asker) => {
    await asker.all([
      ["MULTI"],
      ["INCR", "n"],
      ["BGREWRITEAOF"],
      ["INCR", "n"],
      ["EXEC"],
      ["INCR", "n"],
    ]);
  });
  equal(await embedded(folder, (asker) => asker.ask("GET", "n")), "3");
});

Deno.test("a file that has grown is rewritten automatically", async () => {
  await using folder = await Folder.make();
  await embedded(folder, async (asker) => {
    const set = ["SET", "k", "x".repeat(100)];
    await asker.all(Array.from({ length: 200 }, () => set));
    const isRewritten = async () =>
      !(await folder.list("appendonlydir")).join().includes(".1.") &&
      /aof_rewrite_in_progress:0/.test(
        String(await asker.ask("INFO", "persistence")),
      );
    while (!await isRewritten()) await soon(50);
    await asker.ask("APPEND", "k", "y");
  }, { config: { "auto-aof-rewrite-min-size": "1000" } });
  const [base, increment] = await folder.list("appendonlydir");
  deepEqual([base, increment], [
    "appendonly.aof.2.base.rdb",
    "appendonly.aof.2.incr.aof",
  ]);
  equal(
    await embedded(folder, (asker) => asker.ask("STRLEN", "k")),
    101,
  );
});

/** A disk that becomes full. */
class FullDisk extends Disk {
  full = false;

  override append(name: string): AppendFile {
    const file = super.append(name);
    const { write } = file;
    file.write = (bytes) => {
      if (this.full) throw new Error("No space left on device (os error 28)");
      write.call(file, bytes);
    };
    return file;
  }
}

Deno.test("CONFIG SET appendonly no on a full disk allows writes again", async () => {
  await using folder = await Folder.make();
  const core = new Core({ config: { appendonly: "yes" } });
  const disk = new FullDisk(folder.path);
  const persistence = core.persistence = new Persistence(core, disk);
  await persistence.start();
  const [ours, theirs] = makePipe();
  const served = core.sessions.serve(ours);
  using asker = new Asker(theirs);
  await asker.ask("INCR", "n");
  disk.full = true;
  equal(await asker.ask("INCR", "n"), 2);
  match(String(await asker.ask("INCR", "n")), /^MISCONF/);
  equal(await asker.ask("CONFIG", "SET", "appendonly", "no"), "OK");
  equal(await asker.ask("INCR", "n"), 3);
  const persistenceInfo = () => asker.ask("INFO", "persistence");
  while (!String(await persistenceInfo()).includes("aof_enabled:0")) {
    await soon();
  }
  match(String(await persistenceInfo()), /aof_last_write_status:err/);
  disk.full = false;
  await asker.ask("CONFIG", "SET", "appendonly", "yes");
  while (!String(await persistenceInfo()).includes("aof_enabled:1")) {
    await soon();
  }
  match(String(await persistenceInfo()), /aof_last_write_status:ok/);
  core.close();
  await served;
  await persistence.end();
  // The increment that the full disk refused is in the new file once, not twice.
  equal(await embedded(folder, (asker) => asker.ask("GET", "n")), "3");
});

for (const appendfsync of ["always", "everysec"] as const) {
  Deno.test(`a full disk stops writes (appendfsync ${appendfsync})`, async () => {
    await using folder = await Folder.make();
    const core = new Core({ config: { appendonly: "yes", appendfsync } });
    const disk = new FullDisk(folder.path);
    const persistence = core.persistence = new Persistence(core, disk);
    await persistence.start();
    const served: Promise<void>[] = [];
    const connect = () => {
      const [ours, theirs] = makePipe();
      served.push(core.sessions.serve(ours));
      return new Asker(theirs);
    };
    using first = connect();
    using second = connect();
    await first.ask("SET", "k", 1);
    disk.full = true;
    if (appendfsync === "always") {
      await rejects(first.ask("SET", "k", 2), /connection ended/);
    } else equal(await first.ask("SET", "k", 2), "OK");
    equal(
      await second.ask("SET", "k", 3),
      "MISCONF Errors writing to the AOF file: No space left on device",
    );
    equal(
      await second.ask("BGREWRITEAOF"),
      "ERR Cannot rewrite the append-only file, as it cannot be written: No space left on device",
    );
    match(String(await second.ask("PING")), /^MISCONF/);
    equal(await second.ask("GET", "k"), "2");
    disk.full = false;
    while (await second.ask("PING") !== "PONG") await soon(50);
    equal(await second.ask("INCR", "k"), 3);
    core.close();
    await Promise.all(served);
    await persistence.end();
    equal(await embedded(folder, (asker) => asker.ask("GET", "k")), "3");
  });
}

/**
 * Writes until the server is killed. Adds what was acknowledged, and calls
 * `noted` each time.
 */
async function load(
  address: { hostname: string; port: number },
  name: string,
  acknowledged: Map<string, string>,
  noted: () => void,
): Promise<void> {
  try {
    using asker = await Asker.to(address);
    for (let i = 0;; i++) {
      const commands: (string | number)[][] = [["INCR", `${name}:count`]];
      for (let n = 0; n < i % 5; n++) {
        commands.push(["SET", `${name}:${i}:${n}`, `${i}`]);
      }
      const answers: Answer[] = await asker.all(commands);
      acknowledged.set(`${name}:count`, String(answers[0]));
      for (const [, key, value] of commands.slice(1)) {
        acknowledged.set(String(key), String(value));
      }
      noted();
    }
  } catch {
    // It was killed, perhaps before the client was connected.
  }
}

Deno.test("no acknowledged write is lost when the server is killed", async () => {
  await using folder = await Folder.make();
  await using server = await OurProgram.make(folder);
  const acknowledged = new Map<string, string>();
  for (let round = 0; round < 10; round++) {
    await server.start();
    let left = 5 + round * 10;
    const enough = Promise.withResolvers<void>();
    const clients = Promise.all(Array.from(
      { length: 4 },
      (_, n) =>
        load(server, `${round}:${n}`, acknowledged, () => {
          if (--left === 0) enough.resolve();
        }),
    ));
    await Promise.race([enough.promise, clients]);
    ok(left <= 0, "the server ended by itself");
    await server.kill();
    await clients;
  }
  const check = async (asker: Asker) => {
    const keys = [...acknowledged.keys()];
    const values = await asker.ask("MGET", ...keys) as string[];
    keys.forEach((key, i) => {
      if (!key.endsWith(":count")) equal(values[i], acknowledged.get(key), key);
      // A write without acknowledgement may have been saved nevertheless.
      else ok(Number(values[i]) >= Number(acknowledged.get(key)), key);
    });
    const all = await contents(asker);
    return JSON.stringify([...all]);
  };
  const ours = await embedded(folder, check);
  equal(await real(folder, check), ours);
});

/** The embedded server as a program. */
class OurProgram implements AsyncDisposable {
  readonly hostname = "127.0.0.1";
  port = 0;
  readonly #folder: Folder;
  #child: Deno.ChildProcess | null = null;

  private constructor(folder: Folder) {
    this.#folder = folder;
  }

  // deno-lint-ignore require-await -- the signature of the other programs
  static async make(folder: Folder): Promise<OurProgram> {
    return new OurProgram(folder);
  }

  /** Starts the program and waits until it serves clients. */
  async start(): Promise<void> {
    const { path } = this.#folder;
    const options = "--port 0 --appendonly yes --appendfsync always --save";
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--quiet", "--no-check", "--no-prompt", "--allow-net"],
        ...[`--allow-read=${path}`, `--allow-write=${path}`],
        ...["lib/embedded/main.ts", ...options.split(" "), ""],
        ...["--dir", path],
      ],
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    let said = "";
    for await (
      const text of this.#child.stdout.pipeThrough(new TextDecoderStream())
    ) {
      said += text;
      const port = /Ready .*:(\d+)\n/.exec(said)?.[1];
      if (port === undefined) continue;
      this.port = Number(port);
      return;
    }
    throw new Error(`The server does not start: ${said}`);
  }

  /** Kills the process. */
  async kill(): Promise<void> {
    this.#child?.kill("SIGKILL");
    await this.#child?.status;
    this.#child = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
