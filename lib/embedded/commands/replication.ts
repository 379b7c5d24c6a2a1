/**
 * Commands for replication.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import { err, notAnInteger, syntaxError } from "../base/errors.ts";
import {
  addressOf,
  type FailoverOptions,
  type FailoverTarget,
  same,
} from "../replication/failover.ts";
import { parseInteger, toInteger, toRange } from "../base/numbers.ts";
import { hostOf, NO_FILE } from "../replication/replicas.ts";
import { Replica } from "../session/replica.ts";

/** The commands of this family. */
export const REPLICATION: readonly CommandSpec[] = [
  {
    name: "FAILOVER",
    run: failover,
  },
  {
    name: "PSYNC",
    run: psync,
  },
  {
    name: "REPLCONF",
    run: replconf,
  },
  {
    name: "REPLICAOF",
    run: replicaOf,
  },
  {
    name: "ROLE",
    run: role,
  },
  {
    name: "SLAVEOF",
    run: replicaOf,
  },
  {
    name: "SYNC",
    run: sync,
  },
  {
    name: "WAIT",
    run: wait,
  },
  {
    name: "WAITAOF",
    run: waitAof,
  },
];

function psync(session: Session, [, id, from, word]: string[]): void {
  const { replication } = session.core;
  const { replicas } = replication;
  // One that is a replica already gets no reply.
  if (session.replica?.joined) return;
  if (word?.toUpperCase() === "FAILOVER") {
    // FAILOVER: the master asks this replica to take its role.
    if (replication.link === null) {
      throw err("PSYNC FAILOVER can't be sent to a master.");
    }
    if (id !== replication.id) {
      throw err("PSYNC FAILOVER replid must match my replid.");
    }
    replication.promote();
  }
  replicas.check(session);
  replicas.begin(session, id!, toInteger(from!));
}

function sync(session: Session): void {
  const { replicas } = session.core.replication;
  if (session.replica?.joined) return;
  replicas.check(session);
  replicas.beginOld(session);
}

function replconf(session: Session, args: string[]): void {
  if (args.length % 2 === 0) throw syntaxError();
  const replica = session.replica ??= new Replica();
  const { replicas } = session.core.replication;
  for (let i = 1; i < args.length; i += 2) {
    const value = args[i + 1]!;
    switch (args[i]!.toLowerCase()) {
      case "ack":
        // Not answered, as it comes unasked.
        if (replica.online) {
          const isSynced = args[i + 2]?.toLowerCase() === "fack";
          replicas.acknowledge(
            replica,
            toInteger(value),
            isSynced ? toInteger(args[i + 3]!) : 0,
          );
        }
        return;
      case "capa":
        if (value.toLowerCase() === "psync2") replica.renames = true;
        break;
      case "getack":
        // Only a master sends this, within its stream.
        return;
      case "ip-address":
        replica.address = value;
        break;
      case "listening-port":
        replica.port = toInteger(value);
        break;
      case "rdb-only":
        replica.acknowledges = toInteger(value) === 0;
        break;
      case "rdb-filter-only":
        if (value !== "") throw err("RDB filters are not supported here");
        break;
      default:
        throw err(`Unrecognized REPLCONF option: ${args[i]}`);
    }
  }
  session.reply.ok();
}

function replicaOf(session: Session, [, host, port]: string[]): void {
  const { core, reply } = session;
  const { replication } = core;
  if (host!.toLowerCase() === "no" && port!.toLowerCase() === "one") {
    replication.promote();
    return reply.ok();
  }
  if (session.replica?.online) {
    throw err("Command is not valid when client is a replica.");
  }
  const number = parseInteger(port!);
  if (number === null || number < 0 || number > 65535) {
    throw err("Invalid master port");
  }
  if (replication.dial === null) {
    throw err("This server cannot be a replica: it has no network");
  }
  const { link } = replication;
  if (link !== null && link.host === host && link.port === Number(number)) {
    return reply.simple("OK Already connected to specified master");
  }
  replication.follow(host!, Number(number));
  reply.ok();
}

