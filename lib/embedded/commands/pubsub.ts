/**
 * Commands for publishing and subscribing.
 *
 * @module
 */

import type { CommandSpec, Run, Session } from "./host.ts";
import { REPLICATE } from "../model/effect.ts";
import { err } from "../base/errors.ts";
import { matches } from "../base/glob.ts";
import type { Space } from "../watchers/pubsub.ts";
import { help } from "./help.ts";

const HELP = [
  "CHANNELS [<pattern>]",
  "    Return the currently active channels matching a <pattern> (default: '*').",
  "NUMPAT",
  "    Return number of subscriptions to patterns.",
  "NUMSUB [<channel> ...]",
  "    Return the number of subscribers for the specified channels, excluding",
  "    pattern subscriptions(default: no channels).",
  "SHARDCHANNELS [<pattern>]",
  "    Return the currently active shard level channels matching a <pattern> (default: '*').",
  "SHARDNUMSUB [<shardchannel> ...]",
  "    Return the number of subscribers for the specified shard level channel(s)",
];

/** The commands of this family. */
export const PUBSUB: readonly CommandSpec[] = [
  {
    name: "SUBSCRIBE",
    run: subscribe("channels", "subscribe"),
  },
  {
    name: "UNSUBSCRIBE",
    run: unsubscribe("channels", "unsubscribe"),
  },
  {
    name: "PSUBSCRIBE",
    run: subscribe("patterns", "psubscribe"),
  },
  {
    name: "PUNSUBSCRIBE",
    run: unsubscribe("patterns", "punsubscribe"),
  },
  {
    name: "SSUBSCRIBE",
    run: subscribe("shards", "ssubscribe"),
  },
  {
    name: "SUNSUBSCRIBE",
    run: unsubscribe("shards", "sunsubscribe"),
  },
  {
    name: "PUBLISH",
    run: publish,
  },
  {
    name: "SPUBLISH",
    run: publishToShard,
  },
  {
    name: "PUBSUB",
    subcommands: [
      {
        name: "CHANNELS",
        run: list("channels"),
      },
      {
        name: "HELP",
        run: help("PUBSUB", HELP),
      },
      {
        name: "NUMPAT",
        run: ({ core, reply }) => reply.integer(core.pubsub.patterns.size),
      },
      {
        name: "NUMSUB",
        run: count("channels"),
      },
      {
        name: "SHARDCHANNELS",
        run: list("shards"),
      },
      {
        name: "SHARDNUMSUB",
        run: count("shards"),
      },
    ],
  },
];

function publish({ core, db, reply }: Session, args: string[]): void {
  reply.integer(core.pubsub.publish(args[1]!, args[2]!));
  core.effects.add({ db: db.index, args, to: REPLICATE.replicas });
}

function publishToShard({ core, db, reply }: Session, args: string[]): void {
  reply.integer(core.pubsub.publishToShard(args[1]!, args[2]!));
  core.effects.add({ db: db.index, args, to: REPLICATE.replicas });
}

/** The number of subscriptions that the confirmation for `space` reports. */
function counted(session: Session, space: Space): number {
  return space === "shards" ? session.shards.size : session.subscriptions;
}

function confirm(
  session: Session,
  space: Space,
  word: string,
  name: string | null,
): void {
  const count = counted(session, space);
  session.confirm((reply) => {
    reply.push(3);
    reply.bulk(word);
    reply.bulkOrNull(name);
    reply.integer(count);
  });
}

function subscribe(space: Space, word: string): Run {
  return (session, args) => {
    for (let i = 1; i < args.length; i++) {
      session.core.pubsub.subscribe(session, space, args[i]!);
      confirm(session, space, word, args[i]!);
    }
  };
}

function unsubscribe(space: Space, word: string): Run {
  return (session, args) => {
    const names = args.length > 1 ? args.slice(1) : [...session[space]];
    for (const name of names) {
      session.core.pubsub.unsubscribe(session, space, name);
      confirm(session, space, word, name);
    }
    // There is always a reply.
    if (names.length === 0) confirm(session, space, word, null);
  };
}

function list(space: "channels" | "shards"): Run {
  return ({ core, reply }, args) => {
    if (args.length > 3) {
      throw err(
        `unknown subcommand or wrong number of arguments for '${
          args[1]
        }'. Try PUBSUB HELP.`,
      );
    }
    const pattern = args[2] ?? "*";
    reply.bulks(
      [...core.pubsub[space].keys()].filter((name) => matches(pattern, name)),
    );
  };
}

function count(space: "channels" | "shards"): Run {
  return ({ core, reply }, args) => {
    reply.array((args.length - 2) * 2);
    for (let i = 2; i < args.length; i++) {
      reply.bulk(args[i]!);
      reply.integer(core.pubsub[space].get(args[i]!)?.size ?? 0);
    }
  };
}