function failover({ core, reply }: Session, args: string[]): void {
  const { failover, replicas } = core.replication;
  const under = failover.state !== "no-failover";
  if (args.length === 2 && args[1]!.toUpperCase() === "ABORT") {
    if (!under) throw err("No failover in progress.");
    failover.abort();
    return reply.ok();
  }
  const options = readFailover(args);
  if (under) throw err("FAILOVER already in progress.");
  if (core.role === "slave") {
    throw err("FAILOVER is not valid when server is a replica.");
  }
  if (replicas.size === 0) throw err("FAILOVER requires connected replicas.");
  const { target, timeout, force } = options;
  if (force && (timeout === 0 || target === null)) {
    throw err(
      "FAILOVER with force option requires both a timeout and target HOST and IP.",
    );
  }
  if (target !== null) {
    const known = [...replicas.all()].some(([session, replica]) =>
      same(addressOf(session, replica), target)
    );
    if (!known) throw err("FAILOVER target HOST and PORT is not a replica.");
  }
  failover.begin(options);
  reply.ok();
}

function readFailover(args: readonly string[]): FailoverOptions {
  let target: FailoverTarget | null = null;
  let timeout = 0;
  let force = false;
  for (let i = 1; i < args.length; i++) {
    const word = args[i]!.toUpperCase();
    const left = args.length - 1 - i;
    if (word === "TIMEOUT" && left > 0 && timeout === 0) {
      timeout = toInteger(args[++i]!);
      if (timeout <= 0) {
        throw err("FAILOVER timeout must be greater than 0");
      }
    } else if (word === "TO" && left > 1 && target === null) {
      target = { host: args[i + 1]!, port: toInteger(args[i + 2]!) };
      i += 2;
    } else if (word === "FORCE" && !force) force = true;
    else throw syntaxError();
  }
  return { target, timeout, force };
}

function role({ core, reply }: Session): void {
  const { link, offset } = core.replication;
  if (link !== null) {
    reply.array(5);
    reply.bulk("slave");
    reply.bulk(link.host);
    reply.integer(link.port);
    reply.bulk(link.state);
    reply.integer(link.state === "connected" ? offset : -1);
    return;
  }
  reply.array(3);
  reply.bulk("master");
  reply.integer(offset);
  const replicas = [...core.replication.replicas.all()];
  reply.array(replicas.length);
  for (const [session, replica] of replicas) {
    reply.bulks([
      hostOf(session, replica),
      String(replica.port),
      String(replica.offset),
    ]);
  }
}

function wait(session: Session, [, count, timeout]: string[]): void {
  const { core, reply } = session;
  if (core.role === "slave") {
    throw err(
      "WAIT cannot be used with replica instances. Please also note that since Redis 4.0 if a replica is configured to be writable (which is not the default) writes to replicas are just local and are not propagated.",
    );
  }
  const wanted = parseInteger(count!);
  if (wanted === null) throw notAnInteger();
  const ms = parseWait(timeout!);
  const { replicas } = core.replication;
  const have = replicas.countAt(session.written);
  if (have >= wanted || session.inExec) return reply.integer(have);
  replicas.wait(session, Number(wanted), ms);
}

function parseWait(timeout: string): number {
  const ms = parseInteger(timeout);
  if (ms === null) throw err("timeout is not an integer or out of range");
  if (ms < 0) throw err("timeout is negative");
  return Number(ms);
}

function waitAof(
  session: Session,
  [, local, count, timeout]: string[],
): void {
  const { core } = session;
  const here = toInteger(local!);
  if (here < 0 || here > 1) {
    throw err("value is out of range, value must between 0 and 1");
  }
  const wanted = toRange(
    count!,
    0,
    Number.MAX_SAFE_INTEGER,
    () => err("value is out of range, must be positive"),
  );
  const ms = parseWait(timeout!);
  if (core.role === "slave") {
    throw err(
      "WAITAOF cannot be used with replica instances. Please also note that writes to replicas are just local and are not propagated.",
    );
  }
  if (here > 0 && !core.persistence?.aof.on) {
    throw err(NO_FILE);
  }
  core.replication.replicas.waitAof(session, here, wanted, ms);
}
